-- Such an answer owns no day. Either the bank was half down, or it withdrew what it had booked.
{{ config(severity='warn') }}

select distinct extract_id
from {{ ref('stg_gocardless__covered_days') }}
where is_shrunk
