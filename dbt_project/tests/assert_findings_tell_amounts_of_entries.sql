-- What is found about entries tells of them as they were settled: account, currency, day and amount. A payment of a
-- series is what its entries come to, and no entry is paid twice over.
with settled as (
    select
        transaction_key,
        account_key,
        currency,
        amount,
        booking_date
    from ({{ from_every_provider('transactions') }}) as transactions
),

claims as (
    select
        'fct_transfers' as mart,
        outflow_transaction_key as transaction_key,
        from_account_key as account_key,
        from_currency as currency,
        outflow_amount as amount,
        outflow_date as booking_date
    from {{ ref('fct_transfers') }}
    union all
    select
        'fct_transfers' as mart,
        inflow_transaction_key as transaction_key,
        to_account_key as account_key,
        to_currency as currency,
        inflow_amount as amount,
        inflow_date as booking_date
    from {{ ref('fct_transfers') }}
    union all
    select
        'fct_unmatched_transfers' as mart,
        transaction_key,
        account_key,
        currency,
        amount,
        booking_date
    from {{ ref('fct_unmatched_transfers') }}
    union all
    select
        'fct_refunds' as mart,
        refund_transaction_key as transaction_key,
        account_key,
        currency,
        refund_amount as amount,
        refund_date as booking_date
    from {{ ref('fct_refunds') }}
    union all
    select
        'fct_refunds' as mart,
        purchase_transaction_key as transaction_key,
        null as account_key,  -- a refund may come to another account than the one that paid
        currency,
        purchase_amount as amount,
        purchase_date as booking_date
    from {{ ref('fct_refunds') }}
    union all
    select
        'fct_anomalies' as mart,
        transaction_key,
        account_key,
        currency,
        amount,
        booking_date
    from {{ ref('fct_anomalies') }}
    union all
    select
        'fct_pending_links' as mart,
        transaction_key,
        account_key,
        currency,
        booked_amount as amount,
        booking_date
    from {{ ref('fct_pending_links') }}
    where transaction_key is not null
),

paid as (
    select
        event_key,
        account_key,
        currency,
        amount,
        unnest(transaction_keys) as transaction_key
    from {{ ref('fct_recurring_events') }}
    where event = 'paid'
),

payments as (
    select
        paid.event_key,
        any_value(paid.amount) as amount,
        sum(settled.amount) as settled_amount,
        count(settled.transaction_key) = count(*) as is_settled,
        bool_and(settled.account_key = paid.account_key and settled.currency = paid.currency) as is_same_account
    from paid
    left join settled on paid.transaction_key = settled.transaction_key
    group by paid.event_key
)

select
    claims.mart,
    claims.transaction_key
from claims
left join settled on claims.transaction_key = settled.transaction_key
where
    claims.amount is distinct from settled.amount
    or claims.booking_date is distinct from settled.booking_date
    or coalesce(claims.account_key, settled.account_key) is distinct from settled.account_key
    or coalesce(claims.currency, settled.currency) is distinct from settled.currency
union all
select
    'fct_recurring_events' as mart,
    event_key as transaction_key
from payments
where not is_settled or not is_same_account or amount is distinct from settled_amount
union all
select
    'fct_recurring_events, twice' as mart,
    transaction_key
from paid
group by transaction_key
having count(*) > 1
