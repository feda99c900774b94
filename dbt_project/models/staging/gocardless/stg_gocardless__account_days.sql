-- A table, for many models ask it and landing is far away.
{{ config(materialized='table') }}

with covered_days as (select * from {{ ref('stg_gocardless__covered_days') }} where not is_shrunk),

owners as (
    select
        account_key,
        extract_id,
        booking_date,
        requested_at
    from covered_days
    -- One run can have asked two links of an account: then the fuller answer knows better.
    qualify row_number() over (
        partition by account_key, booking_date order by requested_at desc, entries desc, extract_id desc
    ) = 1
)

select * from owners
