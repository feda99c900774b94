-- As far as any forecast looks: 100 days after the origin.
with series as (select * from {{ ref('int_recurring') }} where status = 'active'),

steps as (
    select
        *,
        unnest(
            range(
                1,
                greatest(2, cast(ceil((origin_date - last_date + 100) / cast(period_days as double)) as bigint) + 1)
            )
        ) as step
    from series
),

dated as (
    select
        *,
        case
            when period_months = 0 then last_date + cast(step * period_days as integer)
            else {{ day_of_month("last_month + to_months(cast(step * period_months as integer))", "due_day") }}
        end as nominal_date
    from steps
)

select
    origin_age,
    series_key,
    account_key,
    currency,
    kind,
    step,
    expected_amount,
    tolerance_days,
    origin_date,
    {{ rolled('nominal_date', 'roll') }} as due_date
from dated
