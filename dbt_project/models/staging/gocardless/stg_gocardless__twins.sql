-- A table, for transactions and their versions both ask it and landing is far away.
{{ config(materialized='table') }}

with extracts as (
    select
        extracts.extract_id,
        accounts.account_key,
        extracts.requested_at
    from {{ ref('stg_gocardless__extracts') }} as extracts
    inner join {{ ref('stg_gocardless__accounts') }} as accounts on extracts.account_id = accounts.account_id
    where extracts.endpoint = 'transactions' and extracts.is_good
),

booked as not materialized (
    select
        entries.*,
        extracts.account_key,
        extracts.requested_at,
        {{ money('entries.transaction_amount') }} as amount,
        {{ entry_day() }} as booking_day,
        coalesce(try_cast(value_date as date), try_cast(left(value_date_time, 10) as date)) as value_day
    from {{ ref('stg_gocardless__entries') }} as entries
    inner join extracts on entries.extract_id = extracts.extract_id
    where entries.booking_status = 'booked'
),

-- The same money, told in other words: texts are slow to read, and few entries have a twin.
likely as (
    select hash(account_key, booking_day, value_day, amount, transaction_currency) as money
    from booked
    group by money
    having min(hash({{ entry_texts() }})) < max(hash({{ entry_texts() }}))
),

texts as (
    select
        account_key,
        {{ entry_counterparty() }} as counterparty,
        {{ entry_description() }} as description,
        transaction_currency as currency,
        amount,
        booking_day as booking_date,
        value_day as value_date,
        min(requested_at) as first_seen_at
    from booked
    where
        booking_day is not null
        and hash(account_key, booking_day, value_day, amount, transaction_currency) in (
            select likely.money from likely
        )
    group by all
)

select * from texts
qualify count(*) over (partition by account_key, booking_date, value_date, amount, currency) > 1
