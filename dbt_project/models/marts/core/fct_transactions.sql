with transactions as ({{ from_every_provider('transactions') }}),

accounts as (select * from {{ ref('dim_account') }}),

own_ibans as (
    select distinct iban as counterparty_iban
    from ({{ from_every_provider('accounts') }}) as links
    where iban is not null
),

ruled as ({{ with_merchant_and_rule('transactions') }}),

described as (
    select
        ruled.*,
        own_ibans.counterparty_iban is not null
        or regexp_matches(lower(coalesce(ruled.description, '')), '{{ card_settlement_texts() }}') as is_own_transfer
    from ruled
    left join own_ibans on ruled.counterparty_iban = own_ibans.counterparty_iban
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
