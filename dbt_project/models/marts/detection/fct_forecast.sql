with forecasts as (select * from {{ ref('int_forecast') }} where origin_age = 0),

accounts as (select * from {{ ref('dim_account') }})

select
    forecasts.account_key,
    accounts.account_name,
    forecasts.currency,
    forecasts.balance,
    forecasts.low_50,
    forecasts.high_50,
    forecasts.low_90,
    forecasts.high_90,
    forecasts.due_amount,
    forecasts.days_ahead,
    forecasts.origin_date,
    forecasts.balance_date
from forecasts
left join accounts on forecasts.account_key = accounts.account_key
order by forecasts.account_key, forecasts.currency, forecasts.balance_date
