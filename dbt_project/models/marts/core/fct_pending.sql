with pending as ({{ from_every_provider('pending_transactions') }}),

cleaned as (
    select
        *,
        {{ merchant("coalesce(counterparty, description, 'Unknown')") }} as shouted_merchant
    from pending
)

select
    cleaned.pending_key,
    cleaned.account_key,
    accounts.account_name,
    cleaned.extract_id,
    cleaned.transaction_id,
    cleaned.counterparty,
    cleaned.description,
    {{ softened('cleaned.shouted_merchant') }} as merchant,
    cleaned.currency,
    cleaned.amount,
    cleaned.expected_date,
    cleaned.requested_at
from cleaned
left join {{ ref('dim_account') }} as accounts on cleaned.account_key = accounts.account_key
