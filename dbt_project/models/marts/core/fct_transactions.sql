with transactions as ({{ from_every_provider('transactions') }}),

accounts as (select * from {{ ref('dim_account') }}),

own_ibans as (
    select distinct iban as counterparty_iban
    from ({{ from_every_provider('accounts') }}) as links
    where iban is not null
),

ruled as ({{ with_merchant_and_rule('transactions') }}),

marked as (
    select
        ruled.*,
        marks.category as chosen_category,
        marks.note,
        coalesce(marks.tags, []) as tags,
        coalesce(ruled.rule.priority < {{ shipped_priorities() }}, false) as is_ruled_by_owner,
        own_ibans.counterparty_iban is not null
        or regexp_matches(lower(coalesce(ruled.description, '')), '{{ card_settlement_texts() }}')
            as is_between_accounts
    from ruled
    left join own_ibans on ruled.counterparty_iban = own_ibans.counterparty_iban
    left join {{ ref('stg_reference__transaction_marks') }} as marks on ruled.transaction_key = marks.transaction_key
),

-- The owner's word on the entry, then the owner's rules, then what the accounts prove, then what codes and words say.
sourced as (
    select
        marked.*,
        case
            when marked.chosen_category is not null then 'person'
            when marked.is_ruled_by_owner then 'own rule'
            when marked.is_between_accounts then 'accounts'
            when marked.rule is not null then 'shipped rule'
            else 'none'
        end as category_source
    from marked
),

categorised as (
    select
        sourced.*,
        case sourced.category_source
            when 'person' then sourced.chosen_category
            when 'accounts' then 'Own transfer'
            else {{ category_of('sourced.rule', 'sourced.amount') }}
        end as category,
        case sourced.category_source
            when 'person' then 'you chose it'
            when 'accounts' then 'own transfer'
            else coalesce(sourced.rule.reason, 'no rule')
        end as category_reason
    from sourced
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
    categorised.category_source,
    categorised.category_reason,
    categorised.note,
    categorised.tags,
    categorised.bank_transaction_code,
    categorised.purpose_code,
    categorised.merchant_category_code,
    categorised.currency,
    {{ base_currency() }} as base_currency,
    categorised.amount,
    {{ in_base('categorised.amount', 'rates.rate') }} as base_amount,
    rates.rate,
    categorised.category = 'Own transfer' as is_own_transfer,
    categorised.booking_date,
    categorised.value_date,
    cast(date_trunc('month', categorised.booking_date) as date) as booking_month,
    rates.rate_date
from categorised
left join accounts on categorised.account_key = accounts.account_key
left join {{ ref('int_exchange_rates') }} as rates
    on categorised.currency = rates.currency and categorised.booking_date = rates.day
left join {{ ref('dim_category') }} as categories on categorised.category = categories.category
order by categorised.booking_date, categorised.transaction_key
