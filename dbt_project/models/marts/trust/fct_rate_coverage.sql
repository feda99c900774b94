select
    currency,
    base_currency,
    cast(count(*) as integer) as transactions,
    cast(count(*) filter (where rate is null) as integer) as unconverted,
    min(booking_date) filter (where rate is null) as first_unconverted_date,
    max(booking_date) filter (where rate is null) as last_unconverted_date,
    max(rate_date) as last_rate_date,
    cast(coalesce(max(booking_date - rate_date), 0) as integer) as oldest_rate_days
from {{ ref('fct_transactions') }}
group by currency, base_currency
