{#- Every field that a bank can send of an entry, as landing has them: any other value makes another version. -#}
{% macro landed_entry_fields() -%}
    {%- set party = ['iban', 'bban', 'pan', 'masked_pan', 'msisdn', 'currency'] -%}
    {%- set fields = [
        'transaction_id', 'internal_transaction_id', 'entry_reference', 'end_to_end_id', 'mandate_id', 'check_id',
        'creditor_id', 'booking_date', 'booking_date_time', 'value_date', 'value_date_time', 'transaction_amount',
        'transaction_currency', 'currency_exchange', 'creditor_name', 'creditor_agent', 'debtor_name', 'debtor_agent',
        'ultimate_creditor', 'ultimate_debtor', 'remittance_information_unstructured',
        'remittance_information_unstructured_array', 'remittance_information_structured',
        'remittance_information_structured_array', 'additional_information', 'additional_information_structured',
        'additional_data_structured', 'purpose_code', 'bank_transaction_code', 'proprietary_bank_transaction_code',
        'merchant_category_code', 'balance_after_transaction_amount', 'balance_after_transaction_currency',
        'balance_after_transaction_type', 'other_fields',
    ] -%}
    {%- for side in ['creditor', 'debtor'] -%}
        {%- for form in party -%}{%- do fields.append(side ~ '_account_' ~ form) -%}{%- endfor -%}
    {%- endfor -%}
    {{ return(fields) }}
{%- endmacro %}

{#- The bank's id of an entry, unless it is one of the texts that banks write on many. -#}
{% macro telling_id(transaction_id) -%}
    case
        when not regexp_full_match(upper(trim({{ transaction_id }})), '|NOT ?PROVIDED|N/?A|NONE|NULL|0+|9+8?')
            then trim({{ transaction_id }})
    end
{%- endmacro %}
