{#- The currency that all amounts are also given in: the setting FARTHING_BASE_CURRENCY, by the plugin. -#}
{% macro base_currency() -%}
    cast(getvariable('base_currency') as varchar)
{%- endmacro %}

{#- An amount in the base currency; null where no rate is known. Most money is of it already: to multiply is slow. -#}
{% macro in_base(amount, rate) -%}
    case
        when {{ rate }} = 1 then cast({{ amount }} as decimal(19, 4))
        else cast(cast({{ amount }} as decimal(19, 4)) * {{ rate }} as decimal(19, 4))
    end
{%- endmacro %}

{#- A sum in the base currency; null as soon as one of its amounts has no rate, for a part would pass for the whole. -#}
{% macro sum_in_base(base_amount) -%}
    cast(case when count(*) = count({{ base_amount }}) then sum({{ base_amount }}) end as decimal(38, 4))
{%- endmacro %}
