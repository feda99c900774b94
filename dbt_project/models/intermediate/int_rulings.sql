-- Many entries are alike in all that rules look at: what is looked up here once is joined to all of them.
with entries as (
    {%- for entity in ['transactions', 'pending_transactions'] %}
        select
            {{ ruling_key('entries') }} as ruling_key,
            {{ is_incoming('entries') }} as is_incoming,
            {% for column in code_fields().values() -%}
                entries.{{ column }},
            {% endfor -%}
            entries.wording_key
        from ({{ from_every_provider(entity) }}) as entries
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

alike as (
    select
        ruling_key,
        any_value(is_incoming) as is_incoming,
        {% for column in code_fields().values() -%}
            any_value({{ column }}) as {{ column }},
        {% endfor -%}
        any_value(wording_key) as wording_key
    from entries
    group by ruling_key
)

select
    alike.ruling_key,
    wordings.merchant_key,
    wordings.merchant,
    case
        when alike.is_incoming
            then least(
                {% for field in code_fields() -%}
                    by_{{ field }}.in_rule,
                {% endfor -%}
                wordings.in_rule
            )
        else least(
            {% for field in code_fields() -%}
                by_{{ field }}.out_rule,
            {% endfor -%}
            wordings.out_rule
        )
    end as rule
from alike
left join {{ ref('int_wording_rules') }} as wordings on alike.wording_key = wordings.wording_key
{% for field, column in code_fields().items() -%}
    left join {{ ref('int_code_rules') }} as by_{{ field }}
        on alike.{{ column }} = by_{{ field }}.code and by_{{ field }}.field = '{{ field }}'
{% endfor -%}
