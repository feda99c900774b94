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
        min(known_date) as first_date,
        row_number() over () as span
    from known_days
    group by account_key, currency
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
        spans.span,
        spans.account_key,
        spans.currency,
        cast(unnest(generate_series(spans.first_date, last_days.last_date, interval 1 day)) as date) as balance_date
    from spans
    cross join last_days
),

joined as (
    select
        days.span,
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
        last_value(
            case when not is_covered and entries = 0 and not is_manual then balance_date end ignore nulls
        ) over so_far as unseen_date,
        last_value(case when reported is not null then balance_date end ignore nulls) over so_far as last_date,
        first_value(case when reported is not null then balance_date end ignore nulls) over to_come as next_date
    from joined
    window
        so_far as (partition by span order by balance_date rows between unbounded preceding and current row),
        to_come as (partition by span order by balance_date rows between current row and unbounded following)
),

known as (
    select
        span,
        balance_date,
        reported,
        moved,
        unseen_date
    from running
    where reported is not null
),

between_anchors as (
    select
        running.*,
        earlier.reported as last_reported,
        earlier.moved as last_moved,
        later.reported as next_reported,
        later.moved as next_moved,
        coalesce(running.unseen_date > earlier.balance_date, false) as is_unseen_since,
        coalesce(later.unseen_date > running.balance_date, false) as is_unseen_until
    from running
    left join known as earlier on running.span = earlier.span and running.last_date = earlier.balance_date
    left join known as later on running.span = later.span and running.next_date = later.balance_date
),

-- Forwards from the balance before, unless days between are unseen and those to the balance after are not.
sourced as (
    select
        *,
        case
            when reported is not null then 'reported'
            when last_reported is null then 'backward'
            when next_reported is not null and is_unseen_since and not is_unseen_until then 'backward'
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
            when 'backward' then is_unseen_until
            else is_unseen_since
        end as is_estimated
    from sourced
),

moves as (
    select
        *,
        balance - lag(balance) over (partition by span order by balance_date) as move
    from balanced
)

select
    spans.account_key,
    coalesce(accounts.account_name, manual_accounts.account_name) as account_name,
    spans.currency,
    moves.balance_source,
    cast(moves.balance as decimal(19, 4)) as balance,
    cast(moves.movement as decimal(38, 4)) as movement,
    -- What the balance moved by beyond the entries; nothing on an account's first day, before which nothing is known,
    -- nor where the owner tells the balance: a new one is no error.
    cast(if(moves.is_manual, 0, coalesce(moves.move - moves.movement, 0)) as decimal(38, 4)) as unexplained,
    {{ base_currency() }} as base_currency,
    {{ in_base('moves.balance', 'rates.rate') }} as base_balance,
    rates.rate,
    cast(moves.entries as integer) as entries,
    moves.balance_source <> 'reported' and moves.entries = 0 as is_filled,
    moves.is_covered,
    moves.is_manual,
    moves.is_estimated,
    moves.balance_date,
    rates.rate_date
from moves
inner join spans on moves.span = spans.span
left join accounts on spans.account_key = accounts.account_key
left join manual_accounts on spans.account_key = manual_accounts.account_key
left join {{ ref('int_exchange_rates') }} as rates
    on spans.currency = rates.currency and moves.balance_date = rates.day
order by spans.account_key, spans.currency, moves.balance_date
