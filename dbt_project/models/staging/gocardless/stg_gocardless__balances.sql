-- A table, for many models ask it and landing is far away.
{{ config(materialized='table') }}

with extracts as (
    select
        extracts.extract_id,
        accounts.account_key,
        accounts.currency as account_currency,
        extracts.requested_at,
        extracts.requested_date
    from {{ ref('stg_gocardless__extracts') }} as extracts
    inner join {{ ref('stg_gocardless__accounts') }} as accounts on extracts.account_id = accounts.account_id
    where extracts.is_good
),

habits as (select * from {{ ref('stg_gocardless__habits') }}),

reported as (
    select
        extracts.account_key,
        balances.extract_id,
        'endpoint' as balance_source,
        balances.balance_type,
        coalesce(nullif(trim(balances.balance_currency), ''), extracts.account_currency) as currency,
        -- Such a card tells of what is owed in two parts: the bill, as a debt above zero, and what is not on it yet.
        case
            when habits.is_flipped and lower(balances.balance_type) = 'expected'
                then cast(
                    coalesce(
                        max({{ money('balances.balance_amount') }})
                        filter (where lower(balances.balance_type) = 'noninvoiced')
                            over (partition by balances.extract_id),
                        0
                    ) - {{ money('balances.balance_amount') }} as varchar
                )
            else balances.balance_amount
        end as balance_amount,
        try_cast(balances.reference_date as date) as reference_date,
        extracts.requested_date,
        extracts.requested_at
    from {{ source('landing', 'balances') }} as balances
    inner join extracts on balances.extract_id = extracts.extract_id
    left join habits on balances.extract_id = habits.extract_id
    qualify row_number() over (partition by balances.extract_id, balances.entry_index order by balances.extract_id) = 1
),

-- Few banks tell a balance with an entry: the answers of the others are not put in order.
telling as (
    select distinct extract_id
    from {{ source('landing', 'transactions') }}
    where balance_after_transaction_amount is not null
),

entries as (
    select
        extract_id,
        balance_after_transaction_type as balance_type,
        coalesce(
            nullif(trim(balance_after_transaction_currency), ''), nullif(trim(transaction_currency), '')
        ) as currency,
        balance_after_transaction_amount as balance_amount,
        {{ entry_day() }} as reference_date,
        try_cast(entry_index as integer) as entry_index
    from {{ source('landing', 'transactions') }}
    where booking_status = 'booked' and extract_id in (select telling.extract_id from telling)
),

-- Banks answer newest first or oldest first: the dates of the first and last entry tell which.
orders as (
    select
        extract_id,
        arg_max(reference_date, entry_index) > arg_min(reference_date, entry_index) as is_oldest_first
    from entries
    group by extract_id
),

-- What the last entry of a day left.
last_entries as (
    select
        entries.extract_id,
        entries.reference_date,
        entries.currency,
        arg_min(
            { 'type': entries.balance_type, 'amount': entries.balance_amount },
            if(orders.is_oldest_first, -entries.entry_index, entries.entry_index)
        ) as balance
    from entries
    inner join orders on entries.extract_id = orders.extract_id
    group by entries.extract_id, entries.reference_date, entries.currency
),

after_entries as (
    select
        owners.account_key,
        last_entries.extract_id,
        'entry' as balance_source,
        last_entries.balance['type'] as balance_type,
        coalesce(last_entries.currency, extracts.account_currency) as currency,
        last_entries.balance['amount'] as balance_amount,
        last_entries.reference_date,
        extracts.requested_date,
        extracts.requested_at
    from last_entries
    inner join {{ ref('stg_gocardless__account_days') }} as owners
        on last_entries.extract_id = owners.extract_id and last_entries.reference_date = owners.booking_date
    inner join extracts on last_entries.extract_id = extracts.extract_id
),

both_sources as (
    select * from reported
    union all
    select * from after_entries
    where balance_amount is not null and coalesce(lower(balance_type), '') in ('', 'interimbooked', 'closingbooked')
),

typed as (
    select
        account_key,
        extract_id,
        balance_source,
        balance_type,
        currency,
        {{ money('balance_amount') }} as amount,
        reference_date,
        requested_date,
        requested_at
    from both_sources
)

select * from typed
