-- What days come to is what the parts of their transactions come to: per account, currency, day and category.
with both_sides as (
    select
        account_key,
        currency,
        booking_date,
        category,
        amount,
        1 as transactions
    from {{ ref('fct_transaction_parts') }}
    union all
    select
        account_key,
        currency,
        booking_date,
        category,
        -amount as amount,
        -transactions as transactions
    from {{ ref('fct_daily_totals') }}
)

select
    account_key,
    currency,
    booking_date,
    category
from both_sides
group by all
having
    sum(amount) is distinct from 0
    or sum(transactions) is distinct from 0
    -- Nothing is on one side alone, not even what comes to nothing.
    or max(transactions) <= 0
    or min(transactions) >= 0
    or account_key is null or currency is null or booking_date is null or category is null
