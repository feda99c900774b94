{#-
    The day on which an entry was done: that which its text names, else its value date, if either lies in the ten days up
    to its booking; else that. Texts name days as ISO does, as Europe does, and with the month's name (POS05MAR at Irish
    banks); many leave the year out. One search finds the texts that name none, and a text is read until a day fits.
-#}
{% macro transaction_day() -%}
    {%- set months = {
        'jan': 1, 'feb': 2, 'mar': 3, 'mär': 3, 'mrt': 3, 'apr': 4, 'may': 5, 'mai': 5, 'maj': 5, 'mei': 5, 'jun': 6,
        'jul': 7, 'aug': 8, 'sep': 9, 'oct': 10, 'okt': 10, 'nov': 11, 'dec': 12, 'dez': 12, 'des': 12,
    } -%}
    {%- set month = "(?i:" ~ months | join("|") ~ ")" -%}
    {%- set day_and_month = "\\b(?:0?[1-9]|[12]\\d|3[01])[./-](?:0?[1-9]|1[0-2])" -%}
    {#- What finds nothing is null at once: to try to read no text as a day takes longer than the search. -#}
    {%- set iso = "nullif(regexp_extract(description, '\\b\\d{4}-\\d{2}-\\d{2}'), '')" -%}
    {%- set with_year = "nullif(regexp_extract(description, '" ~ day_and_month ~ "[./-](?:20)?\\d{2}\\b'), '')" -%}
    {%- set without_year = "nullif(regexp_extract(description, '(" ~ day_and_month ~ ")[.]?(?:\\s|$)', 1), '') || '.'" -%}
    {%- set by_name = "nullif(regexp_extract(description, '(?i:\\b|pos)(\\d{2}) ?" ~ month ~ "', 1), '') || '.' || map "
        ~ months ~ "[lower(regexp_extract(description, '\\d{2} ?(" ~ month ~ ")', 1))] || '.'" -%}
    case
        when regexp_matches(description, '\d[./-]\d|\d ?{{ month }}')
            then coalesce(
                {{ shortly_before("try_cast(" ~ iso ~ " as date)") }},
                {{ shortly_before(european_day(with_year)) }},
                {%- for text in [without_year, by_name] %}
                {%- for year in ["year(booking_date)", "year(booking_date - 10)"] %}
                {{ shortly_before(european_day(text ~ " || " ~ year)) }},
                {%- endfor %}
                {%- endfor %}
                {{ shortly_before("value_date") }},
                booking_date
            )
        else coalesce({{ shortly_before("value_date") }}, booking_date)
    end
{%- endmacro %}

{#- A day, a month and a year as a date, null if they are none. -#}
{% macro european_day(text) -%}
    cast(try_strptime(translate({{ text }}, '/-', '..'), ['%d.%m.%y', '%d.%m.%Y']) as date)
{%- endmacro %}

{#- A day of the ten up to the booking, null if it is another. A list, so that it is worked out once. -#}
{% macro shortly_before(day) -%}
    list_filter([{{ day }}], lambda day: day between booking_date - 10 and booking_date)[1]
{%- endmacro %}
