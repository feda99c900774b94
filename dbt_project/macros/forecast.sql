{#- How many days ahead errors are measured; days between have what lies between. -#}
{% macro forecast_knots() -%}
    {{ return([1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 30, 45, 60, 75, 90]) }}
{%- endmacro %}

{#- By how many days at most windows of the past begin at another time of the month than the forecast. -#}
{% macro forecast_leeway() -%}
    {{ return(1) }}
{%- endmacro %}

{#- How many times a year something of a rhythm comes. -#}
{% macro times_a_year(period_days, period_months) -%}
    if({{ period_months }} > 0, 12 // {{ period_months }}, 364 // {{ period_days }})
{%- endmacro %}

{#-
    By how much more the future strays than windows of the past did. Those of the mean's own days helped to make it: of a
    random walk's variance they show 1 - h/T, and a forecast's error has 1 + h/T. Those of the year before are told by
    it as the future is.
-#}
{% macro widening(days_ahead, known_days) -%}
    {%- set of_mean = "(" ~ days_ahead ~ " / cast(least(" ~ known_days ~ ", 365) as double))" -%}
    (
        1
        + least(1, 365.0 / {{ known_days }})
        * (sqrt((1 + {{ of_mean }}) / greatest(0.25, 1 - {{ of_mean }})) - 1)
    )
{%- endmacro %}

{#-
    The bound that a share of futures stays within, as split conformal prediction has it: of n windows that tell something
    new not the quantile of that share but of share * (n + 1) / n, at most the farthest that ever was.

    `past` is a sorted list of by how much windows strayed, `windows` how many of them are apart.
-#}
{% macro conformal_bound(past, windows, share, is_upper=true) -%}
    {%- set beyond = "(1 - least(1, " ~ share ~ " * (" ~ windows ~ " + 1) / " ~ windows ~ ")) * (len(" ~ past ~ ") - 1)" -%}
    {{ past }}[{% if is_upper %}len({{ past }}) - {% else %}1 + {% endif %}cast(floor({{ beyond }}) as bigint)]
{%- endmacro %}
