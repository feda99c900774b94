select
    booking_month,
    currency,
    category_group,
    category,
    merchant,
    base_currency,
    cast(-sum(amount) as decimal(38, 4)) as spent,
    {{ sum_in_base('-base_amount') }} as base_spent,
    count(*) as transactions
from {{ ref('fct_transaction_parts') }}
where category_kind = 'spending'
group by all
order by all
