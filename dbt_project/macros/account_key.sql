{#- Whether a text looks like a whole IBAN: banks mask cards' IBANs with stars or a run of X. -#}
{% macro is_iban(iban) -%}
    (
        regexp_full_match({{ iban }}, '[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}')
        and not regexp_matches({{ iban }}, 'X{4,}')
    )
{%- endmacro %}

{#- An IBAN as the standard writes it: upper case, no blanks. -#}
{% macro normalised_iban(iban) -%}
    nullif(upper(replace({{ iban }}, ' ', '')), '')
{%- endmacro %}

{#- The account itself, whatever id a link gave it: equal for every link of one account. -#}
{% macro account_key(iban, bban, currency, institution_id, resource_id, account_id) -%}
    md5(
        case
            when {{ is_iban(iban) }} then 'iban:' || {{ iban }} || ':' || coalesce({{ currency }}, '')
            when {{ bban }} <> ''
                then 'bban:' || coalesce({{ institution_id }}, '') || ':' || {{ bban }}
                    || ':' || coalesce({{ currency }}, '')
            when {{ resource_id }} <> ''
                then 'resource:' || coalesce({{ institution_id }}, '') || ':' || {{ resource_id }}
            else 'id:' || {{ account_id }}
        end
    )
{%- endmacro %}
