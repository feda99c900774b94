{#-
    A transaction's name for good: its account, dates, money and a number among equals, not the bank's ids.

    Equals are numbered in the order in which their texts were first seen, so that one that comes later takes no other's
    name, nor does a bank's change of order. Needs `first_seen_at` of stg_gocardless__twins, joined by the second macro.
-#}
{% macro transaction_key() -%}
    md5(
        concat_ws(
            '|',
            account_key,
            booking_date,
            coalesce(cast(value_date as varchar), ''),
            coalesce(cast(amount as varchar), ''),
            coalesce(currency, ''),
            twin
        )
    )
{%- endmacro %}

{% macro numbered_twins(relation, within) -%}
    select
        entries.*,
        row_number() over (
            partition by
                {% for column in within %}entries.{{ column }}, {% endfor -%}
                entries.account_key, entries.booking_date, entries.value_date, entries.amount, entries.currency
            order by twins.first_seen_at, entries.counterparty, entries.description, try_cast(entries.entry_index as integer)
        ) as twin
    from {{ relation }} as entries
    left join {{ ref('stg_gocardless__twins') }} as twins
        on
            entries.account_key = twins.account_key
            and entries.booking_date = twins.booking_date
            and entries.value_date is not distinct from twins.value_date
            and entries.amount is not distinct from twins.amount
            and entries.currency is not distinct from twins.currency
            and entries.counterparty is not distinct from twins.counterparty
            and entries.description is not distinct from twins.description
{%- endmacro %}
