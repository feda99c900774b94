{#-
    A transaction's name for good: its account, dates, money and a number among equals (stg_gocardless__twins), not the
    bank's ids. DuckDB writes 18 digits seven times as fast as 19.
-#}
{% macro transaction_key() -%}
    md5(
        concat_ws(
            '|',
            account_key,
            booking_date,
            coalesce(cast(value_date as varchar), ''),
            coalesce(cast(try_cast(amount as decimal(18, 4)) as varchar), cast(amount as varchar), ''),
            coalesce(currency, ''),
            twin
        )
    )
{%- endmacro %}

{#- The same as a number that holds within one build: quick to compare and to join. Asks for the account's number. -#}
{% macro entry_number(booking_date='booking_date', value_date='value_date', amount='amount', currency='currency') -%}
    hash(account, {{ booking_date }}, {{ value_date }}, {{ amount }}, {{ currency }}, twin)
{%- endmacro %}
