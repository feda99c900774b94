{#-
    A text as an amount, null if it is none. DuckDB reads 18 digits a hundred times as fast as 19, and hardly an amount
    has more.
-#}
{% macro money(amount) -%}
    coalesce(try_cast({{ amount }} as decimal(18, 4)), try_cast({{ amount }} as decimal(19, 4)))
{%- endmacro %}

{#- The day an entry counts for: the day it was posted, else the day its money counts. -#}
{% macro entry_day() -%}
    coalesce(
        try_cast(booking_date as date),
        try_cast(left(booking_date_time, 10) as date),
        try_cast(value_date as date),
        try_cast(left(value_date_time, 10) as date)
    )
{%- endmacro %}

{#- The day from which an entry's money counts. -#}
{% macro entry_value_day() -%}
    coalesce(try_cast(value_date as date), try_cast(left(value_date_time, 10) as date))
{%- endmacro %}

{#- A JSON array of texts, joined; what is no array stays as it is. -#}
{% macro joined_texts(texts, by='\n') -%}
    case
        when json_valid({{ texts }}) and json_type({{ texts }}) = 'ARRAY'
            then array_to_string(json_extract_string({{ texts }}, '$[*]'), {{ "chr(10)" if by == '\n' else "'" ~ by ~ "'" }})
        else {{ texts }}
    end
{%- endmacro %}

{#-
    What the bank wrote about an entry: the first of its text fields that holds anything. A list keeps its lines. Where a
    text was cut at 140 characters, the list is the whole of it, in pieces that may split words.
-#}
{% macro entry_description() -%}
    {%- set lines = 'remittance_information_unstructured_array' -%}
    coalesce(
        case
            when length(remittance_information_unstructured) >= 140
                then case
                    when starts_with({{ joined_texts(lines, by='') }}, remittance_information_unstructured)
                        then {{ joined_texts(lines, by='') }}
                end
        end,
        nullif(trim(remittance_information_unstructured), ''),
        nullif(trim({{ joined_texts('remittance_information_unstructured_array') }}), ''),
        nullif(trim(remittance_information_structured), ''),
        nullif(trim({{ joined_texts('remittance_information_structured_array') }}), ''),
        nullif(trim(additional_information), '')
    )
{%- endmacro %}

{#- A name, unless it is one of the words that ISO 20022 and banks write for none. -#}
{% macro given_name(name) -%}
    case
        when not regexp_full_match(upper(trim({{ name }})), '|N/?A|NOT ?PROVIDED|NULL|NONE|UNKNOWN|[-.*]+')
            then trim({{ name }})
    end
{%- endmacro %}

{#-
    The party that is not us. The ultimate one is the shop behind a payment service. Where the bank names only the party
    on our side, that is the account holder and no counterparty.
-#}
{% macro entry_counterparty() -%}
    case
        when starts_with(transaction_amount, '-')
            then coalesce({{ given_name('ultimate_creditor') }}, {{ given_name('creditor_name') }})
        else coalesce({{ given_name('ultimate_debtor') }}, {{ given_name('debtor_name') }})
    end
{%- endmacro %}

{% macro entry_counterparty_iban() -%}
    {{ normalised_iban("case when starts_with(transaction_amount, '-')"
        ~ " then creditor_account_iban else debtor_account_iban end") }}
{%- endmacro %}

{#- The number of the counterparty's account in whatever form the bank gives it; some banks send text for an object. -#}
{% macro entry_counterparty_account() -%}
    case
        {%- for condition, party in [("when starts_with(transaction_amount, '-') then", "creditor"), ("else", "debtor")] %}
        {{ condition }} coalesce(
            {%- for form in ["iban", "bban", "masked_pan", "pan", "msisdn"] %}
            {{ given_name(party ~ "_account_" ~ form) }},
            {%- endfor %}
            case
                when json_type(other_fields, '$.{{ party }}Account') = 'VARCHAR'
                    then json_extract_string(other_fields, '$.{{ party }}Account')
            end
        )
        {%- endfor %}
    end
{%- endmacro %}

{#- A field of what the bank says of an exchange of currencies: an object at some banks, a list of them at others. -#}
{% macro exchange_field(path) -%}
    coalesce(
        json_extract_string(currency_exchange, '$[0].{{ path }}'),
        json_extract_string(currency_exchange, '$.{{ path }}')
    )
{%- endmacro %}
