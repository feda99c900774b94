-- A difference means that transactions are missing, or that the bank's own figures do not agree.
{{ config(severity='warn') }}

select
    account_key,
    closing_date
from {{ ref('fct_reconciliation') }}
where not is_reconciled
