{#-
    The rules of words and merchants that fit, each with the words it fits; `wordings` has places (name or text) and
    their folded words. A word at a time, and each word once: nothing is tried on every text.
-#}
{% macro matching_rules(wordings) -%}
    with words as (
        select distinct
            place,
            words,
            unnest(string_split(words, ' ')) as word
        from {{ wordings }}
    ),

    vocabulary as (select distinct word from words),

    rules as (select * from {{ ref('int_rules') }} where field in ('word', 'merchant')),

    known_words as (
        select
            vocabulary.word,
            rules.*
        from vocabulary
        inner join rules on vocabulary.word = rules.key_word
        union
        select
            vocabulary.word,
            rules.*
        from vocabulary
        inner join rules
            on
                rules.is_beginning and starts_with(vocabulary.word, rules.key_word)
                or rules.is_ending and ends_with(vocabulary.word, rules.key_word)
    )

    select distinct
        words.place,
        words.words,
        known_words.priority,
        known_words.field,
        known_words.pattern,
        known_words.direction,
        known_words.category,
        known_words.merchant,
        length(known_words.words) as length
    from words
    inner join known_words on words.word = known_words.word
    where
        (known_words.field = 'word' or words.place = 'name')
        and (
            known_words.is_beginning
            or known_words.is_ending
            or contains(' ^ ' || words.words || ' $ ', ' ' || known_words.words || ' ')
        )
{%- endmacro %}
