with forecasts as (select * from {{ ref('int_forecast') }} where origin_age > 0 and days_ahead <= origin_age),

balances as (select * from {{ ref('fct_daily_balance') }} where account_key is not null),

-- The naive forecast: each coming month moves as the last one did.
places as (
    select
        *,
        datesub('month', origin_date, balance_date) as months,
        cast(origin_date - interval 1 month as date) as month_before,
        cast(
            balance_date - to_months(cast(datesub('month', origin_date, balance_date) + 1 as integer)) as date
        ) as same_day_before
    from forecasts
)

select
    places.account_key,
    places.currency,
    places.origin_age,
    places.days_ahead,
    places.balance as forecast_balance,
    balances.balance as actual_balance,
    places.balance - balances.balance as error,
    cast(
        places.opening
        + places.months * (places.opening - month_before.balance)
        + (same_day_before.balance - month_before.balance) as decimal(19, 4)
    ) as naive_balance,
    cast(
        places.opening
        + places.months * (places.opening - month_before.balance)
        + (same_day_before.balance - month_before.balance)
        - balances.balance as decimal(19, 4)
    ) as naive_error,
    balances.balance between places.low_50 and places.high_50 as is_within_50,
    balances.balance between places.low_90 and places.high_90 as is_within_90,
    places.origin_date,
    places.balance_date
from places
inner join balances
    on
        places.account_key = balances.account_key
        and places.currency = balances.currency
        and places.balance_date = balances.balance_date
left join balances as month_before
    on
        places.account_key = month_before.account_key
        and places.currency = month_before.currency
        and places.month_before = month_before.balance_date
left join balances as same_day_before
    on
        places.account_key = same_day_before.account_key
        and places.currency = same_day_before.currency
        and places.same_day_before = same_day_before.balance_date
order by places.account_key, places.currency, places.origin_age, places.days_ahead
