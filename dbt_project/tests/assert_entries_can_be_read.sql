-- An amount that is no number, or a currency that nobody told, is in no sum: such entries are left out, and counted here.
{{ config(severity='warn') }}

select
    account_key,
    unreadable_entries
from {{ ref('fct_coverage') }}
where unreadable_entries > 0
