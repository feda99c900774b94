-- The newest balance of posted entries, in each currency that an account holds.
with balances as ({{ from_every_provider('balances') }})

select
    account_key,
    currency,
    amount,
    coalesce(reference_date, requested_date) as balance_date,
    requested_at
from balances
where
    amount is not null
    and (
        balance_source = 'entry'
        or lower(balance_type) in ('closingbooked', 'interimbooked', 'expected', 'information')
    )
qualify row_number() over (
    partition by account_key, currency
    order by
        requested_at desc,
        -- Some card banks tell of nothing but what they call information.
        case lower(balance_type)
            when 'closingbooked' then 1
            when 'interimbooked' then 2
            when 'expected' then 3
            else 4
        end,
        reference_date desc,
        amount asc
) = 1
