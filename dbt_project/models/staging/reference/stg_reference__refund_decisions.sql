with decided as (
    {{ by_current_keys('refund_decisions', ['purchase_transaction_key', 'refund_transaction_key']) }}
)

select
    purchase_transaction_key,
    refund_transaction_key,
    decision,
    cast(decided_at as timestamp) as decided_at
from decided
