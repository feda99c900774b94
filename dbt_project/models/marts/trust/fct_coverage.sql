with accounts as (select * from {{ ref('dim_account') }}),

links as ({{ from_every_provider('accounts') }}),

days as ({{ from_every_provider('account_days') }}),

covered as (
    select
        account_key,
        count(*) as covered_days,
        min(booking_date) as first_covered_date,
        max(booking_date) as last_covered_date
    from days
    group by account_key
),

-- A gap lies between two covered days that do not follow each other.
steps as (
    select
        account_key,
        booking_date,
        booking_date - lag(booking_date) over (partition by account_key order by booking_date) - 1 as missing_days
    from days
),

gaps as (
    select
        account_key,
        count(*) as gaps,
        sum(missing_days) as gap_days,
        max(missing_days) as longest_gap_days,
        max(booking_date) - 1 as last_gap_date
    from steps
    where missing_days > 0
    group by account_key
),

answers as (
    select
        links.account_key,
        extracts.extract_id,
        extracts.endpoint,
        extracts.outcome,
        extracts.is_good,
        extracts.allowance_remaining,
        extracts.requested_at
    from ({{ from_every_provider('extracts') }}) as extracts
    inner join links on extracts.account_id = links.account_id
),

shrunk as (
    select
        account_key,
        count(distinct extract_id) as shrunk_answers
    from ({{ from_every_provider('covered_days') }}) as covered_days
    where is_shrunk
    group by account_key
),

-- Booked entries that count for a day by their answer, and yet in no sum.
unreadable as (
    select
        incomplete.account_key,
        count(*) as entries
    from ({{ from_every_provider('incomplete') }}) as incomplete
    inner join days
        on
            incomplete.account_key = days.account_key
            and incomplete.extract_id = days.extract_id
            and incomplete.booking_date = days.booking_date
    where incomplete.booking_status = 'booked' and incomplete.fault is not null
    group by incomplete.account_key
),

asked as (
    select
        account_key,
        arg_max(outcome, (requested_at, extract_id)) filter (where endpoint = 'transactions') as last_outcome,
        arg_max_null(allowance_remaining, (requested_at, extract_id)) filter (
            where endpoint = 'transactions'
        ) as allowance_remaining,
        max(requested_at) filter (where endpoint = 'transactions') as last_asked_at,
        max(requested_at) filter (where endpoint = 'transactions' and is_good) as transactions_fetched_at,
        max(requested_at) filter (where endpoint = 'balances' and is_good) as balances_fetched_at
    from answers
    group by account_key
),

failures as (
    select
        answers.account_key,
        count(*) as failures
    from answers
    inner join asked on answers.account_key = asked.account_key
    where
        answers.endpoint = 'transactions'
        and not answers.is_good
        and (asked.transactions_fetched_at is null or answers.requested_at > asked.transactions_fetched_at)
    group by answers.account_key
)

select
    accounts.account_key,
    accounts.account_name,
    accounts.institution_id,
    asked.last_outcome,
    cast(coalesce(covered.covered_days, 0) as integer) as covered_days,
    cast(coalesce(gaps.gaps, 0) as integer) as gaps,
    cast(coalesce(gaps.gap_days, 0) as integer) as gap_days,
    cast(coalesce(gaps.longest_gap_days, 0) as integer) as longest_gap_days,
    cast(coalesce(shrunk.shrunk_answers, 0) as integer) as shrunk_answers,
    cast(coalesce(unreadable.entries, 0) as integer) as unreadable_entries,
    cast(coalesce(failures.failures, 0) as integer) as failures_since,
    asked.allowance_remaining,
    -- A bank that says that the consent is over is right, whatever was agreed.
    case
        when asked.last_outcome = 'relink' then 0
        -- The greater one of null and 0 is 0.
        when accounts.consent_ends_at is not null and asked.last_asked_at is not null
            then cast(greatest(date_diff('day', asked.last_asked_at, accounts.consent_ends_at), 0) as integer)
    end as consent_days_left,
    covered.first_covered_date,
    covered.last_covered_date,
    gaps.last_gap_date,
    asked.last_asked_at,
    asked.transactions_fetched_at,
    asked.balances_fetched_at
from accounts
left join covered on accounts.account_key = covered.account_key
left join gaps on accounts.account_key = gaps.account_key
left join shrunk on accounts.account_key = shrunk.account_key
left join unreadable on accounts.account_key = unreadable.account_key
left join asked on accounts.account_key = asked.account_key
left join failures on accounts.account_key = failures.account_key
order by accounts.account_key
