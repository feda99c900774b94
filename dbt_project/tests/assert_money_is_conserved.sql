-- What was settled is what the mart holds, to the last farthing: per account, currency and month.
with staged as (
    select
        account_key,
        currency,
        cast(date_trunc('month', booking_date) as date) as booking_month,
        sum(amount) as amount,
        count(*) as entries
    from ({{ from_every_provider('transactions') }}) as settled
    group by all
),

published as (
    select
        account_key,
        currency,
        booking_month,
        sum(amount) as amount,
        count(*) as entries
    from {{ ref('fct_transactions') }}
    group by all
)

select
    coalesce(staged.account_key, published.account_key) as account_key,
    coalesce(staged.booking_month, published.booking_month) as booking_month
from staged
full join published
    on
        staged.account_key = published.account_key
        and staged.currency = published.currency
        and staged.booking_month = published.booking_month
where
    staged.amount is distinct from published.amount
    or staged.entries is distinct from published.entries
