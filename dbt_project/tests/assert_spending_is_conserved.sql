-- The monthly figures hold every transaction of a spending category, and none twice.
with spending as (
    select
        currency,
        -sum(amount) as spent
    from {{ ref('fct_transaction_parts') }}
    where category_kind = 'spending'
    group by currency
),

published as (
    select
        currency,
        sum(spent) as spent
    from {{ ref('fct_monthly_spending') }}
    group by currency
)

select coalesce(spending.currency, published.currency) as currency
from spending
full join published on spending.currency = published.currency
where spending.spent is distinct from published.spent
