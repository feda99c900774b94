-- The monthly figures hold every part of a spending category and none twice: per month, currency and category, natively
-- and in the base currency.
with spending as (
    select
        booking_month,
        currency,
        category,
        -sum(amount) as spent,
        case when count(*) = count(base_amount) then -sum(base_amount) end as base_spent,
        count(*) as transactions
    from {{ ref('fct_transaction_parts') }}
    where category_kind = 'spending'
    group by all
),

published as (
    select
        booking_month,
        currency,
        category,
        sum(spent) as spent,
        case when count(*) = count(base_spent) then sum(base_spent) end as base_spent,
        sum(transactions) as transactions
    from {{ ref('fct_monthly_spending') }}
    group by all
)

select
    coalesce(spending.booking_month, published.booking_month) as booking_month,
    coalesce(spending.currency, published.currency) as currency,
    coalesce(spending.category, published.category) as category
from spending
full join published
    on
        spending.booking_month = published.booking_month
        and spending.currency = published.currency
        and spending.category = published.category
where
    spending.spent is distinct from published.spent
    or spending.base_spent is distinct from published.base_spent
    or spending.transactions is distinct from published.transactions
