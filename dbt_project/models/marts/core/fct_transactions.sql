with transactions as ({{ from_every_provider('transactions') }}),

accounts as (select * from {{ ref('dim_account') }}),

own_ibans as (
    select distinct iban as counterparty_iban
    from ({{ from_every_provider('accounts') }}) as links
    where iban is not null
),

rules as (select * from {{ ref('category_rules') }}),

described as (
    select
        transactions.*,
        {{ merchant("coalesce(transactions.counterparty, transactions.description, 'Unknown')") }} as shouted_merchant,
        -- Letters only: the texts that rules are matched on are then few, however many the entries.
        regexp_replace(
            lower(concat_ws(' ', transactions.counterparty, transactions.description)), '[^\pL]+', ' ', 'g'
        ) as rule_text,
        own_ibans.counterparty_iban is not null
        or regexp_matches(lower(coalesce(transactions.description, '')), '{{ card_settlement_texts() }}')
            as is_own_transfer
    from transactions
    left join own_ibans on transactions.counterparty_iban = own_ibans.counterparty_iban
),

facts as (
    select
        'text' as rule_field,
        rule_text as fact
    from described
    union
    select
        'mcc' as rule_field,
        merchant_category_code as fact
    from described
    union
    select
        'bank_code' as rule_field,
        lower(bank_transaction_code) as fact
    from described
),

matched as (
    select
        facts.rule_field,
        facts.fact,
        arg_min(rules.category, rules.priority) as category,
        min(rules.priority) as priority
    from facts
    inner join rules on facts.rule_field = rules.field and regexp_matches(facts.fact, rules.pattern)
    group by all
),

ruled as (
    select
        described.*,
        least(by_text.priority, by_mcc.priority, by_code.priority) as rule_priority,
        by_text.priority as text_priority,
        by_text.category as text_category,
        by_mcc.priority as mcc_priority,
        by_mcc.category as mcc_category,
        by_code.category as code_category
    from described
    left join matched as by_text on by_text.rule_field = 'text' and described.rule_text = by_text.fact
    left join matched as by_mcc on by_mcc.rule_field = 'mcc' and described.merchant_category_code = by_mcc.fact
    left join matched as by_code
        on by_code.rule_field = 'bank_code' and lower(described.bank_transaction_code) = by_code.fact
),

categorised as (
    select
        *,
        case
            when is_own_transfer then 'Own transfer'
            when rule_priority = text_priority then text_category
            when rule_priority = mcc_priority then mcc_category
            when rule_priority is not null then code_category
            when amount > 0 then 'Other income'
            else 'Uncategorised'
        end as category,
        case
            when is_own_transfer then 'own transfer'
            when rule_priority = text_priority then 'text rule ' || rule_priority
            when rule_priority = mcc_priority then 'merchant category code rule ' || rule_priority
            when rule_priority is not null then 'bank code rule ' || rule_priority
            else 'no rule'
        end as category_reason
    from ruled
)

select
    categorised.transaction_key,
    categorised.account_key,
    accounts.account_name,
    categorised.extract_id,
    categorised.transaction_id,
    categorised.counterparty,
    categorised.counterparty_iban,
    categorised.description,
    {{ softened('categorised.shouted_merchant') }} as merchant,
    categorised.category,
    categories.category_group,
    categories.category_kind,
    categorised.category_reason,
    categorised.bank_transaction_code,
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
