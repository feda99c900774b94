{#-
    A mart is written straight into its file and read through a view of it. dbt-duckdb's own way keeps it as a table in
    memory first, and writes an empty one as a row of nulls.
-#}
{% materialization external, adapter="duckdb" -%}
    {%- set location = external_location(this, config) -%}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set existing_relation = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks) }}

    {% if existing_relation is not none and not existing_relation.is_view -%}
        {{ drop_relation_if_exists(existing_relation) }}
    {%- endif %}

    {% call statement('main') -%}
        copy (
            {{ with_promised_types(compiled_code) if config.get('contract').enforced else compiled_code }}
        ) to '{{ location }}' (format parquet)
    {%- endcall %}

    {% call statement('view') -%}
        create or replace view {{ target_relation }} as select * from read_parquet('{{ location }}')
    {%- endcall %}

    {{ run_hooks(post_hooks) }}
    {% do persist_docs(target_relation, model) %}
    {% do adapter.commit() %}

    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}

{#- A mart with the columns of its contract, in that order; refused if the query gives others. -#}
{% macro with_promised_types(sql) -%}
    {{ get_assert_columns_equivalent(sql) }}
    select
        {% for column in model.columns.values() -%}
            cast({{ column.name }} as {{ column.data_type }}) as {{ column.name }}
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from (
        {{ sql }}
    ) as mart
{%- endmacro %}
