{#- A mart's file is new in every build, so that nothing is overwritten under a reader. -#}
{% macro external_location(relation, config) -%}
    {%- set lake_url = run_query("select getvariable('lake_url')").columns[0][0] if execute else '' -%}
    {{ lake_url }}/marts/{{ relation.identifier }}/{{ invocation_id }}.parquet
{%- endmacro %}
