{#- One sum as a share of another, to four places: in whole ten-thousandths, since decimals divide as floats. -#}
{% macro share(part, whole) -%}
    case
        when {{ whole }} > 0
            then cast(
                cast(cast({{ part }} * 10000 as hugeint) * 10000 // cast({{ whole }} * 10000 as hugeint) as decimal(18, 0))
                * cast(0.0001 as decimal(5, 4)) as decimal(18, 4)
            )
    end
{%- endmacro %}

{#- What a sum of money is to be divided into, rounded up to the next ten-thousandth. -#}
{% macro instalment(amount, number) -%}
    cast(
        cast(
            (cast({{ amount }} * 10000 as hugeint) + {{ number }} - 1) // {{ number }} as decimal(18, 0)
        ) * cast(0.0001 as decimal(5, 4)) as decimal(19, 4)
    )
{%- endmacro %}

{#- The mean of amounts that meet a condition, to the nearest ten-thousandth: avg() would be one of floats. -#}
{% macro mean_amount(amount, condition) -%}
    {%- set total = "sum(" ~ amount ~ ") filter (where " ~ condition ~ ")" -%}
    {%- set number = "count(" ~ amount ~ ") filter (where " ~ condition ~ ")" -%}
    cast(
        cast(
            sign({{ total }}) * ((cast(abs({{ total }}) * 10000 as hugeint) + {{ number }} // 2) // {{ number }})
            as decimal(18, 0)
        ) * cast(0.0001 as decimal(5, 4)) as decimal(19, 4)
    )
{%- endmacro %}
