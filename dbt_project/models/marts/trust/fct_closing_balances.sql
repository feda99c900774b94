with balances as ({{ from_every_provider('balances') }}),

-- Some banks never say what a day closed with: what they say of a day that is over is what it closed with.
closing_accounts as (
    select distinct
        account_key,
        currency
    from balances
    where
        amount is not null
        and currency is not null
        and reference_date is not null
        and (
            balance_source = 'entry'
            or lower(balance_type) in ('closingbooked', 'previouslyclosedbooked', 'openingbooked')
        )
),

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
        and currency is not null
        -- A day that had not begun anywhere when the bank was asked is a slip.
        and reference_date <= requested_date + 1
        and (
            balance_source = 'entry'
            or lower(balance_type) in ('closingbooked', 'previouslyclosedbooked', 'openingbooked')
            or (
                lower(balance_type) = 'interimbooked'
                and reference_date < requested_date
                and (account_key, currency) not in (
                    select (closing_accounts.account_key, closing_accounts.currency) from closing_accounts
                )
            )
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
)

select
    account_key,
    currency,
    balance_source,
    cast(amount as decimal(19, 4)) as amount,
    closing_date,
    requested_at
from known
order by account_key, currency, closing_date
