{%- set fields = landed_entry_fields() -%}

with extracts as (
    select
        extracts.extract_id,
        extracts.answer,
        extracts.requested_at,
        accounts.account_key
    from {{ ref('stg_gocardless__extracts') }} as extracts
    inner join {{ ref('stg_gocardless__accounts') }} as accounts on extracts.account_id = accounts.account_id
),

changed_entries as (
    select entry
    from {{ ref('stg_gocardless__entry_versions') }}
    group by entry
    having count(*) > 1
),

-- Few entries have several versions: only those are put in order.
several as (
    select
        versions.*,
        row_number() over (partition by versions.entry order by versions.first_answer, versions.content) as version,
        count(*) over (partition by versions.entry) as versions
    from {{ ref('stg_gocardless__entry_versions') }} as versions
    semi join changed_entries on versions.entry = changed_entries.entry
),

-- Each of these is asked for once, or is few: DuckDB forgets of a view which of its parts it should not keep.
settled_alike as (
    select versions.*
    from {{ ref('stg_gocardless__entry_versions') }} as versions
    anti join changed_entries on versions.entry = changed_entries.entry
    where versions.is_current
),

others as (
    select * from several
    union all by name
    select
        versions.*,
        1 as version,
        1 as versions
    from {{ ref('stg_gocardless__entry_versions') }} as versions
    anti join changed_entries on versions.entry = changed_entries.entry
    where not versions.is_current
),

-- The versions of one entry are compared field by field, and what is not settled has its texts in no table.
reread as (
    select
        *,
        {{ transaction_key() }} as transaction_key
    from (
        select
            others.*,
            extracts.account_key
        from others
        inner join extracts on others.first_answer = extracts.answer
    ) as named
),

sights as (select hash(first_answer, entry_index) as first_sight from reread),

-- What other answers landed is not read at all.
first_answers as (
    select
        extract_id,
        answer
    from extracts
    where answer in (select reread.first_answer from reread)
),

-- They are few, which DuckDB does not guess: a plain join would keep all that was landed. It passes these by, as long
-- as they are asked for by a value.
sent as (
    select
        first_answers.answer,
        try_cast(entries.entry_index as integer) as place,
        entries.*
    from {{ ref('stg_gocardless__entries') }} as entries
    inner join first_answers on entries.extract_id = first_answers.extract_id
    where
        entries.booking_status = 'booked'
        and coalesce(
            hash(first_answers.answer, try_cast(entries.entry_index as integer))
            in (select sights.first_sight from sights),
            false
        )
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
    inner join sent on reread.first_answer = sent.answer and reread.entry_index = sent.place
    -- An answer can have landed twice.
    qualify row_number() over (partition by reread.transaction_key, reread.version order by sent.extract_id) = 1
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
        case when version > 1 then list_filter(fields, lambda field: field is not null) end as changed_fields
    from compared
),

texts as (
    select
        settled.transaction_key,
        settled.account_key,
        settled.transaction_id,
        settled.internal_transaction_id,
        settled.counterparty,
        settled.description,
        settled.currency,
        null as changed_fields,
        settled.amount,
        1 as version,
        1 as versions,
        settled_alike.answers,
        true as is_current,
        settled.booking_date,
        settled.value_date,
        settled_alike.first_answer,
        settled_alike.last_answer,
        settled_alike.last_settling_answer
    from settled_alike
    inner join {{ ref('stg_gocardless__transactions') }} as settled on settled_alike.entry = settled.entry
    union all
    select
        reread.transaction_key,
        reread.account_key,
        first_sent.transaction_id,
        first_sent.internal_transaction_id,
        first_sent.counterparty,
        first_sent.description,
        reread.currency,
        changes.changed_fields,
        reread.amount,
        reread.version,
        reread.versions,
        reread.answers,
        reread.is_current,
        reread.booking_date,
        reread.value_date,
        reread.first_answer,
        reread.last_answer,
        reread.last_settling_answer
    from reread
    inner join first_sent
        on reread.transaction_key = first_sent.transaction_key and reread.version = first_sent.version
    inner join changes
        on reread.transaction_key = changes.transaction_key and reread.version = changes.version
)

select
    texts.transaction_key,
    texts.account_key,
    first_sights.extract_id as first_extract_id,
    last_sights.extract_id as last_extract_id,
    texts.transaction_id,
    texts.internal_transaction_id,
    texts.counterparty,
    texts.description,
    texts.currency,
    texts.changed_fields,
    texts.amount,
    texts.version,
    texts.versions,
    texts.answers,
    texts.is_current,
    texts.booking_date,
    texts.value_date,
    first_sights.requested_at as first_seen_at,
    last_sights.requested_at as last_seen_at,
    last_settling_answers.requested_at as last_settled_at
from texts
inner join extracts as first_sights on texts.first_answer = first_sights.answer
inner join extracts as last_sights on texts.last_answer = last_sights.answer
left join extracts as last_settling_answers on texts.last_settling_answer = last_settling_answers.answer
