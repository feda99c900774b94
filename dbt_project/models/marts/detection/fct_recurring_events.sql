with series as (select * from {{ ref('int_recurring') }} where origin_age = 0),

occurrences as (
    select
        *,
        lag(amount) over (partition by series_key order by booking_date) as amount_before,
        lag(booking_date) over (partition by series_key order by booking_date) as date_before
    from {{ ref('int_recurring_occurrences') }}
    where origin_age = 0
),

paid as (
    select
        occurrences.series_key,
        'paid' as event,
        occurrences.transaction_keys,
        occurrences.amount,
        occurrences.amount_before,
        series.is_fixed and occurrences.amount <> occurrences.amount_before as is_price_step,
        occurrences.booking_date as event_date
    from occurrences
    inner join series on occurrences.series_key = series.series_key
),

-- Left out between two that came.
skipped as (
    select
        occurrences.series_key,
        occurrences.amount_before as amount,
        occurrences.date_before,
        series.period_days,
        series.period_months,
        series.due_day,
        unnest(
            range(
                1,
                cast(
                    round((occurrences.booking_date - occurrences.date_before) / cast(series.period_days as double))
                    as bigint
                )
            )
        ) as step
    from occurrences
    inner join series on occurrences.series_key = series.series_key
    where occurrences.booking_date - occurrences.date_before > 1.5 * series.period_days
),

missed as (
    select
        series_key,
        amount,
        case
            when period_months = 0 then date_before + cast(step * period_days as integer)
            else
                {{ day_of_month(
                    "date_trunc('month', date_before) + to_months(cast(step * period_months as integer))", "due_day"
                ) }}
        end as event_date
    from skipped
    union all
    select
        series_key,
        expected_amount as amount,
        next_date as event_date
    from series
    where status <> 'active'
),

due as (
    select
        series_key,
        expected_amount as amount,
        due_date as event_date
    from {{ ref('int_recurring_due') }}
    where origin_age = 0
),

events as (
    select * from paid
    union all by name
    select
        series_key,
        'missed' as event,
        amount,
        event_date
    from missed
    union all by name
    select
        series_key,
        'due' as event,
        amount,
        event_date
    from due
)

select
    md5(concat_ws('|', events.series_key, events.event, events.event_date)) as event_key,
    events.series_key,
    series.account_key,
    events.event,
    events.transaction_keys,
    series.currency,
    cast(events.amount as decimal(19, 4)) as amount,
    cast(events.amount_before as decimal(19, 4)) as amount_before,
    coalesce(events.is_price_step, false) as is_price_step,
    events.event_date
from events
inner join series on events.series_key = series.series_key
order by events.series_key, events.event_date
