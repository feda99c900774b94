{#-
    The words of a text that can tell two payments apart: folded to small letters without accents, so that Bäckerei and
    BAECKEREI are one word; numbers and short words tell nothing.
-#}
{% macro telling_words(text) -%}
    {%- set folded = "translate(lower(strip_accents(coalesce(" ~ text ~ ", ''))), 'øæłđð', 'oaldd')" -%}
    {%- set spelt = "regexp_replace(replace(" ~ folded ~ ", 'ß', 'ss'), '([aou])e', '\\1', 'g')" -%}
    list_distinct(regexp_extract_all({{ spelt }}, '[\pL]{3,}'))
{%- endmacro %}

{#- The share of the shorter text's words that the other has too; 0 where either has none. -#}
{% macro shared_words(words, other_words) -%}
    coalesce(
        cast(len(list_intersect({{ words }}, {{ other_words }})) as decimal(9, 4))
        / nullif(least(len({{ words }}), len({{ other_words }})), 0),
        0
    )
{%- endmacro %}

{#-
    Common table expressions that pair left with right, each at most once, from candidates (left_key, right_key, score):
    in each round the pairs in which either is the other's best, then what is left over. Ends in `<name>`.
    No order of rows matters: equal scores are told apart by the keys.
-#}
{% macro one_to_one(name, candidates, rounds=4) -%}
    {%- for round in range(1, rounds + 1) %}
        {{ name }}_{{ round }} as (
            select *
            from {{ candidates }}
            {% if round > 1 -%}
                where
                {% for earlier in range(1, round) -%}
                    {% if not loop.first %}and {% endif -%}
                    left_key not in (select earlier.left_key from {{ name }}_{{ earlier }} as earlier)
                    and right_key not in (select earlier.right_key from {{ name }}_{{ earlier }} as earlier)
                {% endfor -%}
            {%- endif %}
            qualify
                row_number() over (partition by left_key order by score desc, right_key) = 1
                and row_number() over (partition by right_key order by score desc, left_key) = 1
        ),
    {%- endfor %}
    {{ name }} as (
        {%- for round in range(1, rounds + 1) %}
            select * from {{ name }}_{{ round }}
            {% if not loop.last %}union all{% endif %}
        {%- endfor %}
    )
{%- endmacro %}
