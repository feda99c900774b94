select
    purchase_transaction_key,
    refund_transaction_key,
    decision,
    cast(decided_at as timestamp) as decided_at
from {{ source('reference', 'refund_decisions') }}
