{%- set fields = landed_entry_fields() -%}

-- A table, for it is asked more than once and landing is far away.
{{ config(materialized='table') }}

-- By numbers, which are quick to compare and to keep: texts are added where this is read.
with extracts as (
    select
        extracts.extract_id,
        extracts.answer,
        hash(accounts.account_key) as account
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

-- Every entry of every answer, once, even if the answer landed twice. Wide and many: read as a stream, not kept.
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
        answer,
        try_cast(entry_index as integer) as entry_index,
        entry_date as booking_date,
        {{ entry_value_day() }} as value_date,
        {{ money('transaction_amount') }} as amount,
        transaction_currency as currency,
        twin,
        {{ entry_number(
            'entry_date', entry_value_day(), money('transaction_amount'), 'transaction_currency'
        ) }} as entry,
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

versions as (
    select
        sightings.entry,
        sightings.content,
        any_value(sightings.booking_date) as booking_date,
        any_value(sightings.value_date) as value_date,
        any_value(sightings.amount) as amount,
        any_value(sightings.currency) as currency,
        any_value(sightings.twin) as twin,
        min(sightings.answer) as first_answer,
        max(sightings.answer) as last_answer,
        max(settling_days.answer) as last_settling_answer,
        arg_min(sightings.entry_index, sightings.answer) as entry_index,
        count(*) as answers,
        coalesce(bool_or(settling_days.is_owner), false) as is_current
    from sightings
    left join settling_days
        on sightings.answer = settling_days.answer and sightings.booking_date = settling_days.booking_date
    group by sightings.entry, sightings.content
)

select * from versions
