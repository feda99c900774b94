{%- set fields = landed_entry_fields() -%}

-- Answers are numbered in the order in which they were asked for: numbers are quick to compare and to keep.
with extracts as (
    select
        extracts.extract_id,
        accounts.account_key,
        extracts.requested_at,
        row_number() over (order by extracts.requested_at, extracts.extract_id) as answer,
        dense_rank() over (order by accounts.account_key) as account
    from {{ ref('stg_gocardless__extracts') }} as extracts
    inner join {{ ref('stg_gocardless__accounts') }} as accounts on extracts.account_id = accounts.account_id
    where extracts.endpoint = 'transactions' and extracts.is_good
),

twins as (select * from {{ ref('stg_gocardless__twins') }}),

landed as not materialized (
    select
        entries.*,
        extracts.account,
        extracts.answer,
        coalesce(twins.twin, 1) as twin,
        coalesce(twins.is_landed_twice, false) as is_landed_twice,
        {{ entry_day() }} as entry_date
    from {{ ref('stg_gocardless__entries') }} as entries
    inner join extracts on entries.extract_id = extracts.extract_id
    left join twins on entries.extract_id = twins.extract_id and entries.entry_index = twins.entry_index
    where entries.booking_status = 'booked'
),

-- Every entry of every answer, once, even if the answer landed twice. Wide and many: read again for the texts, rather
-- than kept.
booked as not materialized (
    select * from landed
    where entry_date is not null and not is_landed_twice
    union all
    select * from landed
    where entry_date is not null and is_landed_twice
    qualify row_number() over (partition by answer, entry_index order by answer) = 1
),

sightings as not materialized (
    select
        account,
        answer,
        entry_index,
        entry_date as booking_date,
        {{ entry_value_day() }} as value_date,
        {{ money('transaction_amount') }} as amount,
        transaction_currency as currency,
        twin,
        hash(
            account, entry_date, {{ entry_value_day() }}, {{ money('transaction_amount') }}, transaction_currency, twin
        ) as entry,
        hash(
            {% for field in fields -%}
                {{ field }}{% if not loop.last %},{% endif %}
            {% endfor %}
        ) as content
    from booked
),

-- The days that an answer could own, and whether it does.
settling_days as (
    select
        extracts.answer,
        covered_days.booking_date,
        owners.extract_id is not null as is_owner
    from {{ ref('stg_gocardless__covered_days') }} as covered_days
    inner join extracts on covered_days.extract_id = extracts.extract_id
    left join {{ ref('stg_gocardless__account_days') }} as owners
        on covered_days.extract_id = owners.extract_id and covered_days.booking_date = owners.booking_date
    where not covered_days.is_shrunk
),

grouped as (
    select
        sightings.account,
        sightings.booking_date,
        sightings.value_date,
        sightings.amount,
        sightings.currency,
        sightings.twin,
        sightings.entry,
        sightings.content,
        min(sightings.answer) as first_answer,
        max(sightings.answer) as last_answer,
        max(settling_days.answer) as last_settling_answer,
        arg_min(sightings.entry_index, sightings.answer) as entry_index,
        count(*) as answers,
        coalesce(bool_or(settling_days.is_owner), false) as is_current
    from sightings
    left join settling_days
        on sightings.answer = settling_days.answer and sightings.booking_date = settling_days.booking_date
    group by all
),

changed_entries as (
    select entry
    from grouped
    group by entry
    having count(*) > 1
),

-- Few entries have several versions: only those are put in order.
numbered as (
    select
        grouped.*,
        1 as version,
        1 as versions
    from grouped
    anti join changed_entries on grouped.entry = changed_entries.entry
    union all
    select
        grouped.*,
        row_number() over (partition by grouped.entry order by grouped.first_answer, grouped.content) as version,
        count(*) over (partition by grouped.entry) as versions
    from grouped
    semi join changed_entries on grouped.entry = changed_entries.entry
),

versions as (
    select
        first_answers.account_key,
        numbered.*,
        first_answers.extract_id as first_extract_id,
        last_answers.extract_id as last_extract_id,
        first_answers.requested_at as first_seen_at,
        last_answers.requested_at as last_seen_at,
        last_settling_answers.requested_at as last_settled_at
    from numbered
    inner join extracts as first_answers on numbered.first_answer = first_answers.answer
    inner join extracts as last_answers on numbered.last_answer = last_answers.answer
    left join extracts as last_settling_answers on numbered.last_settling_answer = last_settling_answers.answer
),

keyed as (
    select
        *,
        {{ transaction_key() }} as transaction_key
    from versions
),

-- The versions of one entry are compared field by field, and what is not settled has its texts in no table. They are
-- few, which DuckDB does not guess: a plain join would keep all that was landed. It passes these by, as long as they
-- are asked for by a value.
reread as (
    select
        *,
        hash(first_answer, entry_index) as first_sight
    from keyed
    where versions > 1 or not is_current
),

sent as (
    select *
    from booked
    where coalesce(hash(answer, entry_index) in (select reread.first_sight from reread), false)
),

first_sent as (
    select
        reread.transaction_key,
        reread.version,
        {{ entry_counterparty() }} as counterparty,
        {{ entry_description() }} as description,
        {% for field in fields -%}
            sent.{{ field }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from reread
    inner join sent on reread.first_answer = sent.answer and reread.entry_index = sent.entry_index
),

compared as (
    select
        transaction_key,
        version,
        [
            {% for field in fields -%}
                case when {{ field }} is distinct from lag({{ field }}) over entry_versions then '{{ field }}' end
                {%- if not loop.last %},{% endif %}
            {% endfor %}
        ] as fields
    from first_sent
    window entry_versions as (partition by transaction_key order by version)
),

changes as (
    select
        transaction_key,
        version,
        list_filter(fields, lambda field: field is not null) as changed_fields
    from compared
    where version > 1
)

select
    keyed.transaction_key,
    keyed.account_key,
    keyed.first_extract_id,
    keyed.last_extract_id,
    if(keyed.is_current, settled.transaction_id, first_sent.transaction_id) as transaction_id,
    if(
        keyed.is_current, settled.internal_transaction_id, first_sent.internal_transaction_id
    ) as internal_transaction_id,
    if(keyed.is_current, settled.counterparty, first_sent.counterparty) as counterparty,
    if(keyed.is_current, settled.description, first_sent.description) as description,
    keyed.currency,
    changes.changed_fields,
    keyed.amount,
    keyed.version,
    keyed.versions,
    keyed.answers,
    keyed.is_current,
    keyed.booking_date,
    keyed.value_date,
    keyed.first_seen_at,
    keyed.last_seen_at,
    keyed.last_settled_at
from keyed
left join {{ ref('stg_gocardless__transactions') }} as settled
    on keyed.transaction_key = settled.transaction_key
left join first_sent on keyed.transaction_key = first_sent.transaction_key and keyed.version = first_sent.version
left join changes on keyed.transaction_key = changes.transaction_key and keyed.version = changes.version
