{#- What was settled, per account, currency and month: what every mart that claims money is held against. -#}
{% macro settled_by_month() -%}
    select
        account_key,
        currency,
        cast(date_trunc('month', booking_date) as date) as booking_month,
        sum(amount) as amount,
        count(*) as entries
    from ({{ from_every_provider('transactions') }}) as settled
    group by all
{%- endmacro %}
