{#- What banks write when a current account pays a credit card's bill: money that stays ours. -#}
{% macro card_settlement_texts() -%}
    {{ [
        "credit ?card (settlement|payment|bill|repayment)",
        "card settlement",
        "kreditkarten?(abrechnung|ausgleich)",
        "afrekening credit ?card|creditcard ?afrekening",
        "(prélèvement|règlement) carte de crédit",
    ] | join("|") }}
{%- endmacro %}
