{#-
    That a model's keys are there and name one row each, and that what has to be filled is: in one look at it, for a test
    of each column took many times as long. A column at fault is a row, with the number of the model's rows at fault.
-#}
{% test complete(model, keys=[], filled=[]) %}
    {{ config(fail_calc='coalesce(sum(faults), 0)') }}
    with counted as (
        select
            {% for column in keys -%}
                count({{ column }}) - count(distinct {{ column }}) as "{{ column }} is repeated",
            {% endfor -%}
            {% for column in keys + filled -%}
                count(*) - count({{ column }}) as "{{ column }} is missing",
            {% endfor -%}
        from {{ model }}
    )

    select * from (unpivot counted on * into name fault value faults) as found
    where faults > 0
{% endtest %}
