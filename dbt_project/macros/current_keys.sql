{#-
    What the owner decided on transactions, under the keys that they have now: a bank that moves an entry by a day gives it
    another key. Of several decisions on one subject, that on the key itself counts before those that moved there, and
    where it was taken back there is none.
-#}
{% macro by_current_keys(table, keys, others=[]) -%}
    select newest.*
    from (
        select
            decisions.* replace (
                {%- for key in keys %}
                coalesce(by_{{ key }}.current_transaction_key, decisions.{{ key }}) as {{ key }}{% if not loop.last %},{% endif %}
                {%- endfor %}
            )
        from {{ source('reference', table) }} as decisions
        {%- for key in keys %}
        left join {{ ref('int_current_keys') }} as by_{{ key }} on decisions.{{ key }} = by_{{ key }}.transaction_key
        {%- endfor %}
        qualify row_number() over (
            partition by
                {%- for key in keys %}
                coalesce(by_{{ key }}.current_transaction_key, decisions.{{ key }})
                {%- if not loop.last %},{% endif %}
                {%- endfor %}
                {%- for other in others %}, decisions.{{ other }}{% endfor %}
            order by
                {% for key in keys %}coalesce(by_{{ key }}.moves, 0){% if not loop.last %} + {% endif %}{% endfor %},
                decisions.decided_at desc
        ) = 1
    ) as newest
    where newest.is_withdrawn = 'false'
{%- endmacro %}
