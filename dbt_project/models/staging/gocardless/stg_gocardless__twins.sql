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

booked as (
    select
        *,
        {{ entry_day() }} as booking_day,
        coalesce(try_cast(value_date as date), try_cast(left(value_date_time, 10) as date)) as value_day
    from {{ ref('stg_gocardless__entries') }}
    where booking_status = 'booked'
),

texts as (
    select
        extracts.account_key,
        {{ entry_counterparty() }} as counterparty,
        {{ entry_description() }} as description,
        booked.transaction_currency as currency,
        {{ money('booked.transaction_amount') }} as amount,
        booked.booking_day as booking_date,
        booked.value_day as value_date,
        min(extracts.requested_at) as first_seen_at
    from booked
    inner join extracts on booked.extract_id = extracts.extract_id
    where booked.booking_day is not null
    group by all
)

select * from texts
qualify count(*) over (partition by account_key, booking_date, value_date, amount, currency) > 1
