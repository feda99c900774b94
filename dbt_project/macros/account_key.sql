{#-
    What tells that two links lead to one account, strongest first:

    1. the IBAN, with the currency: two currencies under one IBAN are two accounts;
    2. the BBAN, or a sort code with its number, with institution and currency;
    3. the bank's resource id, with institution and currency;
    4. the masked number of a card, with institution, currency and product, all of them known;
    5. the link's own id, which tells of nothing else.

    What is missing tells nothing: no evidence is made of a null. A weaker evidence that is held by two links whose
    IBANs or BBANs differ tells nothing either. docs/identity.md says how an account gets its key from this.
-#}
{% macro account_evidence(relation) -%}
    {%- set scope = "institution_id || ':' || " -%}
    {%- set in_currency = " || ':' || coalesce(currency, '')" -%}
    {%- set kinds = [
        (1, "case when " ~ is_iban("iban") ~ " then 'iban:' || iban" ~ in_currency ~ " end", "iban"),
        (2, "'bban:' || " ~ scope ~ "bban" ~ in_currency, scope ~ "bban"),
        (3, "'resource:' || " ~ scope ~ "resource_id" ~ in_currency, "resource_id"),
        (4, "'card:' || " ~ scope ~ "card_number || ':' || currency || ':' || product", "card_number"),
        (5, "'id:' || account_id", "account_id"),
    ] -%}
    {%- for strength, evidence, number in kinds -%}
        select
            account_id,
            {{ evidence }} as evidence,
            {{ number }} as evidence_number,
            {{ strength }} as strength
        from {{ relation }}
        {% if not loop.last %}union all {% endif -%}
    {%- endfor -%}
{%- endmacro %}

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

{#- A number without what only makes it easier to read. -#}
{% macro normalised_number(number) -%}
    nullif(upper(regexp_replace({{ number }}, '[ /.-]', '', 'g')), '')
{%- endmacro %}

{#-
    The digits of a card that the bank shows, whatever it masks the others with; at least the last four. Some banks
    write the masked number where the IBAN should be: an IBAN begins with two letters and two digits, a card does not.
-#}
{% macro masked_card_number(masked_pan, iban) -%}
    regexp_extract(
        regexp_replace(
            coalesce(
                {{ normalised_number(masked_pan) }},
                case
                    when not regexp_matches({{ normalised_number(iban) }}, '^[A-WYZ]{2}[0-9]{2}')
                        then {{ normalised_number(iban) }}
                end
            ),
            '[^0-9]+', '*', 'g'
        ),
        '^.*[0-9]{4}$'
    )
{%- endmacro %}
