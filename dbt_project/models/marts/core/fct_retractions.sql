-- Wide and many, and few of them are looked at: read as a stream, not kept.
with versions as not materialized (select * from {{ ref('fct_transaction_versions') }}),

covered_days as ({{ from_every_provider('covered_days') }}),

settled as (select transaction_key from versions where is_current),

-- Few entries go: what else is asked of them and of their successors is asked of their accounts alone.
withdrawn as (
    select distinct versions.account_key
    from versions
    anti join settled on versions.transaction_key = settled.transaction_key
    where not versions.is_current and versions.last_settled_at is not null
),

entries as (
    select
        transaction_key,
        account_key,
        currency,
        amount,
        booking_date,
        value_date,
        arg_max(last_extract_id, last_seen_at) as extract_id,
        arg_max(counterparty, last_seen_at) as counterparty,
        arg_max(description, last_seen_at) as description,
        arg_max(transaction_id, last_seen_at) as transaction_id,
        list(distinct {{ telling_id('transaction_id') }}) filter (where transaction_id is not null) as transaction_ids,
        list(distinct internal_transaction_id) filter (where internal_transaction_id is not null) as internal_ids,
        bool_or(is_current) as is_settled,
        sum(answers) as answers,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        max(last_settled_at) as last_settled_at
    from versions
    where account_key in (select withdrawn.account_key from withdrawn)
    group by all
),

gone as (select * from entries where not is_settled and last_settled_at is not null),

-- The first answer that covered the day and did not have the entry any more.
noticed as (
    select
        gone.transaction_key,
        arg_min(days.extract_id, days.requested_at) as extract_id,
        min(days.requested_at) as retracted_at
    from gone
    inner join covered_days as days
        on
            gone.account_key = days.account_key
            and gone.booking_date = days.booking_date
            and not days.is_shrunk
            and gone.last_settled_at <= days.requested_at
    left join covered_days as last_told
        on gone.extract_id = last_told.extract_id and gone.booking_date = last_told.booking_date
    -- Two links of an account can be asked at one moment: then the one that owns the day did not have the entry.
    where
        gone.last_settled_at < days.requested_at
        or last_told.entries < days.entries
        or (last_told.entries = days.entries and last_told.extract_id < days.extract_id)
    group by gone.transaction_key
),

-- A bank that moves an entry and moves it back leaves it out meanwhile: where another was told instead, answers about
-- its day have not had it, at least as many as had the other.
kept as (
    select
        gone.transaction_key,
        gone.answers as told,
        entries.transaction_key as kept_key,
        entries.answers,
        entries.account_key,
        entries.booking_date,
        entries.first_seen_at,
        entries.last_seen_at
    from gone
    inner join entries
        on
            gone.account_key = entries.account_key
            and gone.currency = entries.currency
            and entries.is_settled
            and gone.first_seen_at > entries.first_seen_at
            and gone.last_settled_at < entries.last_settled_at
            and entries.booking_date between gone.booking_date - 10 and gone.booking_date + 10
    where gone.amount = entries.amount or list_has_any(gone.internal_ids, entries.internal_ids)
),

returned as (
    select
        kept.transaction_key,
        kept.kept_key
    from kept
    inner join covered_days as days
        on
            kept.account_key = days.account_key
            and kept.booking_date = days.booking_date
            and not days.is_shrunk
            and days.requested_at between kept.first_seen_at and kept.last_seen_at
    group by kept.transaction_key, kept.kept_key
    having count(distinct days.extract_id) - any_value(kept.answers) >= any_value(kept.told)
),

-- What may have taken its place: an entry that came later, or came back, with an id or the money of the one that went.
-- It may be gone by now itself, where a bank moved an entry more than once; then it came as the other went.
successors as (
    select
        gone.transaction_key as left_key,
        entries.transaction_key as right_key,
        gone.amount = entries.amount as is_same_amount,
        list_has_any(gone.internal_ids, entries.internal_ids)
        or list_has_any(gone.transaction_ids, entries.transaction_ids) as is_same_id,
        abs(gone.booking_date - entries.booking_date) as days,
        least(abs(date_diff('day', noticed.retracted_at, entries.first_seen_at)), 5) as days_late,
        {{ shared_words(
            telling_words("concat_ws(' ', gone.counterparty, gone.description)"),
            telling_words("concat_ws(' ', entries.counterparty, entries.description)"),
        ) }} as likeness
    from gone
    left join noticed on gone.transaction_key = noticed.transaction_key
    inner join entries
        on
            gone.account_key = entries.account_key
            and gone.currency = entries.currency
            and (entries.is_settled or gone.last_settled_at <= entries.first_seen_at)
            and entries.last_settled_at is not null
            and entries.booking_date between gone.booking_date - 10 and gone.booking_date + 10
    left join returned
        on gone.transaction_key = returned.transaction_key and entries.transaction_key = returned.kept_key
    where gone.first_seen_at < entries.first_seen_at or returned.kept_key is not null
),

scored as (
    select
        *,
        cast(
            0.4 * cast(coalesce(is_same_id, false) as integer) + 0.3 * cast(is_same_amount as integer)
            + 0.2 * likeness + 0.1 * (1 - days / 11.0) - 0.02 * coalesce(days_late, 0) as decimal(5, 4)
        ) as score
    from successors
    where coalesce(is_same_id, false) or (is_same_amount and (likeness > 0 or days <= 3))
),

{{ one_to_one('replaced', 'scored') }}

select
    gone.transaction_key,
    gone.account_key,
    gone.extract_id as last_extract_id,
    noticed.extract_id as retracting_extract_id,
    gone.transaction_id,
    gone.counterparty,
    gone.description,
    replaced.right_key as successor_transaction_key,
    case
        when replaced.right_key is null then 'withdrawn: nothing like it came instead'
        when replaced.is_same_id and replaced.is_same_amount then 'moved: same id and amount, other date or text'
        when replaced.is_same_id then 'changed: same id, other amount'
        when replaced.likeness > 0 then 'moved: same amount and words, other date or id'
        else 'moved: same amount, close date'
    end as reason,
    gone.currency,
    gone.amount,
    replaced.score,
    gone.booking_date,
    gone.value_date,
    gone.first_seen_at,
    gone.last_settled_at,
    noticed.retracted_at
from gone
left join noticed on gone.transaction_key = noticed.transaction_key
left join replaced on gone.transaction_key = replaced.left_key
order by gone.account_key, gone.booking_date, gone.transaction_key
