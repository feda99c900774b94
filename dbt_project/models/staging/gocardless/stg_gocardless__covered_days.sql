-- A table, for many models ask it and landing is far away.
{{ config(materialized='table') }}

with asked as (
    select
        *,
        min(requested_at) over (partition by account_id, consent_given_at) as first_requested_at
    from {{ ref('stg_gocardless__extracts') }}
    where endpoint = 'transactions'
),

-- A long history is told again as it was when it was first asked for: what came since knows better. Accounts are
-- numbered as answers are: numbers are quick to sort and to join.
extracts as (
    select
        asked.extract_id,
        asked.answer,
        accounts.account_key,
        asked.consent_is_history,
        asked.date_from,
        asked.date_to,
        dense_rank() over (order by accounts.account_key) as account,
        case when asked.consent_is_history then asked.first_requested_at else asked.requested_at end as requested_at
    from asked
    inner join {{ ref('stg_gocardless__accounts') }} as accounts on asked.account_id = accounts.account_id
    where asked.is_good
),

entry_days as (
    select
        extract_id,
        {{ entry_day() }} as booking_date,
        -- A run that was finished by a later one can have left the same entry in two files.
        count(distinct entry_index) as entries
    from {{ source('landing', 'transactions') }}
    where booking_status = 'booked'
    group by all
),

bounds as (
    select
        extract_id,
        min(booking_date) as first_date,
        max(booking_date) as last_date
    from entry_days
    group by extract_id
),

-- It covers no day after it was told, and after its last entry.
told as (
    select
        extracts.extract_id,
        extracts.account_key,
        extracts.answer,
        extracts.account,
        extracts.date_from,
        extracts.requested_at,
        bounds.first_date,
        case
            when extracts.consent_is_history
                then least(extracts.date_to, greatest(cast(extracts.requested_at as date), bounds.last_date))
            else extracts.date_to
        end as date_to
    from extracts
    left join bounds on extracts.extract_id = bounds.extract_id
),

-- Banks do not keep the promise of more than 90 days: such an answer covers no day before those and its first entry.
windows as (
    select
        extract_id,
        account_key,
        answer,
        account,
        date_to,
        requested_at,
        greatest(coalesce(date_from, first_date), least(first_date, date_to - 90)) as date_from
    from told
),

days as (
    select
        answer,
        account,
        requested_at,
        cast(unnest(generate_series(date_from, date_to, interval 1 day)) as date) as booking_date
    from windows
),

told_days as (
    select
        windows.answer,
        entry_days.booking_date,
        entry_days.entries
    from entry_days
    inner join windows on entry_days.extract_id = windows.extract_id
),

counted as (
    select
        days.answer,
        days.account,
        days.requested_at,
        days.booking_date,
        coalesce(told_days.entries, 0) as entries
    from days
    left join told_days on days.answer = told_days.answer and days.booking_date = told_days.booking_date
),

compared as (
    select
        answer,
        booking_date,
        entries,
        -- The most that any earlier answer had, so that a long outage cannot confirm itself. Of one moment, as when
        -- two links of an account are asked by one run, the fuller counts as the earlier.
        max(entries) over (
            partition by account, booking_date
            order by requested_at asc, entries desc, answer asc
            rows between unbounded preceding and 1 preceding
        ) as entries_before
    from counted
),

-- One entry alone may be withdrawn; that nothing at all is left is taken for an outage.
judged as (
    select
        answer,
        2 * entries_now < entries_then and (entries_then - entries_now > 1 or all_entries = 0) as is_shrunk
    from (
        select
            answer,
            sum(entries) as all_entries,
            coalesce(sum(entries) filter (where entries_before is not null), 0) as entries_now,
            coalesce(sum(entries_before), 0) as entries_then
        from compared
        group by answer
    ) as totals
)

select
    windows.extract_id,
    windows.account_key,
    compared.entries,
    judged.is_shrunk,
    compared.booking_date,
    windows.requested_at
from compared
inner join windows on compared.answer = windows.answer
inner join judged on compared.answer = judged.answer
