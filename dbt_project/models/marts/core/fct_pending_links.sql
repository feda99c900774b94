with sightings as ({{ from_every_provider('pending_sightings') }}),

once_a_moment as (
    -- Of two links asked at one moment the one that fct_pending takes, too.
    select * from sightings
    qualify row_number() over (
        partition by account_key, pending_name, moment order by extract_id desc, entry_index asc
    ) = 1
),

-- An entry that is gone from one answer and there again in the next was announced twice.
islands as (
    select
        *,
        moment - row_number() over (partition by account_key, pending_name order by moment) as island
    from once_a_moment
),

announced as (
    select
        account_key,
        pending_name,
        arg_min(pending_key, moment) as announcement_key,
        arg_max(pending_key, moment) as pending_key,
        arg_min(extract_id, moment) as first_extract_id,
        arg_max(extract_id, moment) as last_extract_id,
        arg_max(transaction_id, moment) as transaction_id,
        arg_max(counterparty, moment) as counterparty,
        arg_max(description, moment) as description,
        arg_max(currency, moment) as currency,
        arg_max(amount, moment) as amount,
        arg_min(amount, moment) as first_amount,
        arg_max(entry_index, moment) as entry_index,
        arg_max(expected_date, moment) as expected_date,
        min(requested_at) as first_seen_at,
        max(requested_at) as last_seen_at,
        -- Null if the newest answer has it: with it, a maximum would be that of an answer before.
        arg_max_null(next_asked_at, moment) as gone_at
    from islands
    group by account_key, pending_name, island
),

spans as (
    select
        *,
        {{ telling_words("concat_ws(' ', counterparty, description)") }} as words,
        -- Equals are paired in their order.
        row_number() over (
            partition by account_key, currency, abs(amount), expected_date, counterparty, description
            order by first_seen_at, entry_index, announcement_key
        ) as ordinal,
        coalesce(expected_date, cast(first_seen_at as date)) as likely_date,
        least(expected_date, cast(first_seen_at as date)) as span_start,
        greatest(expected_date, cast(last_seen_at as date)) as span_end
    from announced
    where gone_at is not null
),

booked_entries as (
    select
        transaction_key,
        account_key,
        currency,
        amount,
        booking_date,
        value_date,
        arg_max(counterparty, last_seen_at) as counterparty,
        arg_max(description, last_seen_at) as description,
        list(distinct {{ telling_id('transaction_id') }}) filter (where transaction_id is not null) as transaction_ids,
        min(first_seen_at) as first_seen_at
    from {{ ref('fct_transaction_versions') }}
    where account_key in (select spans.account_key from spans)
    group by all
    having bool_or(is_current)
),

booked_ids as (
    select
        account_key,
        currency,
        transaction_key,
        booking_date,
        first_seen_at,
        unnest(transaction_ids) as transaction_id
    from booked_entries
),

-- Same account and currency, and not booked yet when it was first announced. Then the same sum, or the same id.
exact_pairs as (
    select
        spans.announcement_key,
        booked.transaction_key
    from spans
    inner join booked_entries as booked
        on
            spans.account_key = booked.account_key
            and spans.currency = booked.currency
            and spans.first_seen_at < booked.first_seen_at
            and abs(spans.amount) = abs(booked.amount)
            and (
                booked.booking_date between spans.span_start - 14 and spans.span_end + 14
                or booked.value_date between spans.span_start - 14 and spans.span_end + 14
            )
    union
    select
        spans.announcement_key,
        booked.transaction_key
    from spans
    inner join booked_ids as booked
        on
            spans.account_key = booked.account_key
            and spans.currency = booked.currency
            and spans.first_seen_at < booked.first_seen_at
            and spans.transaction_id = booked.transaction_id
            and booked.booking_date between spans.span_start - 30 and spans.span_end + 30
),

exact_measured as (
    {{ pending_links_measured('exact_pairs') }}
),

-- Texts without a word in common are no hindrance if the one came when the other went: some banks write a placeholder.
exact_candidates as (
    {{ pending_links_scored('exact_measured') }}
    where
        is_same_id
        or (is_same_amount and (likeness > 0 or (is_handed_over and days <= 3)))
        or (is_same_size and (likeness >= 0.5 or (likeness > 0 and is_handed_over)))
),

{{ one_to_one('exact', 'exact_candidates') }},

-- Of what is left over, sums that differ as tips, tanks of fuel and exchange rates make them, if the words agree.
near_pairs as (
    select
        spans.announcement_key,
        booked.transaction_key
    from spans
    inner join booked_entries as booked
        on
            spans.account_key = booked.account_key
            and spans.currency = booked.currency
            and spans.first_seen_at < booked.first_seen_at
            and abs(spans.amount - booked.amount) <= 0.3 * abs(spans.amount)
            and booked.booking_date between spans.span_start - 7 and spans.span_end + 7
    where
        spans.announcement_key not in (select exact.left_key from exact)
        and booked.transaction_key not in (select exact.right_key from exact)
),

near_measured as (
    {{ pending_links_measured('near_pairs') }}
),

near_candidates as (
    {{ pending_links_scored('near_measured') }}
    where likeness >= 0.5
),

{{ one_to_one('near', 'near_candidates') }},

linked as (
    select * from exact
    union all
    select * from near
)

select
    announced.announcement_key,
    announced.pending_key,
    announced.account_key,
    announced.first_extract_id,
    announced.last_extract_id,
    announced.transaction_id,
    announced.counterparty,
    announced.description,
    case
        when announced.gone_at is null then 'pending'
        when linked.right_key is null then 'vanished'
        else 'booked'
    end as outcome,
    linked.right_key as transaction_key,
    case
        when announced.gone_at is null then 'the newest answer still announces it'
        when linked.right_key is null then 'no longer announced, and nothing like it was booked'
        when linked.is_same_id and linked.is_same_amount then 'same id and amount'
        when linked.is_same_id then 'same id, other amount'
        when linked.is_same_amount and linked.likeness > 0 then 'same amount and words'
        when linked.is_same_amount then 'same amount, booked as it went'
        when linked.is_same_size then 'same words and amount, but for the sign'
        else 'same words, similar amount'
    end as reason,
    announced.currency,
    announced.amount,
    announced.first_amount,
    booked.amount as booked_amount,
    cast(linked.score as decimal(5, 4)) as score,
    announced.expected_date,
    booked.booking_date,
    announced.first_seen_at,
    announced.last_seen_at,
    coalesce(booked.first_seen_at, announced.gone_at) as resolved_at
from announced
left join linked on announced.announcement_key = linked.left_key
left join booked_entries as booked on linked.right_key = booked.transaction_key
order by announced.account_key, announced.first_seen_at, announced.announcement_key
