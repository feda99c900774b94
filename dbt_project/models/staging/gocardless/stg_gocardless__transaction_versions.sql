{%- set fields = landed_entry_fields() -%}

with extracts as (
    select
        extracts.extract_id,
        accounts.account_key,
        extracts.requested_at
    from {{ ref('stg_gocardless__extracts') }} as extracts
    inner join {{ ref('stg_gocardless__accounts') }} as accounts on extracts.account_id = accounts.account_id
    where extracts.endpoint = 'transactions' and extracts.is_good
),

-- Wide and many: read again for the few entries that have more than one version, rather than kept.
booked as not materialized (
    select
        *,
        {{ entry_day() }} as entry_date
    from {{ ref('stg_gocardless__entries') }}
    where booking_status = 'booked'
),

-- Every entry of every answer, once, even if the answer landed twice.
sightings as (
    select distinct
        extracts.account_key,
        booked.extract_id,
        try_cast(booked.entry_index as integer) as entry_index,
        extracts.requested_at,
        booked.transaction_id,
        booked.internal_transaction_id,
        {{ entry_counterparty() }} as counterparty,
        {{ entry_description() }} as description,
        booked.transaction_currency as currency,
        {{ money('booked.transaction_amount') }} as amount,
        booked.entry_date as booking_date,
        coalesce(try_cast(booked.value_date as date), try_cast(left(booked.value_date_time, 10) as date)) as value_date,
        hash(
            {% for field in fields -%}
                booked.{{ field }}{% if not loop.last %},{% endif %}
            {% endfor %}
        ) as content
    from booked
    inner join extracts on booked.extract_id = extracts.extract_id
    where booked.entry_date is not null
),

-- The same numbers as stg_gocardless__transactions gives, so that a settled entry has the same key here.
numbered as (
    {{ numbered_twins('sightings', within=['extract_id']) }}
),

placed as (
    select
        numbered.*,
        owners.extract_id is not null as is_owner,
        covered_days.extract_id is not null as is_settling
    from numbered
    left join {{ ref('stg_gocardless__account_days') }} as owners
        on numbered.extract_id = owners.extract_id and numbered.booking_date = owners.booking_date
    left join {{ ref('stg_gocardless__covered_days') }} as covered_days
        on
            numbered.extract_id = covered_days.extract_id
            and numbered.booking_date = covered_days.booking_date
            and not covered_days.is_shrunk
),

grouped as (
    select
        account_key,
        booking_date,
        value_date,
        amount,
        currency,
        twin,
        content,
        any_value(transaction_id) as transaction_id,
        any_value(internal_transaction_id) as internal_transaction_id,
        any_value(counterparty) as counterparty,
        any_value(description) as description,
        arg_min(extract_id, (requested_at, extract_id)) as first_extract_id,
        arg_max(extract_id, (requested_at, extract_id)) as last_extract_id,
        arg_min(entry_index, (requested_at, extract_id)) as entry_index,
        count(*) as answers,
        bool_or(is_owner) as is_current,
        min(requested_at) as first_seen_at,
        max(requested_at) as last_seen_at,
        max(requested_at) filter (where is_settling) as last_settled_at
    from placed
    group by all
),

versions as (
    select
        *,
        {{ transaction_key() }} as transaction_key,
        row_number() over entry_versions as version,
        count(*) over (partition by account_key, booking_date, value_date, amount, currency, twin) as versions
    from grouped
    window entry_versions as (
        partition by account_key, booking_date, value_date, amount, currency, twin
        order by first_seen_at, first_extract_id, content
    )
),

-- The whole of each version as it was first sent, once, even if that answer landed twice.
first_sent as (
    select
        versions.transaction_key,
        versions.version,
        {% for field in fields -%}
            booked.{{ field }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from versions
    inner join booked
        on
            versions.first_extract_id = booked.extract_id
            and versions.entry_index = try_cast(booked.entry_index as integer)
    where versions.versions > 1
    qualify row_number() over (partition by versions.transaction_key, versions.version order by booked.extract_id) = 1
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
    versions.transaction_key,
    versions.account_key,
    versions.first_extract_id,
    versions.last_extract_id,
    versions.transaction_id,
    versions.internal_transaction_id,
    versions.counterparty,
    versions.description,
    versions.currency,
    changes.changed_fields,
    versions.amount,
    versions.version,
    versions.versions,
    versions.answers,
    versions.is_current,
    versions.booking_date,
    versions.value_date,
    versions.first_seen_at,
    versions.last_seen_at,
    versions.last_settled_at
from versions
left join changes on versions.transaction_key = changes.transaction_key and versions.version = changes.version
