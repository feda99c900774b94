with refunds as (select * from {{ ref('int_refunds') }}),

merchants as (select * from {{ ref('int_transaction_merchants') }})

select
    refunds.refund_key,
    refunds.purchase_transaction_key,
    refunds.refund_transaction_key,
    credits.account_key,
    credits.merchant_key,
    credits.merchant,
    refunds.reason,
    credits.currency,
    debits.amount as purchase_amount,
    credits.amount as refund_amount,
    refunds.score,
    cast(refunds.days_between as integer) as days_between,
    refunds.is_whole,
    debits.booking_date as purchase_date,
    credits.booking_date as refund_date
from refunds
inner join merchants as debits on refunds.purchase_transaction_key = debits.transaction_key
inner join merchants as credits on refunds.refund_transaction_key = credits.transaction_key
order by credits.booking_date, refunds.refund_key
