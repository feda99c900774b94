{#- Where the priorities of the shipped rules begin; the owner's are below. -#}
{% macro shipped_priorities() %}100{% endmacro %}

{#- Which rule it was, for people. -#}
{% macro reason(field, priority, pattern) -%}
    if({{ priority }} < {{ shipped_priorities() }}, 'your ', '') || replace({{ field }}, '_', ' ') || ' rule ' || {{ priority }} || ' “' || {{ pattern }} || '”'
{%- endmacro %}

{#- The kinds of code that rules speak of, and the columns that hold them. -#}
{% macro code_fields() -%}
    {{ return({
        'purpose_code': 'purpose_code', 'bank_code': 'bank_transaction_code', 'mcc': 'merchant_category_code'
    }) }}
{%- endmacro %}

{#-
    What joins an entry to its row of int_rulings: its wording, the direction of the money and its codes, in a number. Rules
    look at nothing else.
-#}
{% macro ruling_key(entries) -%}
    hash(
        {{ entries }}.wording_key,
        {{ is_incoming(entries) }}
        {%- for column in code_fields().values() %}, {{ entries }}.{{ column }}{% endfor %}
    )
{%- endmacro %}

{% macro is_incoming(entries) -%}
    coalesce({{ entries }}.amount > 0, false)
{%- endmacro %}

{#- Entries with their merchant and the rule that wins for them. -#}
{% macro with_merchant_and_rule(entries) -%}
    select
        {{ entries }}.*,
        rulings.merchant_key,
        rulings.merchant,
        rulings.rule
    from {{ entries }}
    left join {{ ref('int_rulings') }} as rulings on {{ ruling_key(entries) }} = rulings.ruling_key
{% endmacro %}

{#- The category of an entry that no rule fits. -#}
{% macro category_of(rule, amount) -%}
    coalesce({{ rule }}.category, if({{ amount }} > 0, 'Other income', 'Uncategorised'))
{%- endmacro %}
