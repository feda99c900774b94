-- A table, for many models ask it and landing is far away.
{{ config(materialized='table') }}

-- Wide and many: read as a stream, not kept.
with booked as not materialized (
    select
        *,
        {{ entry_day() }} as entry_date
    from {{ ref('stg_gocardless__entries') }}
    where booking_status = 'booked'
),

-- The days that an answer owns, as runs from a first to a last day: few rows, so that entries stream past them.
numbered_days as (
    select
        *,
        row_number() over (partition by extract_id order by booking_date) as place
    from {{ ref('stg_gocardless__account_days') }}
),

owners as (
    select
        account_key,
        hash(account_key) as account,
        extract_id,
        min(booking_date) as first_date,
        max(booking_date) as last_date
    from numbered_days
    group by account_key, extract_id, booking_date - cast(place as integer)
),

twins as (select * from {{ ref('stg_gocardless__twins') }}),

owned as not materialized (
    select
        owners.account_key,
        owners.account,
        coalesce(twins.twin, 1) as twin,
        coalesce(twins.is_landed_twice, false) as is_landed_twice,
        booked.*
    from booked
    inner join owners
        on
            booked.extract_id = owners.extract_id
            and booked.entry_date between owners.first_date and owners.last_date
    left join twins
        on booked.extract_id = twins.extract_id and booked.entry_index = twins.entry_index
),

settled as (
    select * from owned
    where not is_landed_twice
    union all
    select * from owned
    where is_landed_twice
    qualify row_number() over (partition by extract_id, entry_index order by extract_id) = 1
),

renamed as (
    select
        account_key,
        account,
        extract_id,
        transaction_id,
        internal_transaction_id,
        transaction_amount,
        {{ entry_counterparty() }} as counterparty,
        {{ entry_counterparty_iban() }} as counterparty_iban,
        {{ entry_counterparty_account() }} as counterparty_account,
        {{ entry_description() }} as description,
        coalesce(bank_transaction_code, proprietary_bank_transaction_code) as bank_transaction_code,
        purpose_code,
        merchant_category_code,
        {{ exchange_field('instructedAmount.currency') }} as instructed_currency,
        transaction_currency as currency,
        abs({{ money(exchange_field('instructedAmount.amount')) }}) as instructed_amount,
        {{ money('transaction_amount') }} as amount,
        entry_date as booking_date,
        {{ entry_value_day() }} as value_date,
        twin
    from settled
),

keyed as (
    select
        {{ transaction_key() }} as transaction_key,
        {{ entry_number() }} as entry,
        account_key,
        extract_id,
        transaction_id,
        internal_transaction_id,
        counterparty,
        counterparty_iban,
        counterparty_account,
        description,
        {{ wording_key() }} as wording_key,
        bank_transaction_code,
        purpose_code,
        merchant_category_code,
        transaction_amount,
        instructed_currency,
        instructed_amount,
        currency,
        amount,
        booking_date,
        value_date,
        {{ transaction_day() }} as transaction_date
    from renamed
)

select * from keyed
