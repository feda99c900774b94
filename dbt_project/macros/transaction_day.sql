{#-
    The day on which an entry was done: that which its text names, else its value date, if either lies in the ten days up
    to its booking; else that. Texts name days as ISO does, as Europe does, and with the month's name (POS05MAR at Irish
    banks); many leave the year out. One search finds the texts that name none.
-#}
{% macro transaction_day() -%}
    {%- set months = {
        'jan': 1, 'feb': 2, 'mar': 3, 'mär': 3, 'mrt': 3, 'apr': 4, 'may': 5, 'mai': 5, 'maj': 5, 'mei': 5, 'jun': 6,
        'jul': 7, 'aug': 8, 'sep': 9, 'oct': 10, 'okt': 10, 'nov': 11, 'dec': 12, 'dez': 12, 'des': 12,
    } -%}
    {%- set month = "(?i:" ~ months | join("|") ~ ")" -%}
    coalesce(
        case
            when regexp_matches(description, '\d[./-]\d|\d ?{{ month }}')
                then list_max(
                    list_filter(
                        [
                            try_cast(regexp_extract(description, '\b\d{4}-\d{2}-\d{2}') as date),
                            {{ european_day("regexp_extract(description, '\\b\\d{1,2}[./-]\\d{1,2}[./-](?:20)?\\d{2}\\b')") }},
                            {%- for year in ['booking_date', 'booking_date - 10'] %}
                            {{ european_day(
                                "regexp_extract(description, '\\b(\\d{1,2}[./]\\d{1,2})[.]?(?:\\s|$)', 1) || '.' || year(" ~ year ~ ")"
                            ) }},
                            {{ european_day(
                                "regexp_extract(description, '(?i:\\b|pos)(\\d{2}) ?" ~ month ~ "', 1) || '.' || "
                                ~ "map " ~ months ~ "[lower(regexp_extract(description, '\\d{2} ?(" ~ month ~ ")', 1))]"
                                ~ " || '.' || year(" ~ year ~ ")"
                            ) }}{{ "," if not loop.last }}
                            {%- endfor %}
                        ],
                        lambda day: day between booking_date - 10 and booking_date
                    )
                )
        end,
        case when value_date between booking_date - 10 and booking_date then value_date end,
        booking_date
    )
{%- endmacro %}

{#- A day, a month and a year as a date, null if they are none. -#}
{% macro european_day(text) -%}
    cast(try_strptime(translate({{ text }}, '/-', '..'), ['%d.%m.%y', '%d.%m.%Y']) as date)
{%- endmacro %}
