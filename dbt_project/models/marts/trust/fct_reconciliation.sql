with balances as ({{ from_every_provider('balances') }}),

transactions as ({{ from_every_provider('transactions') }}),

-- Booked balances at the end of a day.
closings as (
    select
        account_key,
        currency,
        balance_source,
        amount,
        case when lower(balance_type) = 'openingbooked' then reference_date - 1 else reference_date end as closing_date,
        requested_date,
        requested_at
    from balances
    where
        amount is not null
        and reference_date is not null
        and (
            balance_source = 'entry'
            or lower(balance_type) in ('closingbooked', 'previouslyclosedbooked', 'openingbooked')
        )
),

newest_fetches as (
    select
        account_key,
        max(requested_at) as requested_at
    from closings
    where balance_source = 'endpoint'
    group by account_key
),

known as (
    select closings.*
    from closings
    left join newest_fetches on closings.account_key = newest_fetches.account_key
    -- A day that was not over when the bank was asked counts only while nothing newer is known.
    where
        closings.balance_source = 'entry'
        or closings.closing_date < closings.requested_date
        or closings.requested_at = newest_fetches.requested_at
    qualify row_number() over (
        partition by closings.account_key, closings.currency, closings.closing_date
        order by closings.requested_at desc, closings.balance_source asc, closings.amount asc
    ) = 1
),

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

running as (
    select
        coalesce(known.account_key, movements.account_key) as account_key,
        coalesce(known.currency, movements.currency) as currency,
        coalesce(known.closing_date, movements.booking_date) as closing_date,
        known.amount as closing_balance,
        sum(movements.amount) over days as moved,
        sum(movements.entries) over days as entries
    from known
    full join movements
        on
            known.account_key = movements.account_key
            and known.currency = movements.currency
            and known.closing_date = movements.booking_date
    window days as (
        partition by
            coalesce(known.account_key, movements.account_key),
            coalesce(known.currency, movements.currency)
        order by coalesce(known.closing_date, movements.booking_date)
    )
),

pairs as (
    select
        account_key,
        currency,
        lag(closing_date) over balances_in_order as opening_date,
        closing_date,
        lag(closing_balance) over balances_in_order as opening_balance,
        coalesce(moved, 0) - coalesce(lag(moved) over balances_in_order, 0) as movement,
        closing_balance,
        coalesce(entries, 0) - coalesce(lag(entries) over balances_in_order, 0) as entries
    from running
    where closing_balance is not null
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
    pairs.closing_date
from pairs
left join {{ ref('dim_account') }} as accounts on pairs.account_key = accounts.account_key
where pairs.opening_date is not null
order by pairs.account_key, pairs.closing_date
