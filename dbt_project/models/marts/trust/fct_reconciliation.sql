with transactions as ({{ from_every_provider('transactions') }}),

known as (select * from {{ ref('fct_closing_balances') }}),

movements as (
    select
        account_key,
        currency,
        booking_date,
        sum(amount) as amount,
        count(*) as entries
    from transactions
    group by all
),

-- Each day's movement belongs to the next balance that is known.
closed as (
    select
        coalesce(known.account_key, movements.account_key) as account_key,
        coalesce(known.currency, movements.currency) as currency,
        known.amount as closing_balance,
        movements.amount as movement,
        movements.entries,
        first_value(known.closing_date ignore nulls) over (
            partition by
                coalesce(known.account_key, movements.account_key),
                coalesce(known.currency, movements.currency)
            order by coalesce(known.closing_date, movements.booking_date)
            rows between current row and unbounded following
        ) as closing_date
    from known
    full join movements
        on
            known.account_key = movements.account_key
            and known.currency = movements.currency
            and known.closing_date = movements.booking_date
),

balances as (
    select
        account_key,
        currency,
        closing_date,
        any_value(closing_balance) as closing_balance,
        coalesce(sum(movement), 0) as movement,
        coalesce(sum(entries), 0) as entries
    from closed
    where closing_date is not null
    group by account_key, currency, closing_date
),

pairs as (
    select
        *,
        lag(closing_date) over balances_in_order as opening_date,
        lag(closing_balance) over balances_in_order as opening_balance
    from balances
    window balances_in_order as (partition by account_key, currency order by closing_date)
)

select
    pairs.account_key,
    accounts.account_name,
    pairs.currency,
    cast(pairs.opening_balance as decimal(19, 4)) as opening_balance,
    cast(pairs.movement as decimal(38, 4)) as movement,
    cast(pairs.closing_balance as decimal(19, 4)) as closing_balance,
    cast(pairs.closing_balance - pairs.opening_balance - pairs.movement as decimal(38, 4)) as difference,
    cast(pairs.entries as bigint) as entries,
    pairs.closing_balance - pairs.opening_balance = pairs.movement as is_reconciled,
    pairs.opening_date,
    pairs.closing_date,
    min(pairs.closing_date) filter (where pairs.closing_balance - pairs.opening_balance <> pairs.movement)
        over (partition by pairs.account_key, pairs.currency) as first_bad_date
from pairs
left join {{ ref('dim_account') }} as accounts on pairs.account_key = accounts.account_key
where pairs.opening_date is not null
order by pairs.account_key, pairs.closing_date
