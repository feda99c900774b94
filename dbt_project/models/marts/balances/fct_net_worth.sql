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
    {{ base_currency() }} as base_currency,
    cast(sum(balances.balance) as decimal(38, 4)) as net_worth,
    {{ sum_in_base(in_base('balances.balance', 'rates.rate')) }} as base_net_worth,
    cast(coalesce(sum(balances.balance) filter (where balances.balance > 0), 0) as decimal(38, 4)) as assets,
    cast(coalesce(sum(balances.balance) filter (where balances.balance < 0), 0) as decimal(38, 4)) as debts,
    cast(count(*) as integer) as accounts,
    count(*) = any_value(known.accounts) as is_complete,
    bool_or(balances.is_estimated or not (balances.is_covered or balances.is_manual)) as is_estimated,
    balances.balance_date
from balances
inner join known on balances.currency = known.currency
left join {{ ref('int_exchange_rates') }} as rates
    on balances.currency = rates.currency and balances.balance_date = rates.day
group by balances.currency, balances.balance_date
order by balances.currency, balances.balance_date
