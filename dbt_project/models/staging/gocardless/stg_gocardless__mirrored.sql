-- A table, for entries are read often, and hardly any bank tells one twice.
{{ config(materialized='table') }}

with entries as (
    select
        extract_id,
        entry_index,
        transaction_amount,
        transaction_currency,
        booking_date_time,
        value_date_time,
        coalesce(creditor_name, debtor_name) as counterparty,
        remittance_information_unstructured as description
    from {{ source('landing', 'transactions') }}
    where booking_status = 'booked' and booking_date_time <> value_date_time
)

select distinct
    later.extract_id,
    later.entry_index
from entries as later
inner join entries as earlier
    on
        later.extract_id = earlier.extract_id
        and later.transaction_amount = earlier.transaction_amount
        and later.transaction_currency = earlier.transaction_currency
        and later.booking_date_time = earlier.value_date_time
        and later.value_date_time = earlier.booking_date_time
        and later.counterparty is not distinct from earlier.counterparty
        and later.description is not distinct from earlier.description
where later.booking_date_time > later.value_date_time
