with entries as (
    select
        merchant_key,
        merchant,
        category,
        booking_date
    from {{ ref('fct_transactions') }}
    where transaction_key is not null
    union all
    -- Someone whom only a pending entry names is a merchant without transactions.
    select
        merchant_key,
        merchant,
        category,
        null as booking_date
    from {{ ref('fct_pending') }}
    where pending_key is not null
),

counted as (
    select
        merchant_key,
        category,
        any_value(merchant) as merchant,
        count(*) as entries,
        count(booking_date) as transactions,
        min(booking_date) as first_booking_date,
        max(booking_date) as last_booking_date
    from entries
    group by merchant_key, category
)

select
    merchant_key,
    any_value(merchant) as merchant,
    arg_min(category, { 'transactions': -transactions, 'entries': -entries, 'category': category }) as category,
    cast(sum(transactions) as bigint) as transactions,
    min(first_booking_date) as first_booking_date,
    max(last_booking_date) as last_booking_date
from counted
group by merchant_key
