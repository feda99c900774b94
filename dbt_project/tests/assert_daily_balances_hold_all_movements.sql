-- What was settled on an account that has balances is what its days moved by, month by month; and nothing else is.
with balances as (
    select
        account_key,
        currency,
        cast(date_trunc('month', balance_date) as date) as booking_month,
        sum(movement) as amount,
        sum(entries) as entries
    from {{ ref('fct_daily_balance') }}
    where not is_manual
    group by all
),

staged as (
    select * from ({{ settled_by_month() }}) as settled
    where (account_key, currency) in (select (balances.account_key, balances.currency) from balances)
)

select
    coalesce(staged.account_key, balances.account_key) as account_key,
    coalesce(staged.currency, balances.currency) as currency,
    coalesce(staged.booking_month, balances.booking_month) as booking_month
from staged
full join balances
    on
        staged.account_key = balances.account_key
        and staged.currency = balances.currency
        and staged.booking_month = balances.booking_month
where
    coalesce(staged.amount, 0) <> coalesce(balances.amount, 0)
    or coalesce(staged.entries, 0) <> coalesce(balances.entries, 0)
