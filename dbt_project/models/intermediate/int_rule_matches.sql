-- Names are short and few; texts are many, and only words of theirs that a rule knows go any further.
with wordings as (
    select distinct
        'name' as place,
        name_words as words
    from {{ ref('int_wordings') }}
    union
    select distinct
        'text' as place,
        text_words as words
    from {{ ref('int_wordings') }}
    where text_words is not null
),

words as (
    select distinct
        place,
        words,
        unnest(string_split(words, ' ')) as word
    from wordings
),

vocabulary as (select distinct word from words),

known_words as (
    select
        vocabulary.word,
        rules.*
    from vocabulary
    inner join {{ ref('int_rules') }} as rules on vocabulary.word = rules.key_word
    where rules.field in ('word', 'merchant') and not rules.is_beginning and not rules.is_ending
    union all
    select
        vocabulary.word,
        rules.*
    from vocabulary
    inner join {{ ref('int_rules') }} as rules
        on
            case
                when rules.is_beginning and rules.is_ending then contains(vocabulary.word, rules.key_word)
                when rules.is_beginning then starts_with(vocabulary.word, rules.key_word)
                else ends_with(vocabulary.word, rules.key_word)
            end
    where rules.field in ('word', 'merchant') and (rules.is_beginning or rules.is_ending)
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
