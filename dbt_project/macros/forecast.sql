{#- How many days ahead errors are measured; days between have what lies between. -#}
{% macro forecast_knots() -%}
    {{ return([1, 3, 7, 14, 21, 30, 45, 60, 75, 90]) }}
{%- endmacro %}

{#- How many times a year something of a rhythm comes. -#}
{% macro times_a_year(period_days, period_months) -%}
    if({{ period_months }} > 0, 12 // {{ period_months }}, 364 // {{ period_days }})
{%- endmacro %}

{#-
    By how much more the future strays than windows of the past did, whose mean was taken from the same days: of a
    random walk's variance they show 1 - h/T, and a forecast's error has 1 + h/T. Few windows of that length are apart.
-#}
{% macro widening(days_ahead, days_known) -%}
    sqrt(
        (1 + {{ days_ahead }} / 365.0) / greatest(0.25, 1 - {{ days_ahead }} / 365.0)
    ) * (1 + {{ days_ahead }} / cast({{ days_known }} as double))
{%- endmacro %}
