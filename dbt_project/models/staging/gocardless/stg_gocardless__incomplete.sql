-- A table, for entries are read often, and hardly any bank tells one without its money.
{{ config(materialized='table') }}

with entries as (
    select distinct
        extract_id,
        account_id,
        booking_status,
        entry_index,
        nullif(trim(transaction_currency), '') as currency,
        {{ money('transaction_amount') }} as amount,
        {{ entry_day() }} as booking_date
    from {{ source('landing', 'transactions') }}
    where {{ money('transaction_amount') }} is null or nullif(trim(transaction_currency), '') is null
)

-- An account's entries are in its currency: where a bank leaves it out of one, it has told it of the account.
select
    entries.extract_id,
    entries.booking_status,
    entries.entry_index,
    accounts.account_key,
    coalesce(entries.currency, accounts.currency) as currency,
    case
        when entries.amount is null then 'its amount is no number'
        when coalesce(entries.currency, accounts.currency) is null then 'neither it nor its account has a currency'
    end as fault,
    entries.booking_date
from entries
left join {{ ref('stg_gocardless__accounts') }} as accounts on entries.account_id = accounts.account_id
