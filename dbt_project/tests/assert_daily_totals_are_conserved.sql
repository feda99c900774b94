-- What days come to is what their transactions come to: per account, currency and day.
with single as (
    select
        account_key,
        currency,
        booking_date,
        sum(amount) as amount,
        count(*) as transactions
    from {{ ref('fct_transactions') }}
    group by all
),

totals as (
    select
        account_key,
        currency,
        booking_date,
        sum(amount) as amount,
        sum(transactions) as transactions
    from {{ ref('fct_daily_totals') }}
    group by all
)

select
    coalesce(single.account_key, totals.account_key) as account_key,
    coalesce(single.booking_date, totals.booking_date) as booking_date
from single
full join totals
    on
        single.account_key = totals.account_key
        and single.currency = totals.currency
        and single.booking_date = totals.booking_date
where
    single.amount is distinct from totals.amount
    or single.transactions is distinct from totals.transactions
