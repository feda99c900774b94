-- Of each account the days from which its future is told: the newest one that its bank has told of, and earlier ones.
with covered as (
    select
        account_key,
        max(booking_date) as last_day,
        min(booking_date) as first_day
    from ({{ from_every_provider('account_days') }}) as account_days
    group by account_key
),

ages as (select unnest({{ forecast_ages() }}) as age)

select
    account_key,
    ages.age as origin_age,
    first_day,
    last_day,
    last_day - ages.age as origin_date
from covered
cross join ages
where last_day - ages.age > first_day
