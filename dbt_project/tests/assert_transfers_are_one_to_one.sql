-- A transaction is a side of one transfer at most, the sides differ in sign and account, and nothing unmatched is matched.
with sides as (
    select outflow_transaction_key as transaction_key from {{ ref('fct_transfers') }}
    union all
    select inflow_transaction_key as transaction_key from {{ ref('fct_transfers') }}
    union all
    select transaction_key from {{ ref('fct_unmatched_transfers') }}
)

select transaction_key
from sides
where transaction_key is not null
group by transaction_key
having count(*) > 1
union all
select transfer_key as transaction_key
from {{ ref('fct_transfers') }}
where outflow_amount >= 0 or inflow_amount <= 0 or from_account_key = to_account_key
union all
-- In one currency what leaves is what comes.
select transfer_key as transaction_key
from {{ ref('fct_transfers') }}
where from_currency = to_currency and outflow_amount <> -inflow_amount and score < 1
