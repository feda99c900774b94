select
    account_key,
    account_name,
    merchant,
    category,
    category_group,
    category_kind,
    currency,
    cast(sum(amount) as decimal(38, 4)) as amount,
    count(*) as transactions,
    booking_date,
    booking_month
from {{ ref('fct_transaction_parts') }}
group by all
order by booking_date, account_key, category, merchant
