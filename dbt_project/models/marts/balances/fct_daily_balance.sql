with accounts as (select * from {{ ref('dim_account') }}),

closings as (
    select
        account_key,
        currency,
        amount,
        closing_date
    from {{ ref('fct_closing_balances') }}
    where account_key is not null
),

-- What the owner told of accounts that no bank tells of.
manual as (select * from {{ ref('stg_reference__manual_balances') }}),

manual_accounts as (
    select
        account_key,
        any_value(account_name) as account_name
    from manual
    group by account_key
),

-- Where a bank never says what a day closed with there is at least the newest booked balance, in each currency held.
anchors as (
    select * from closings
    union all
    select
        ledger.account_key,
        ledger.currency,
        ledger.amount,
        ledger.balance_date as closing_date
    from {{ ref('int_ledger_balances') }} as ledger
    anti join closings on ledger.account_key = closings.account_key and ledger.currency = closings.currency
    where ledger.currency is not null
    union all
    select
        account_key,
        currency,
        amount,
        balance_date as closing_date
    from manual
),

anchored as (
    select distinct
        account_key,
        currency
    from anchors
),

movements as (
    select
        account_key,
        currency,
        booking_date,
        sum(amount) as amount,
        count(*) as entries
    from ({{ from_every_provider('transactions') }}) as transactions
    group by all
),

covered as (
    select
        account_key,
        booking_date
    from ({{ from_every_provider('account_days') }}) as account_days
),

known_days as (
    select
        account_key,
        currency,
        closing_date as known_date
    from anchors
    union all
    select
        account_key,
        currency,
        booking_date as known_date
    from movements
    where (account_key, currency) in (select (anchors.account_key, anchors.currency) from anchors)
    union all
    select
        covered.account_key,
        anchored.currency,
        covered.booking_date as known_date
    from covered
    inner join anchored on covered.account_key = anchored.account_key
),

-- From the first day that is known of an account to the last one known of any: all end on the same day.
spans as (
    select
        account_key,
        currency,
        min(known_date) as first_date
    from known_days
    group by all
),

-- A balance that the owner dated ahead counts from its day on, and makes no days of the banks'.
last_days as (
    select
        coalesce(
            max(known_date) filter (where account_key not in (select manual.account_key from manual)),
            (select max(covered.booking_date) from covered),
            max(known_date)
        ) as last_date
    from known_days
),

days as (
    select
        spans.account_key,
        spans.currency,
        cast(unnest(generate_series(spans.first_date, last_days.last_date, interval 1 day)) as date) as balance_date
    from spans
    cross join last_days
),

joined as (
    select
        days.account_key,
        days.currency,
        days.balance_date,
        anchors.amount as reported,
        coalesce(movements.amount, 0) as movement,
        coalesce(movements.entries, 0) as entries,
        covered.booking_date is not null as is_covered,
        days.account_key in (select manual.account_key from manual) as is_manual
    from days
    left join anchors
        on
            days.account_key = anchors.account_key
            and days.currency = anchors.currency
            and days.balance_date = anchors.closing_date
    left join movements
        on
            days.account_key = movements.account_key
            and days.currency = movements.currency
            and days.balance_date = movements.booking_date
    left join covered on days.account_key = covered.account_key and days.balance_date = covered.booking_date
),

running as (
    select
        *,
        sum(movement) over so_far as moved,
        -- A day without an answer and without an entry: money may have moved on it unseen.
        count(*) filter (where not is_covered and entries = 0 and not is_manual) over so_far as unseen
    from joined
    window so_far as (partition by account_key, currency order by balance_date)
),

between_anchors as (
    select
        *,
        last_value(reported ignore nulls) over before as last_reported,
        last_value(case when reported is not null then moved end ignore nulls) over before as last_moved,
        last_value(case when reported is not null then unseen end ignore nulls) over before as last_unseen,
        first_value(reported ignore nulls) over after as next_reported,
        first_value(case when reported is not null then moved end ignore nulls) over after as next_moved,
        first_value(case when reported is not null then unseen end ignore nulls) over after as next_unseen
    from running
    window
        before as (
            partition by account_key, currency order by balance_date
            rows between unbounded preceding and current row
        ),
        after as (
            partition by account_key, currency order by balance_date
            rows between current row and unbounded following
        )
),

-- Forwards from the balance before, unless days between are unseen and those to the balance after are not.
sourced as (
    select
        *,
        case
            when reported is not null then 'reported'
            when last_reported is null then 'backward'
            when next_reported is not null and unseen > last_unseen and unseen = next_unseen then 'backward'
            else 'forward'
        end as balance_source
    from between_anchors
),

balanced as (
    select
        *,
        case balance_source
            when 'reported' then reported
            when 'backward' then next_reported - (next_moved - moved)
            else last_reported + (moved - last_moved)
        end as balance,
        case balance_source
            when 'reported' then false
            when 'backward' then unseen < next_unseen
            else unseen > last_unseen
        end as is_estimated
    from sourced
)

select
    balanced.account_key,
    coalesce(accounts.account_name, manual_accounts.account_name) as account_name,
    balanced.currency,
    balanced.balance_source,
    cast(balanced.balance as decimal(19, 4)) as balance,
    cast(balanced.movement as decimal(38, 4)) as movement,
    -- What the balance moved by beyond the entries; nothing on an account's first day, before which nothing is known,
    -- nor where the owner tells the balance: a new one is no error.
    cast(
        if(
            balanced.is_manual,
            0,
            coalesce(balanced.balance - lag(balanced.balance) over account_days - balanced.movement, 0)
        ) as decimal(38, 4)
    ) as unexplained,
    {{ base_currency() }} as base_currency,
    {{ in_base('balanced.balance', 'rates.rate') }} as base_balance,
    rates.rate,
    cast(balanced.entries as integer) as entries,
    balanced.balance_source <> 'reported' and balanced.entries = 0 as is_filled,
    balanced.is_covered,
    balanced.is_manual,
    balanced.is_estimated,
    balanced.balance_date,
    rates.rate_date
from balanced
left join accounts on balanced.account_key = accounts.account_key
left join manual_accounts on balanced.account_key = manual_accounts.account_key
left join {{ ref('int_exchange_rates') }} as rates
    on balanced.currency = rates.currency and balanced.balance_date = rates.day
window account_days as (partition by balanced.account_key, balanced.currency order by balanced.balance_date)
order by balanced.account_key, balanced.currency, balanced.balance_date
