with pending as ({{ from_every_provider('pending_transactions') }}),

categorised as ({{ with_merchant_and_rule('pending') }}),

decided as (
    select
        *,
        {{ category_of('rule', 'amount') }} as category,
        coalesce(rule.reason, 'no rule') as category_reason
    from categorised
)

select
    decided.pending_key,
    decided.account_key,
    accounts.account_name,
    decided.extract_id,
    decided.transaction_id,
    decided.counterparty,
    decided.counterparty_account,
    decided.description,
    decided.merchant_key,
    decided.merchant,
    decided.category,
    categories.category_group,
    categories.category_kind,
    decided.category_reason,
    decided.bank_transaction_code,
    decided.purpose_code,
    decided.merchant_category_code,
    decided.currency,
    decided.amount,
    decided.expected_date,
    decided.requested_at
from decided
left join {{ ref('dim_account') }} as accounts on decided.account_key = accounts.account_key
left join {{ ref('dim_category') }} as categories on decided.category = categories.category
