with goals as (select * from {{ ref('stg_reference__goals') }}),

balances as (select * from {{ ref('fct_daily_balance') }}),

latest as (
    select
        account_key,
        currency,
        arg_max(account_name, balance_date) as account_name,
        arg_max(balance, balance_date) as balance,
        max(balance_date) as balance_date
    from balances
    group by account_key, currency
),

-- What the account held on the day that the goal was set, or on the first day known after.
began as (
    select
        goals.goal,
        arg_min(balances.balance, balances.balance_date) as balance
    from goals
    inner join balances
        on
            goals.account_key = balances.account_key
            and goals.currency = balances.currency
            and balances.balance_date >= cast(goals.decided_at as date)
    group by goals.goal
)

select
    goals.goal,
    goals.account_key,
    latest.account_name,
    goals.currency,
    goals.target_amount,
    latest.balance,
    cast(coalesce(began.balance, latest.balance) as decimal(19, 4)) as start_balance,
    cast(goals.target_amount - latest.balance as decimal(19, 4)) as remaining,
    -- Of a loan to be paid off, what was paid since the goal was set.
    case
        when goals.target_amount > 0 then {{ share('latest.balance', 'goals.target_amount') }}
        when coalesce(began.balance, latest.balance) < goals.target_amount
            then {{ share(
                '(latest.balance - coalesce(began.balance, latest.balance))',
                '(goals.target_amount - coalesce(began.balance, latest.balance))'
            ) }}
        when latest.balance is not null then cast(if(latest.balance >= goals.target_amount, 1, 0) as decimal(18, 4))
    end as reached_share,
    case
        when latest.balance < goals.target_amount and goals.target_date > latest.balance_date
            then {{ instalment(
                '(goals.target_amount - latest.balance)',
                "greatest(date_diff('month', latest.balance_date, goals.target_date), 1)"
            ) }}
    end as needed_per_month,
    latest.balance >= goals.target_amount as is_reached,
    latest.balance < goals.target_amount and goals.target_date <= latest.balance_date as is_missed,
    latest.balance_date,
    goals.target_date
from goals
left join latest on goals.account_key = latest.account_key and goals.currency = latest.currency
left join began on goals.goal = began.goal
order by goals.target_date, goals.goal
