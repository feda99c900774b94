-- From day to day a balance moves by the day's transactions; what is more is unexplained, and adds up to what
-- fct_reconciliation finds missing between its pairs of balances; of accounts kept by hand nothing is. No day is missing, and none is there twice.
with balances as (select * from {{ ref('fct_daily_balance') }}),

steps as (
    select
        account_key,
        currency,
        balance - lag(balance) over account_days as change,
        movement,
        unexplained,
        is_manual,
        balance_date - lag(balance_date) over account_days as days,
        balance_date
    from balances
    window account_days as (partition by account_key, currency order by balance_date)
),

transactions as (
    select
        account_key,
        currency,
        booking_date,
        sum(amount) as amount
    from ({{ from_every_provider('transactions') }}) as settled
    group by all
),

-- Each day belongs to the pair of balances that closes next.
closed as (
    select
        pairs.account_key,
        pairs.currency,
        pairs.closing_date,
        sum(steps.unexplained) as unexplained
    from steps
    asof inner join {{ ref('fct_reconciliation') }} as pairs
        on
            steps.account_key = pairs.account_key
            and steps.currency = pairs.currency
            and steps.balance_date <= pairs.closing_date
    where steps.balance_date > pairs.opening_date
    group by all
),

unexplained as (
    select
        pairs.account_key,
        pairs.closing_date,
        pairs.difference,
        closed.unexplained
    from {{ ref('fct_reconciliation') }} as pairs
    left join closed
        on
            pairs.account_key = closed.account_key
            and pairs.currency = closed.currency
            and pairs.closing_date = closed.closing_date
)

select
    account_key,
    balance_date
from steps
where days <> 1 or if(is_manual, unexplained <> 0, change <> movement + unexplained)
union all
-- All money of an account that has balances is in them.
select
    transactions.account_key,
    transactions.booking_date as balance_date
from transactions
left join steps
    on
        transactions.account_key = steps.account_key
        and transactions.currency = steps.currency
        and transactions.booking_date = steps.balance_date
where
    steps.movement is distinct from transactions.amount
    and exists (
        select 1 from balances
        where balances.account_key = transactions.account_key and balances.currency = transactions.currency
    )
union all
select
    account_key,
    closing_date as balance_date
from unexplained
where unexplained is distinct from difference
