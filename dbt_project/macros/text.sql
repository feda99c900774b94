{#- A text with the characters that a bank wrote as codes: HTML entities, and \U0001f600 of some card banks. -#}
{% macro decoded(text) -%}
    {%- set plain = "replace(" ~ text ~ ", '&amp;', '&')" -%}
    {%- set plain = "regexp_replace(" ~ plain ~ ", '&(?:#39|#x27|apos|rsquo);', '''', 'g')" -%}
    {%- set plain = "regexp_replace(" ~ plain ~ ", '&(?:quot|lt|gt|nbsp|#\\d+);', ' ', 'g')" -%}
    case
        when contains({{ text }}, '\U')
            then {{ unescaped(plain) }}
        when contains({{ text }}, '&') then {{ plain }}
        else {{ text }}
    end
{%- endmacro %}

{#- A text whose \U0001f600 are the characters that they stand for. -#}
{% macro unescaped(text) -%}
    string_split({{ text }}, '\U')[1] || array_to_string(
        list_transform(
            string_split({{ text }}, '\U')[2:],
            lambda part: case
                when regexp_matches(part, '^000[0-9a-fA-F]{5}|^0010[0-9a-fA-F]{4}')
                    then coalesce(chr(try_cast('0x' || left(part, 8) as integer)), '') || substring(part, 9)
                else '\U' || part
            end
        ),
        ''
    )
{%- endmacro %}

{#- A text with one # for each date, time and number: entries that differ by these alone then have one wording. -#}
{% macro wording(text) -%}
    regexp_replace({{ decoded(text) }}, {{ text_pattern('number') }}, '#', 'g')
{%- endmacro %}

{#-
    What joins an entry to its row of int_wordings; staging tells it, for to find it is slow. A number, for texts are long
    to group and to join.
-#}
{% macro wording_key() -%}
    hash(coalesce(counterparty, ''), coalesce({{ wording('description') }}, counterparty_account, ''))
{%- endmacro %}

{#-
    Letters and digits alone, without case and accents: however a name is spelt, it gives the same text. ä is also
    written ae, and å aa; an article that is cut short (l'épicerie) is a word, the s of an owner (Sainsbury's) is not.
-#}
{% macro folded(text) -%}
    {%- set plain = "replace(translate(lower(" ~ text ~ "), 'æœøłđðı’`', 'aoolddi'''''), 'ß', 'ss')" -%}
    {%- set plain = "regexp_replace(" ~ plain ~ ", '(^|[^\\pL])([dl])''', '\\1', 'g')" -%}
    {%- set plain = "strip_accents(replace(" ~ plain ~ ", '''', ''))" -%}
    {%- set plain = "regexp_replace(" ~ plain ~ ", '([aou])e|(a)a', '\\1\\2', 'g')" -%}
    trim(regexp_replace({{ plain }}, '[^\pL\pN]+', ' ', 'g'))
{%- endmacro %}

{#- Words begin with a capital where the whole text was shouted or mumbled; other texts stay as they are. -#}
{% macro softened(text) -%}
    case
        when {{ text }} = upper({{ text }}) or {{ text }} = lower({{ text }})
            then upper(left({{ text }}, 1)) || substring(
                array_to_string(
                    list_transform(
                        string_split({{ text }}, ' '),
                        lambda word: case
                            when regexp_full_match(lower(word), {{ text_pattern('small_word') }}) then lower(word)
                            when regexp_full_match(word, '[^AEIOUYÄÖÜÉaeiouyäöüé]{1,4}') then upper(word)
                            else upper(left(word, 1)) || lower(substring(word, 2))
                        end
                    ),
                    ' '
                ),
                2
            )
        else {{ text }}
    end
{%- endmacro %}

{#- A folded name without the form of the firm at its end. -#}
{% macro without_legal_form(name) -%}
    trim(regexp_replace({{ name }}, {{ text_pattern('legal_form', before='(?: ', after=')+$') }}, ''))
{%- endmacro %}
