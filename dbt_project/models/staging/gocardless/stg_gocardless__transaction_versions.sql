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
    select
        versions.*,
        1 as version,
        1 as versions
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

keyed as (
    {{ keyed_versions('settled_alike') }}
),

-- The versions of one entry are compared field by field, and what is not settled has its texts in no table.
reread as (
    {{ keyed_versions('others') }}
),

sights as (select hash(first_answer, entry_index) as first_sight from reread),

-- They are few, which DuckDB does not guess: a plain join would keep all that was landed. It passes these by, as long
-- as they are asked for by a value.
sent as (
    select
        extracts.answer,
        try_cast(entries.entry_index as integer) as place,
        entries.*
    from {{ ref('stg_gocardless__entries') }} as entries
    inner join extracts on entries.extract_id = extracts.extract_id
    where
        entries.booking_status = 'booked'
        and coalesce(
            hash(extracts.answer, try_cast(entries.entry_index as integer)) in (select sights.first_sight from sights),
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
        keyed.*,
        null as changed_fields,
        settled.transaction_id,
        settled.internal_transaction_id,
        settled.counterparty,
        settled.description
    from keyed
    left join {{ ref('stg_gocardless__transactions') }} as settled
        on keyed.transaction_key = settled.transaction_key
    union all
    select
        reread.*,
        changes.changed_fields,
        first_sent.transaction_id,
        first_sent.internal_transaction_id,
        first_sent.counterparty,
        first_sent.description
    from reread
    inner join first_sent
        on reread.transaction_key = first_sent.transaction_key and reread.version = first_sent.version
    inner join changes
        on reread.transaction_key = changes.transaction_key and reread.version = changes.version
)

select
    transaction_key,
    account_key,
    first_extract_id,
    last_extract_id,
    transaction_id,
    internal_transaction_id,
    counterparty,
    description,
    currency,
    changed_fields,
    amount,
    version,
    versions,
    answers,
    is_current,
    booking_date,
    value_date,
    first_seen_at,
    last_seen_at,
    last_settled_at
from texts
