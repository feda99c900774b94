{#- A text with the characters that a bank wrote as codes: HTML entities, and \U0001f600 of some card banks. -#}
{% macro decoded(text) -%}
    {%- set entities = {
        "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "''", "&#x27;": "''", "&apos;": "''", "&nbsp;": " ", "&amp;": "&"
    } -%}
    {%- set ns = namespace(sql=text) -%}
    {%- for entity, character in entities.items() -%}
        {%- set ns.sql = "replace(" ~ ns.sql ~ ", '" ~ entity ~ "', '" ~ character ~ "')" -%}
    {%- endfor -%}
    case
        when contains({{ text }}, '\U')
            then array_to_string(
                list_transform(
                    string_split({{ ns.sql }}, '\U'),
                    lambda part, place: case
                        when place > 1 and regexp_matches(part, '^000[0-9a-fA-F]{5}|^0010[0-9a-fA-F]{4}')
                            then coalesce(chr(try_cast('0x' || left(part, 8) as integer)), '') || substring(part, 9)
                        when place > 1 then '\U' || part
                        else part
                    end
                ),
                ''
            )
        when contains({{ text }}, '&') then {{ ns.sql }}
        else {{ text }}
    end
{%- endmacro %}

{#- A text with one # for each date, time and number: entries that differ by these alone then have one wording. -#}
{% macro wording(text) -%}
    regexp_replace({{ decoded(text) }}, {{ text_pattern('number') }}, '#', 'g')
{%- endmacro %}

{#- What joins an entry to its row of int_wordings; needs the columns that staging gives for the other side. -#}
{% macro wording_key(entry) -%}
    concat_ws(
        chr(31),
        coalesce({{ entry }}.counterparty, ''),
        coalesce({{ wording(entry ~ '.description') }}, {{ entry }}.counterparty_account, '')
    )
{%- endmacro %}

{#- Letters and digits alone, without case and accents: however a name is spelt, it gives the same text. -#}
{% macro folded(text) -%}
    {%- set spellings = [
        ("ß", "ss"), ("æ", "ae"), ("œ", "oe"), ("ø", "oe"), ("ł", "l"), ("đ", "d"), ("ð", "d"), ("þ", "th"), ("ı", "i"),
        ("’", "''"), ("`", "''"),
    ] -%}
    {%- set ns = namespace(sql="lower(" ~ text ~ ")") -%}
    {%- for letter, plain in spellings -%}
        {%- set ns.sql = "replace(" ~ ns.sql ~ ", '" ~ letter ~ "', '" ~ plain ~ "')" -%}
    {%- endfor -%}
    {#- An article that is cut short (l'épicerie) is a word; the s of a shop's owner (Sainsbury's) is not. -#}
    {%- set ns.sql = "regexp_replace(" ~ ns.sql ~ ", '(^|[^\\pL])([dl])''', '\\1', 'g')" -%}
    {%- set ns.sql = "strip_accents(replace(" ~ ns.sql ~ ", '''', ''))" -%}
    {#- ä is also written ae, and å aa. -#}
    {%- for letters in ["ae", "oe", "ue", "aa"] -%}
        {%- set ns.sql = "replace(" ~ ns.sql ~ ", '" ~ letters ~ "', '" ~ letters[0] ~ "')" -%}
    {%- endfor -%}
    trim(regexp_replace({{ ns.sql }}, '[^\pL\pN]+', ' ', 'g'))
{%- endmacro %}

{#- Words begin with a capital where the whole text was shouted or mumbled; other texts stay as they are. -#}
{% macro softened(text) -%}
    case
        when {{ text }} = upper({{ text }}) or {{ text }} = lower({{ text }})
            then array_to_string(
                list_transform(
                    string_split({{ text }}, ' '),
                    lambda word, place: case
                        when place > 1 and regexp_full_match(lower(word), {{ text_pattern('small_word') }}) then lower(word)
                        when regexp_full_match(word, '[^AEIOUYÄÖÜÉaeiouyäöüé]{1,4}') then upper(word)
                        else upper(left(word, 1)) || lower(substring(word, 2))
                    end
                ),
                ' '
            )
        else {{ text }}
    end
{%- endmacro %}

{#- A folded name without the form of the firm at its end. -#}
{% macro without_legal_form(name) -%}
    trim(regexp_replace({{ name }}, {{ text_pattern('legal_form', before='(?: ', after=')+$') }}, ''))
{%- endmacro %}
