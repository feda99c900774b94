-- All of these are wide and many, and read twice, the second time for few rows: as a stream, not kept.
with transactions as not materialized ({{ from_every_provider('transactions') }}),

accounts as (select * from {{ ref('dim_account') }}),

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

extracts as ({{ from_every_provider('extracts') }}),

-- Other rules, shipped or the owner's, have another digest.
rule_set as (
    select left(md5(string_agg(rule, chr(10) order by rule)), 8) as version
    from (
        select concat_ws('|', priority, field, pattern, direction, category, merchant) as rule
        from {{ ref('int_rules') }}
    ) as rules
),

-- First of all joins, so that who asks for purchases alone joins no others.
refundable as not materialized (
    select
        transactions.*,
        purchases.refund_transaction_key as refunded_by_transaction_key,
        refunded.purchase_transaction_key as refund_of_transaction_key
    from transactions
    left join refunds as purchases on transactions.transaction_key = purchases.purchase_transaction_key
    left join refunds as refunded on transactions.transaction_key = refunded.refund_transaction_key
),

ruled as not materialized ({{ with_merchant_and_rule('refundable') }}),

marked as not materialized (
    select
        ruled.*,
        marks.category as chosen_category,
        marks.note,
        coalesce(marks.tags, []) as tags,
        coalesce(ruled.rule.priority < {{ shipped_priorities() }}, false) as is_ruled_by_owner,
        transfer_sides.transfer_key,
        transfer_sides.counter_transaction_key,
        coalesce(transfer_sides.transfer_key, unmatched_transfers.transaction_key) is not null as is_between_accounts
    from ruled
    left join transfer_sides on ruled.transaction_key = transfer_sides.transaction_key
    left join unmatched_transfers on ruled.transaction_key = unmatched_transfers.transaction_key
    left join {{ ref('stg_reference__transaction_marks') }} as marks on ruled.transaction_key = marks.transaction_key
),

-- The owner's word on the entry, then the owner's rules, then the purchase that a refund is for, then what the accounts
-- prove, then what codes and words say.
sourced as not materialized (
    select
        marked.*,
        case
            when marked.chosen_category is not null then 'person'
            when marked.is_ruled_by_owner then 'own rule'
            when marked.refund_of_transaction_key is not null then 'refund'
            when marked.is_between_accounts then 'accounts'
            when marked.rule is not null then 'shipped rule'
            else 'none'
        end as category_source
    from marked
),

categorised as not materialized (
    select
        sourced.*,
        case sourced.category_source
            when 'person' then sourced.chosen_category
            when 'accounts' then 'Own transfer'
            else {{ category_of('sourced.rule', 'sourced.amount') }}
        end as category,
        case sourced.category_source
            when 'person' then 'you chose it'
            when 'refund' then 'refund of a purchase'
            when 'accounts' then 'own transfer'
            else coalesce(sourced.rule.reason, 'no rule')
        end as category_reason
    from sourced
),

purchases as (
    select
        refunded_by_transaction_key,
        category
    from categorised
    where refunded_by_transaction_key is not null
),

-- What was given back is taken off what was spent.
settled as (
    select
        categorised.* exclude (category),
        if(categorised.category_source = 'refund', purchases.category, categorised.category) as category
    from categorised
    left join purchases on categorised.transaction_key = purchases.refunded_by_transaction_key
)

select
    settled.transaction_key,
    settled.account_key,
    accounts.account_name,
    settled.extract_id,
    extracts.raw_key,
    settled.transaction_id,
    settled.counterparty,
    settled.counterparty_iban,
    settled.counterparty_account,
    settled.description,
    settled.merchant_key,
    settled.merchant,
    settled.category,
    categories.category_group,
    categories.category_kind,
    settled.category_source,
    settled.category_reason,
    if(
        settled.category_source in ('own rule', 'shipped rule', 'none'), rule_set.version, null
    ) as rules_version,
    settled.transfer_key,
    settled.counter_transaction_key,
    settled.refund_of_transaction_key,
    settled.refunded_by_transaction_key,
    settled.note,
    settled.tags,
    settled.bank_transaction_code,
    settled.purpose_code,
    settled.merchant_category_code,
    settled.currency,
    {{ base_currency() }} as base_currency,
    settled.amount,
    {{ in_base('settled.amount', 'rates.rate') }} as base_amount,
    rates.rate,
    settled.category = 'Own transfer' as is_own_transfer,
    settled.booking_date,
    settled.value_date,
    cast(date_trunc('month', settled.booking_date) as date) as booking_month,
    rates.rate_date,
    settled.transaction_date
from settled
cross join rule_set
left join extracts on settled.extract_id = extracts.extract_id
left join accounts on settled.account_key = accounts.account_key
left join {{ ref('int_exchange_rates') }} as rates
    on settled.currency = rates.currency and settled.booking_date = rates.day
left join {{ ref('dim_category') }} as categories on settled.category = categories.category
