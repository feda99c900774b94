with known as ({{ from_every_provider('account_days') }}),

bounds as (
    select
        date_trunc('year', min(booking_date)) as first_date,
        date_trunc('year', max(booking_date)) + interval 2 year - interval 1 day as last_date
    from known
),

days as (
    select cast(unnest(generate_series(first_date, last_date, interval 1 day)) as date) as calendar_date
    from bounds
)

select
    calendar_date,
    cast(date_trunc('week', calendar_date) as date) as week_start_date,
    cast(date_trunc('month', calendar_date) as date) as month_start_date,
    last_day(calendar_date) as month_end_date,
    cast(date_trunc('quarter', calendar_date) as date) as quarter_start_date,
    cast(extract('year' from calendar_date) as integer) as calendar_year,
    cast(extract('quarter' from calendar_date) as integer) as calendar_quarter,
    cast(extract('month' from calendar_date) as integer) as calendar_month,
    cast(extract('day' from calendar_date) as integer) as day_of_month,
    cast(extract('isodow' from calendar_date) as integer) as day_of_week,
    cast(extract('isoyear' from calendar_date) as integer) as iso_year,
    cast(extract('week' from calendar_date) as integer) as iso_week,
    dayname(calendar_date) as day_name,
    monthname(calendar_date) as month_name,
    extract('isodow' from calendar_date) > 5 as is_weekend,
    calendar_date = last_day(calendar_date) as is_month_end
from days
order by calendar_date
