with transfers as (select * from {{ ref('int_transfers') }}),

legs as (select * from {{ ref('int_transfer_legs') }})

select
    transfers.transfer_key,
    transfers.outflow_transaction_key,
    transfers.inflow_transaction_key,
    outflows.account_key as from_account_key,
    inflows.account_key as to_account_key,
    outflows.currency as from_currency,
    inflows.currency as to_currency,
    transfers.reason,
    outflows.amount as outflow_amount,
    inflows.amount as inflow_amount,
    -- Of an exchange; 1 for money that stayed as it was.
    cast(inflows.amount / -outflows.amount as decimal(19, 8)) as exchange_rate,
    cast(transfers.score as decimal(9, 6)) as score,
    cast(transfers.days_between as integer) as days_between,
    outflows.booking_date as outflow_date,
    inflows.booking_date as inflow_date
from transfers
inner join legs as outflows on transfers.outflow_transaction_key = outflows.transaction_key
inner join legs as inflows on transfers.inflow_transaction_key = inflows.transaction_key
order by outflows.booking_date, transfers.transfer_key
