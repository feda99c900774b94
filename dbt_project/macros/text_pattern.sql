{#-
    One regular expression of all that the seed text_patterns holds of a kind, as a constant: DuckDB compiles a constant
    once, but a column's value for each row. A pattern with accents is found without them too (płatność, platnosc).
-#}
{% macro text_pattern(kind, before='', after='', is_part=false) -%}
    {%- do ref('text_patterns') -%}
    {%- set seed = adapter.get_relation(target.database, 'seeds', 'text_patterns') if execute -%}
    {%- if seed -%}
        {%- set spellings = run_query(
            "select string_agg(distinct spelling, '|' order by length(spelling) desc, spelling) from ("
            ~ "select unnest([pattern, " ~ unaccented('pattern') | join(', ') ~ "]) as spelling "
            ~ "from " ~ seed ~ " where kind = '" ~ kind ~ "')"
        ).columns[0][0] -%}
    {%- endif -%}
    {#- Where the seed is not there yet (parsing, linting) a text stands in that fits nothing. -#}
    {%- set pattern = "(?:" ~ (spellings or "[^\\s\\S]") | replace("'", "''") ~ ")" -%}
    {{ pattern if is_part else "'(?is)" ~ before ~ pattern ~ after ~ "'" }}
{%- endmacro %}

{#- How banks write letters that their machines do not have: ä as a or ae, ł as l, ø as o. -#}
{% macro unaccented(text) -%}
    {{ return([
        "strip_accents(translate(" ~ text ~ ", 'łøđ', 'lod'))",
        "replace(replace(replace(" ~ text ~ ", 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue')",
        "replace(replace(replace(" ~ text ~ ", 'æ', 'ae'), 'ø', 'oe'), 'å', 'aa')",
    ]) }}
{%- endmacro %}
