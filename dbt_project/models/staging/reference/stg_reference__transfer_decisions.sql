with decided as (
    {{ by_current_keys('transfer_decisions', ['outflow_transaction_key', 'inflow_transaction_key']) }}
)

select
    outflow_transaction_key,
    inflow_transaction_key,
    decision,
    cast(decided_at as timestamp) as decided_at
from decided
