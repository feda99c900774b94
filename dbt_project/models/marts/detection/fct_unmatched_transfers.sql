with legs as (
    select *
    from {{ ref('int_transfer_legs') }}
    where named_account_keys is not null or is_card_settlement
),

transfers as (select * from {{ ref('int_transfers') }}),

rejections as (select * from {{ ref('stg_reference__transfer_decisions') }} where decision = 'rejected'),

matched as (
    select outflow_transaction_key as transaction_key from transfers
    union all
    select inflow_transaction_key as transaction_key from transfers
),

rejected as (
    select outflow_transaction_key as transaction_key from rejections
    union
    select inflow_transaction_key as transaction_key from rejections
)

select
    legs.transaction_key,
    legs.account_key,
    legs.named_account_keys[1] as other_account_key,
    case
        when rejected.transaction_key is not null then 'the owner rejected the other side'
        when list_contains(legs.named_account_keys, legs.account_key) then 'it names its own account'
        when legs.named_account_keys is null then 'a card is paid whose account is not linked'
        else 'no entry of the account it names fits in days and amount'
    end as reason,
    legs.currency,
    legs.amount,
    rejected.transaction_key is null as is_own_transfer,
    legs.booking_date
from legs
anti join matched on legs.transaction_key = matched.transaction_key
left join rejected on legs.transaction_key = rejected.transaction_key
order by legs.booking_date, legs.transaction_key
