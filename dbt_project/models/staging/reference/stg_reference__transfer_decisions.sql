select
    outflow_transaction_key,
    inflow_transaction_key,
    decision,
    cast(decided_at as timestamp) as decided_at
from {{ source('reference', 'transfer_decisions') }}
