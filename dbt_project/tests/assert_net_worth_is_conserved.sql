-- On its last day, each currency's net worth is what its accounts hold, and nothing is lost between assets and debts.
with last_balances as (
    select
        currency,
        sum(balance) as balance
    from {{ ref('fct_daily_balance') }}
    where balance_date = (select max(latest.balance_date) from {{ ref('fct_daily_balance') }} as latest)
    group by currency
),

net_worth as (
    select
        currency,
        arg_max(net_worth, balance_date) as balance,
        count(*) filter (where net_worth <> assets + debts) as faults
    from {{ ref('fct_net_worth') }}
    where currency is not null
    group by currency
)

select coalesce(last_balances.currency, net_worth.currency) as currency
from last_balances
full join net_worth on last_balances.currency = net_worth.currency
where
    coalesce(last_balances.currency, net_worth.currency) is not null
    and (last_balances.balance is distinct from net_worth.balance or net_worth.faults <> 0)
