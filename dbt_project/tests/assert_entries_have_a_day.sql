-- A booked entry without any date belongs to no day, so it is left out until the bank gives it one.
{{ config(severity='warn') }}

select
    entries.extract_id,
    entries.entry_index
from {{ source('landing', 'transactions') }} as entries
where entries.booking_status = 'booked' and {{ entry_day() }} is null
