with habits as (select * from {{ ref('stg_gocardless__habits') }}),

mirrored as (select * from {{ ref('stg_gocardless__mirrored') }}),

incomplete as (select * from {{ ref('stg_gocardless__incomplete') }}),

told as (
    select
        entries.*,
        habits.account_currency,
        incomplete.currency as known_currency,
        habits.is_flipped,
        habits.is_unsigned_pending
        and entries.booking_status = 'pending'
        and not starts_with(entries.transaction_amount, '-')
        and starts_with(entries.remittance_information_unstructured, 'ΑΓΟΡΑ ') as lacks_minus,
        case
            when habits.is_billed_in_text
                then nullif(
                    regexp_extract(
                        entries.remittance_information_unstructured,
                        '^billingAmount: *([-+]?[0-9]+([.][0-9]+)?)',
                        1
                    ),
                    ''
                )
        end as billed_amount
    from {{ source('landing', 'transactions') }} as entries
    left join habits on entries.extract_id = habits.extract_id
    left join mirrored
        on
            entries.extract_id = mirrored.extract_id
            and entries.entry_index = mirrored.entry_index
            and entries.booking_status = 'booked'
    left join incomplete
        on
            entries.extract_id = incomplete.extract_id
            and entries.entry_index = incomplete.entry_index
            and entries.booking_status = incomplete.booking_status
    where mirrored.extract_id is null and incomplete.fault is null
)

select
    * exclude (account_currency, known_currency, is_flipped, lacks_minus, billed_amount) replace (
        case
            when billed_amount is not null then billed_amount
            when (is_flipped or lacks_minus) and starts_with(transaction_amount, '-') then substr(transaction_amount, 2)
            when is_flipped or lacks_minus then '-' || ltrim(transaction_amount, '+')
            else transaction_amount
        end as transaction_amount,
        case
            when billed_amount is not null then coalesce(account_currency, transaction_currency)
            else coalesce(known_currency, transaction_currency)
        end as transaction_currency,
        -- The foreign price stays known as what was ordered.
        case
            when billed_amount is not null and currency_exchange is null
                then cast(
                    json_object(
                        'instructedAmount', json_object('amount', transaction_amount, 'currency', transaction_currency)
                    ) as varchar
                )
            else currency_exchange
        end as currency_exchange
    )
from told
