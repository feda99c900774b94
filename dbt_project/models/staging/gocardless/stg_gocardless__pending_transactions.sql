-- A table, for many models ask it and landing is far away.
{{ config(materialized='table') }}

with shrunk as (select distinct extract_id from {{ ref('stg_gocardless__covered_days') }} where is_shrunk),

newest as (
    select
        extracts.extract_id,
        accounts.account_key,
        extracts.requested_at
    from {{ ref('stg_gocardless__extracts') }} as extracts
    inner join {{ ref('stg_gocardless__accounts') }} as accounts on extracts.account_id = accounts.account_id
    left join shrunk on extracts.extract_id = shrunk.extract_id
    -- An answer about days gone by knows nothing of what is pending now, and one that shrank tells nothing at all.
    where
        extracts.endpoint = 'transactions'
        and extracts.is_good
        and extracts.date_to >= extracts.requested_date
        and shrunk.extract_id is null
    qualify row_number() over (
        partition by accounts.account_key order by extracts.requested_at desc, extracts.extract_id desc
    ) = 1
),

pending as (
    select
        md5(concat_ws('|', newest.account_key, entries.extract_id, entries.entry_index)) as pending_key,
        newest.account_key,
        entries.extract_id,
        entries.transaction_id,
        {{ entry_counterparty() }} as counterparty,
        {{ entry_counterparty_account() }} as counterparty_account,
        {{ entry_description() }} as description,
        coalesce(entries.bank_transaction_code, entries.proprietary_bank_transaction_code) as bank_transaction_code,
        entries.purpose_code,
        entries.merchant_category_code,
        entries.transaction_currency as currency,
        {{ money('entries.transaction_amount') }} as amount,
        {{ entry_day() }} as expected_date,
        newest.requested_at
    from {{ ref('stg_gocardless__entries') }} as entries
    inner join newest on entries.extract_id = newest.extract_id
    where entries.booking_status = 'pending'
    qualify row_number() over (partition by entries.extract_id, entries.entry_index order by entries.extract_id) = 1
)

select
    *,
    {{ wording_key() }} as wording_key
from pending
