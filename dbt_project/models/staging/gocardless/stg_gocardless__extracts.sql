-- A table, for many models ask it and landing is far away.
{{ config(materialized='table') }}

with answers as (select * from {{ source('landing', 'extracts') }}),

renamed as (
    select
        extract_id,
        account_id,
        run_id,
        endpoint,
        outcome,
        failure,
        raw_key,
        try_cast(entries as integer) as entries,
        try_cast(allowance_remaining as integer) as allowance_remaining,
        outcome = 'ok' as is_good,
        coalesce(try_cast(consent_is_history as boolean), false) as consent_is_history,
        try_cast(date_from as date) as date_from,
        coalesce(try_cast(date_to as date), try_cast(left(requested_at, 10) as date)) as date_to,
        try_cast(left(requested_at, 10) as date) as requested_date,
        try_cast(requested_at as timestamp) as requested_at,
        try_cast(started_at as timestamp) as started_at,
        try_cast(ended_at as timestamp) as ended_at,
        try_cast(consent_given_at as timestamp) as consent_given_at,
        try_cast(consent_ends_at as timestamp) as consent_ends_at
    from answers
    -- A run that was finished by a later one can have left the same extract in two files.
    qualify row_number() over (partition by extract_id order by run_id) = 1
)

-- In the order in which they were asked for.
select
    *,
    row_number() over (order by requested_at, extract_id) as answer
from renamed
