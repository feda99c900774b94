-- A table, for transactions and their versions both ask it and landing is far away.
{{ config(materialized='table') }}

with extracts as (
    select
        extracts.extract_id,
        extracts.answer,
        hash(accounts.account_key) as account,
        extracts.requested_at
    from {{ ref('stg_gocardless__extracts') }} as extracts
    inner join {{ ref('stg_gocardless__accounts') }} as accounts on extracts.account_id = accounts.account_id
    where extracts.endpoint = 'transactions' and extracts.is_good
),

typed as not materialized (
    select
        entries.*,
        extracts.account,
        extracts.answer,
        extracts.requested_at,
        {{ money('entries.transaction_amount') }} as amount,
        {{ entry_day() }} as booking_day,
        {{ entry_value_day() }} as value_day
    from {{ ref('stg_gocardless__entries') }} as entries
    inner join extracts on entries.extract_id = extracts.extract_id
    where entries.booking_status = 'booked'
),

booked as not materialized (
    select
        *,
        hash(account, booking_day, value_day, amount, transaction_currency) as movement
    from typed
),

-- What an answer tells more than once: texts are slow to read, and few entries have a twin.
repeated as (
    select distinct movement
    from (
        select
            answer,
            movement
        from booked
        group by answer, movement
        having count(*) > 1
    ) as repeated_in_answers
),

-- All that any answer tells of these, for a text's place among equals is that of its first sight.
sightings as (
    select
        account,
        extract_id,
        entry_index,
        {{ entry_counterparty() }} as counterparty,
        {{ entry_description() }} as description,
        transaction_currency as currency,
        amount,
        booking_day as booking_date,
        value_day as value_date,
        requested_at
    from booked
    where booking_day is not null and movement in (select repeated.movement from repeated)
),

dated as (
    select
        *,
        min(requested_at) over (
            partition by account, booking_date, value_date, amount, currency, counterparty, description
        ) as first_seen_at
    from sightings
),

once_each as (
    select
        *,
        count(*) over (partition by extract_id, entry_index) > 1 as is_landed_twice
    from dated
    qualify row_number() over (partition by extract_id, entry_index order by counterparty, description) = 1
),

-- Equals are numbered in the order in which their texts were first seen, so that one that comes later takes no other's
-- number, nor does a bank's change of order.
numbered as (
    select
        extract_id,
        entry_index,
        row_number() over (
            partition by extract_id, booking_date, value_date, amount, currency
            order by first_seen_at, counterparty, description, try_cast(entry_index as integer)
        ) as twin,
        is_landed_twice
    from once_each
    qualify is_landed_twice or count(*) over (partition by extract_id, booking_date, value_date, amount, currency) > 1
)

select * from numbered
