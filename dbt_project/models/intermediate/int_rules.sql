with patterns as (
    select
        priority,
        field,
        trim(pattern) as pattern,
        direction,
        category,
        cast(null as varchar) as merchant
    from {{ ref('category_rules') }}
    union all
    -- A merchant that is known comes after the codes that leave no doubt, and before all that only hints.
    select
        200 as priority,
        'merchant' as field,
        trim(unnest(list_append(string_split(patterns, '|'), '^' || merchant || '$'))) as pattern,
        'any' as direction,
        category,
        merchant
    from {{ ref('merchants') }}
    union all
    -- The owner's come first of all: their priorities are below 100.
    select
        priority,
        field,
        trim(pattern) as pattern,
        direction,
        category,
        cast(null as varchar) as merchant
    from {{ ref('stg_reference__rules') }}
),

folded as (
    select
        *,
        concat_ws(
            ' ',
            if(starts_with(pattern, '^'), '^', null),
            {{ folded('pattern') }},
            if(ends_with(pattern, '$'), '$', null)
        ) as words
    from patterns
)

select
    priority,
    field,
    pattern,
    direction,
    category,
    merchant,
    words,
    -- The word that the search begins with: the longest is the rarest.
    list_sort(
        list_transform(
            list_filter(string_split(words, ' '), lambda word: word not in ('^', '$')),
            lambda word: { 'brevity': -length(word), 'word': word }
        )
    )[1].word as key_word,
    starts_with(pattern, '*') and field in ('word', 'merchant') as is_ending,
    ends_with(pattern, '*') and field in ('word', 'merchant') as is_beginning
from folded
