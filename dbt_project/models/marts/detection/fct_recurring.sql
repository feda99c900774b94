with series as (select * from {{ ref('int_recurring') }} where origin_age = 0),

merchants as (
    select
        merchant_key,
        merchant
    from {{ ref('dim_merchant') }}
),

accounts as (select * from {{ ref('dim_account') }}),

marks as (select * from {{ ref('stg_reference__recurring_marks') }}),

events as (select * from {{ ref('fct_recurring_events') }}),

steps as (
    select
        series_key,
        cast(count(*) filter (where is_price_step) as integer) as price_steps,
        max(event_date) filter (where is_price_step) as last_step_date,
        arg_max(amount_before, event_date) filter (where is_price_step) as amount_before_step,
        cast(count(*) filter (where event = 'missed') as integer) as missed
    from events
    group by series_key
)

select
    series.series_key,
    series.account_key,
    accounts.account_name,
    series.merchant_key,
    merchants.merchant,
    series.kind,
    series.cadence,
    series.status,
    marks.mark,
    series.currency,
    series.expected_amount,
    series.last_amount,
    steps.amount_before_step,
    cast(
        series.expected_amount * {{ times_a_year("series.period_days", "series.period_months") }} as decimal(19, 4)
    ) as yearly_amount,
    cast(series.occurrences as integer) as occurrences,
    coalesce(steps.missed, 0) as missed,
    coalesce(steps.price_steps, 0) as price_steps,
    series.regular_share as regularity,
    series.is_fixed as is_fixed_amount,
    coalesce(
        marks.mark = 'cancel' and series.last_date > cast(marks.marked_at as date), false
    ) as is_charged_after_cancel,
    series.first_date,
    series.last_date,
    if(series.status = 'ended', null, series.next_date) as next_date,
    steps.last_step_date,
    marks.marked_at
from series
left join merchants on series.merchant_key = merchants.merchant_key
left join accounts on series.account_key = accounts.account_key
left join marks on series.series_key = marks.series_key
left join steps on series.series_key = steps.series_key
order by series.account_key, series.series_key
