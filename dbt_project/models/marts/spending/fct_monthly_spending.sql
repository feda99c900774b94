select
    booking_month,
    currency,
    category_group,
    category,
    merchant,
    cast(-sum(amount) as decimal(38, 4)) as spent,
    count(*) as transactions
from {{ ref('fct_transactions') }}
where category_kind = 'spending' and not is_own_transfer
group by all
order by all
