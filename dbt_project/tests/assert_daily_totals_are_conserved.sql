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
having sum(amount) <> 0 or sum(transactions) <> 0
