-- Of each account, currency and month, what the edges move to or from the balance is the change of the balance, but for
-- what no entry explains; and as much comes to the account as goes from it.
with edges as (
    select
        account_key,
        currency,
        booking_month,
        sum(case when target = 'Accounts' then amount when source = 'Accounts' then -amount else 0 end) as unbalanced,
        sum(case when target = 'To balances' then amount when source = 'From balances' then -amount else 0 end) as amount
    from {{ ref('fct_cash_flow_edges') }}
    where account_key is not null
    group by all
),

days as (
    select
        *,
        -- The first day known of an account begins with what it held before its entries.
        coalesce(lag(balance) over account_days, balance - movement) as balance_before
    from {{ ref('fct_daily_balance') }}
    where account_key is not null and not is_manual
    window account_days as (partition by account_key, currency order by balance_date)
),

changes as (
    select
        account_key,
        currency,
        cast(date_trunc('month', balance_date) as date) as booking_month,
        arg_max(balance, balance_date) - arg_min(balance_before, balance_date) as change,
        sum(unexplained) as unexplained
    from days
    group by all
)

select
    coalesce(changes.account_key, edges.account_key) as account_key,
    coalesce(changes.currency, edges.currency) as currency,
    coalesce(changes.booking_month, edges.booking_month) as booking_month
from changes
full join edges
    on
        changes.account_key = edges.account_key
        and changes.currency = edges.currency
        and changes.booking_month = edges.booking_month
where
    edges.unbalanced <> 0
    or (
        coalesce(changes.change - changes.unexplained, 0) <> coalesce(edges.amount, 0)
        -- Of an account without any balance nothing is known but what moved.
        and exists (
            select 1 from days
            where
                days.account_key = coalesce(changes.account_key, edges.account_key)
                and days.currency = coalesce(changes.currency, edges.currency)
        )
    )
