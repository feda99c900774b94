{#- A name to group by: what a till or a bank added to it is taken away, and capitals are softened. -#}
{% macro merchant(text) -%}
    {%- set prefixes = [
        "(sumup|paypal|zettle|izettle|sq|mollie|adyen|stripe|klarna|pp) ?[*]+ ?",
        "(card payment|kartenzahlung|girocard|betaalautomaat|paiement( par)? carte|pos|visa|mastercard|debit) +",
    ] -%}
    {%- set noise = [
        " ?//.*$",
        "\\b\\d{1,2}[./-]\\d{4}\\b",
        "\\b\\d{1,2}[./-]\\d{1,2}([./-]\\d{2,4})?\\b",
        "\\b\\d{4}-\\d{2}-\\d{2}(t[0-9:.]*)?\\b",
        "\\b\\d{1,2}:\\d{2}(:\\d{2})?\\b",
        "\\b(terminal|term|filiale|ref|nr|no|id)[.: ]*[a-z0-9-]*\\d[a-z0-9-]*",
        "\\b[a-z]{0,3}\\d{3,}[a-z0-9-]*",
    ] -%}
    {%- set tail = "( online| card \\d+)?[#*,;:/ -]*$" -%}
    {%- set ns = namespace(sql="regexp_replace(" ~ text ~ ", '\\s+', ' ', 'g')") -%}
    {%- for pattern in ["^(" ~ prefixes | join("|") ~ ")", noise | join("|"), tail] -%}
        {%- set ns.sql = "trim(regexp_replace(" ~ ns.sql ~ ", '" ~ pattern ~ "', '', 'gi'))" -%}
    {%- endfor -%}
    coalesce(nullif({{ ns.sql }}, ''), {{ text }})
{%- endmacro %}

{#- Words begin with a capital where the whole text was shouted; other texts stay as they are. -#}
{% macro softened(text) -%}
    case
        when {{ text }} = upper({{ text }})
            then array_to_string(
                list_transform(
                    string_split({{ text }}, ' '),
                    lambda word: upper(left(word, 1)) || lower(substring(word, 2))
                ),
                ' '
            )
        else {{ text }}
    end
{%- endmacro %}
