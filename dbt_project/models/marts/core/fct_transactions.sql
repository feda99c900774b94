with transactions as ({{ from_every_provider('transactions') }}),

accounts as (select * from {{ ref('dim_account') }}),

merchants as (select * from {{ ref('int_transaction_merchants') }}),

transfers as (select * from {{ ref('int_transfers') }}),

transfer_sides as (
    select
        outflow_transaction_key as transaction_key,
        inflow_transaction_key as counter_transaction_key,
        transfer_key
    from transfers
    union all
    select
        inflow_transaction_key as transaction_key,
        outflow_transaction_key as counter_transaction_key,
        transfer_key
    from transfers
),

unmatched_transfers as (select * from {{ ref('fct_unmatched_transfers') }} where is_own_transfer),

refunds as (select * from {{ ref('int_refunds') }}),

described as (
    select
        transactions.*,
        merchants.merchant_key,
        merchants.merchant,
        merchants.rule,
        transfer_sides.transfer_key,
        transfer_sides.counter_transaction_key,
        refunded.purchase_transaction_key as refund_of_transaction_key,
        purchases.refund_transaction_key as refunded_by_transaction_key,
        transfer_sides.transfer_key is not null or unmatched_transfers.transaction_key is not null as is_own_transfer
    from transactions
    left join merchants on transactions.transaction_key = merchants.transaction_key
    left join transfer_sides on transactions.transaction_key = transfer_sides.transaction_key
    left join unmatched_transfers on transactions.transaction_key = unmatched_transfers.transaction_key
    left join refunds as refunded on transactions.transaction_key = refunded.refund_transaction_key
    left join refunds as purchases on transactions.transaction_key = purchases.purchase_transaction_key
),

-- What the accounts prove comes before what codes and words say.
categorised as (
    select
        described.*,
        if(
            described.is_own_transfer,
            'Own transfer',
            {{ category_of('described.rule', 'described.amount') }}
        ) as category,
        if(described.is_own_transfer, 'own transfer', coalesce(described.rule.reason, 'no rule')) as category_reason
    from described
)

select
    categorised.transaction_key,
    categorised.account_key,
    accounts.account_name,
    categorised.extract_id,
    categorised.transaction_id,
    categorised.counterparty,
    categorised.counterparty_iban,
    categorised.counterparty_account,
    categorised.description,
    categorised.merchant_key,
    categorised.merchant,
    categorised.category,
    categories.category_group,
    categories.category_kind,
    categorised.category_reason,
    categorised.transfer_key,
    categorised.counter_transaction_key,
    categorised.refund_of_transaction_key,
    categorised.refunded_by_transaction_key,
    categorised.bank_transaction_code,
    categorised.purpose_code,
    categorised.merchant_category_code,
    categorised.currency,
    categorised.amount,
    categorised.is_own_transfer,
    categorised.booking_date,
    categorised.value_date,
    cast(date_trunc('month', categorised.booking_date) as date) as booking_month
from categorised
left join accounts on categorised.account_key = accounts.account_key
left join {{ ref('dim_category') }} as categories on categorised.category = categories.category
order by categorised.booking_date, categorised.transaction_key
