{#- Words that say that money is given back; of small letters without accents. -#}
{% macro refund_texts() -%}
    {{ [
        "refund|reversal|charge ?back|money back|returned goods",
        "erstattung|gutschrift|retoure|ruckzahlung|rucklastschrift|storno",
        "remboursement|avoir|rimborso|reembolso|devolucion|devolucao|estorno|abono por",
        "terugbetaling|retour|terugboeking",
        "zwrot|aterbetalning|refusjon|tilbakebetaling|tilbagebetaling|kreditering",
        "tagasimakse|atmaksa|grazinimas|hyvitys|palautus|rambursare",
    ] | join("|") }}
{%- endmacro %}
