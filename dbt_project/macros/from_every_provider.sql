{#- The one place where providers meet: the same staging entity of each, one below the other. -#}
{% macro from_every_provider(entity) -%}
    {%- for provider in var('providers') -%}
        select *, '{{ provider }}' as provider from {{ ref('stg_' ~ provider ~ '__' ~ entity) }}
        {%- if not loop.last %} union all by name {% endif -%}
    {%- endfor -%}
{%- endmacro %}
