-- What days come to is what the parts of their transactions come to: per account, currency, day and category.
with single as (
    select
        account_key,
        currency,
        booking_date,
        category,
        sum(amount) as amount,
        count(*) as transactions
    from {{ ref('fct_transaction_parts') }}
    group by all
),

totals as (
    select
        account_key,
        currency,
        booking_date,
        category,
        sum(amount) as amount,
        sum(transactions) as transactions
    from {{ ref('fct_daily_totals') }}
    group by all
)

select
    coalesce(single.account_key, totals.account_key) as account_key,
    coalesce(single.booking_date, totals.booking_date) as booking_date,
    coalesce(single.category, totals.category) as category
from single
full join totals
    on
        single.account_key = totals.account_key
        and single.currency = totals.currency
        and single.booking_date = totals.booking_date
        and single.category = totals.category
where
    single.amount is distinct from totals.amount
    or single.transactions is distinct from totals.transactions
