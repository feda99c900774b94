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

{#- Entries with their merchant and the rule that wins for them: money that came in and money that went out differ. -#}
{% macro with_merchant_and_rule(entries) -%}
    select
        {{ entries }}.*,
        wordings.merchant_key,
        wordings.merchant,
        case
            {% for condition, direction in [('when ' ~ entries ~ '.amount > 0 then', 'in'), ('else', 'out')] -%}
            {{ condition }} least(
                wordings.{{ direction }}_rule
                {%- for field in code_fields() %}, by_{{ field }}.{{ direction }}_rule{% endfor %}
            )
            {% endfor %}
        end as rule
    from {{ entries }}
    left join {{ ref('int_wording_rules') }} as wordings on {{ entries }}.wording_key = wordings.wording_key
    {% for field, column in code_fields().items() -%}
    left join {{ ref('int_code_rules') }} as by_{{ field }}
        on {{ entries }}.{{ column }} = by_{{ field }}.code and by_{{ field }}.field = '{{ field }}'
    {% endfor -%}
{%- endmacro %}

{#- The category of an entry that no rule fits. -#}
{% macro category_of(rule, amount) -%}
    coalesce({{ rule }}.category, if({{ amount }} > 0, 'Other income', 'Uncategorised'))
{%- endmacro %}
