{#-
    A number of an account in the form in which two of them are compared: a card by its last digits, since banks mask
    the others each in its own way.
-#}
{% macro comparable_number(number) -%}
    case
        when regexp_full_match({{ number }}, '[^A-Za-z]*[*xX][*xX -]*[0-9]{4}') then 'card ' || right({{ number }}, 4)
        else {{ normalised_number(number) }}
    end
{%- endmacro %}

{#- Pairs are looked for in weeks, so that no join compares all days with all others. -#}
{% macro week_number(day) -%}
    cast(floor(({{ day }} - date '2000-01-03') / 7) as integer)
{%- endmacro %}
