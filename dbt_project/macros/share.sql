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
