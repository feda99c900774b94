{#-
    The rhythms that payments have: days or months from one to the next, the days by which they may stray, and how
    often one has to be seen before it is believed.
-#}
{% macro cadences() -%}
    {{ return([
        ('weekly', 7, 0, 1, 5),
        ('fortnightly', 14, 0, 2, 4),
        ('four-weekly', 28, 0, 2, 4),
        ('monthly', 30, 1, 6, 3),
        ('bimonthly', 61, 2, 7, 3),
        ('quarterly', 91, 3, 9, 3),
        ('half-yearly', 182, 6, 12, 3),
        ('yearly', 365, 12, 15, 2),
    ]) }}
{%- endmacro %}

{#- The rhythms as rows. -#}
{% macro cadence_rows() -%}
    select * from (values
    {%- for name, days, months, tolerance, least_seen in cadences() %}
        ('{{ name }}', {{ days }}, {{ months }}, {{ tolerance }}, {{ least_seen }})
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
    ) as cadences (cadence, period_days, period_months, tolerance_days, least_seen)
{%- endmacro %}

{#- The days before the newest one from which forecasts are made: today's, and those that are checked by now. -#}
{% macro forecast_ages() -%}
    {{ return([0, 30, 60, 90]) }}
{%- endmacro %}

{#- A day of a month, the month's last one where it is shorter. -#}
{% macro day_of_month(month, day) -%}
    cast({{ month }} + to_days(cast(least({{ day }}, day(last_day({{ month }}))) - 1 as integer)) as date)
{%- endmacro %}

{#- A day, or the working day before or after it: some payments wait for Monday, some come on Friday. -#}
{% macro rolled(day, roll) -%}
    case
        when {{ roll }} > 0 and isodow({{ day }}) > 5 then {{ day }} + cast(8 - isodow({{ day }}) as integer)
        when {{ roll }} < 0 and isodow({{ day }}) > 5 then {{ day }} - cast(isodow({{ day }}) - 5 as integer)
        else {{ day }}
    end
{%- endmacro %}
