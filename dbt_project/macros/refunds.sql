{#- Money that came in with what was paid to the same merchant before it, from the same account; a condition may follow. -#}
{% macro refund_pairs(window_days) -%}
    select
        debits.transaction_key as left_key,
        credits.transaction_key as right_key,
        -debits.amount = credits.amount as is_whole,
        credits.says_refund,
        credits.is_spending,
        credits.booking_date - debits.booking_date as days_between
    from credits
    inner join debits
        on
            credits.account_key = debits.account_key
            and credits.merchant_key = debits.merchant_key
            and credits.currency = debits.currency
            and credits.booking_date - debits.booking_date between 0 and {{ window_days }}
{%- endmacro %}
