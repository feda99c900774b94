-- Balances in the base currency are those of the day at a rate that was published, and none is lost or made up on the way
-- to the net worth: where there is no rate there is no converted amount either, and the row says so.
with balances as (select * from {{ ref('fct_daily_balance') }} where balance_date is not null),

rates as (select * from {{ ref('int_exchange_rates') }}),

faulty_balances as (
    select
        balances.account_key as subject,
        balances.balance_date
    from balances
    left join rates on balances.currency = rates.currency and balances.balance_date = rates.day
    where
        balances.rate is distinct from rates.rate
        or balances.rate_date is distinct from rates.rate_date
        or balances.base_balance is distinct from {{ in_base('balances.balance', 'rates.rate') }}
        or (balances.currency = balances.base_currency and balances.base_balance is distinct from balances.balance)
),

sums as (
    select
        currency,
        balance_date,
        sum(base_balance) as base_balance,
        bool_and(rate is not null) as is_converted
    from balances
    group by currency, balance_date
),

faulty_worth as (
    select
        sums.currency as subject,
        sums.balance_date
    from sums
    full join {{ ref('fct_net_worth') }} as worth
        on sums.currency = worth.currency and sums.balance_date = worth.balance_date
    where
        coalesce(sums.balance_date, worth.balance_date) is not null
        and (
            sums.is_converted is distinct from worth.is_converted
            or if(sums.is_converted, sums.base_balance, null) is distinct from worth.base_net_worth
            or worth.base_assets + worth.base_debts is distinct from worth.base_net_worth
        )
)

select * from faulty_balances
union all
select * from faulty_worth
