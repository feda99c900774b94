with balances as (select * from {{ ref('fct_daily_balance') }}),

known as (
    select
        currency,
        count(distinct account_key) as accounts
    from balances
    group by currency
)

select
    balances.currency,
    any_value(balances.base_currency) as base_currency,
    cast(sum(balances.balance) as decimal(38, 4)) as net_worth,
    cast(coalesce(sum(balances.balance) filter (where balances.balance > 0), 0) as decimal(38, 4)) as assets,
    cast(coalesce(sum(balances.balance) filter (where balances.balance < 0), 0) as decimal(38, 4)) as debts,
    {{ sum_in_base('balances.base_balance') }} as base_net_worth,
    -- By a case, since greatest and least pass over null, and what has no rate would be nothing.
    {{ sum_in_base('case when balances.base_balance < 0 then 0 else balances.base_balance end') }} as base_assets,
    {{ sum_in_base('case when balances.base_balance > 0 then 0 else balances.base_balance end') }} as base_debts,
    any_value(balances.rate) as rate,
    cast(count(*) as integer) as accounts,
    count(*) = any_value(known.accounts) as is_complete,
    bool_or(balances.is_estimated or not (balances.is_covered or balances.is_manual)) as is_estimated,
    count(*) = count(balances.base_balance) as is_converted,
    balances.balance_date,
    any_value(balances.rate_date) as rate_date
from balances
inner join known on balances.currency = known.currency
group by balances.currency, balances.balance_date
order by balances.currency, balances.balance_date
