-- Per currency and month, what was booked is what the cash flow claims, and what its edges move the balances by.
with staged as (
    select
        currency,
        cast(date_trunc('month', booking_date) as date) as booking_month,
        sum(amount) as amount
    from ({{ from_every_provider('transactions') }}) as settled
    group by all
),

claimed as (
    select
        currency,
        booking_month,
        saved + transfers as amount
    from {{ ref('fct_cash_flow') }}
    where not is_converted
),

moved as (
    select
        currency,
        booking_month,
        sum(case when target = 'Accounts' then amount when source = 'Accounts' then -amount else 0 end) as unbalanced,
        sum(case when target = 'To balances' then amount when source = 'From balances' then -amount else 0 end) as amount
    from {{ ref('fct_cash_flow_edges') }}
    group by all
)

select
    coalesce(staged.currency, claimed.currency, moved.currency) as currency,
    coalesce(staged.booking_month, claimed.booking_month, moved.booking_month) as booking_month
from staged
full join claimed on staged.currency = claimed.currency and staged.booking_month = claimed.booking_month
full join moved
    on
        coalesce(staged.currency, claimed.currency) = moved.currency
        and coalesce(staged.booking_month, claimed.booking_month) = moved.booking_month
where
    coalesce(staged.currency, claimed.currency, moved.currency) is not null
    and (
        coalesce(staged.amount, 0) is distinct from coalesce(claimed.amount, 0)
        or coalesce(staged.amount, 0) is distinct from coalesce(moved.amount, 0)
        or moved.unbalanced <> 0
    )
