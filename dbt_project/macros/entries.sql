{#- The day an entry counts for: the day it was posted, else the day its money counts. -#}
{% macro entry_day() -%}
    coalesce(
        try_cast(booking_date as date),
        try_cast(left(booking_date_time, 10) as date),
        try_cast(value_date as date),
        try_cast(left(value_date_time, 10) as date)
    )
{%- endmacro %}

{#- A JSON array of texts as one text; what is no array stays as it is. -#}
{% macro joined_texts(texts) -%}
    case
        when json_valid({{ texts }}) and json_type({{ texts }}) = 'ARRAY'
            then array_to_string(json_extract_string({{ texts }}, '$[*]'), ' ')
        else {{ texts }}
    end
{%- endmacro %}

{#- What the bank wrote about an entry: the first of its text fields that holds anything. -#}
{% macro entry_description() -%}
    coalesce(
        nullif(trim(remittance_information_unstructured), ''),
        nullif(trim({{ joined_texts('remittance_information_unstructured_array') }}), ''),
        nullif(trim(remittance_information_structured), ''),
        nullif(trim({{ joined_texts('remittance_information_structured_array') }}), ''),
        nullif(trim(additional_information), '')
    )
{%- endmacro %}

{#- The party that is not us. The ultimate one is the shop behind a payment service. -#}
{% macro entry_counterparty() -%}
    case
        when starts_with(transaction_amount, '-')
            then coalesce(nullif(trim(ultimate_creditor), ''), nullif(trim(creditor_name), ''))
        else coalesce(nullif(trim(ultimate_debtor), ''), nullif(trim(debtor_name), ''))
    end
{%- endmacro %}

{% macro entry_counterparty_iban() -%}
    {{ normalised_iban("case when starts_with(transaction_amount, '-')"
        ~ " then creditor_account_iban else debtor_account_iban end") }}
{%- endmacro %}
