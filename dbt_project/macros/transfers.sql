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

{#- Outflows with the inflows that come some days before or after them and meet conditions; looked for week by week. -#}
{% macro transfer_pairs(reason, score, days, conditions, outflows='outflows', inflows='inflows') -%}
    select
        outflows.transaction_key as left_key,
        inflows.transaction_key as right_key,
        '{{ reason }}' as amount_reason,
        {{ score }} as amount_score
    from {{ outflows }} as outflows
    inner join {{ inflows }} as inflows
        on
            outflows.week = inflows.near_week
            and {{ conditions | join(' and ') }}
    where inflows.booking_date - outflows.booking_date between {{ days[0] }} and {{ days[1] }}
{%- endmacro %}
