with transactions as ({{ from_every_provider('transactions') }}),

ruled as ({{ with_merchant_and_rule('transactions') }})

select
    transaction_key,
    account_key,
    merchant_key,
    merchant,
    rule['category'] as category,
    currency,
    amount,
    -- Only what came in can be given back to us: the search is slow.
    case
        when amount > 0
            then
                coalesce(bank_transaction_code similar to '.*-(RIMB|RRTN|RPCR|UPDD|RRCT)', false)
                or regexp_matches(lower(strip_accents(coalesce(description, ''))), '{{ refund_texts() }}')
        else false
    end as says_refund,
    booking_date
from ruled
