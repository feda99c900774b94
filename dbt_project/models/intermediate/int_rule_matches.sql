with wordings as (
    select distinct
        'name' as place,
        name_words as words
    from {{ ref('int_wordings') }}
    union all
    select distinct
        'text' as place,
        text_words as words
    from {{ ref('int_wordings') }}
    where text_words is not null
)

select * from ({{ matching_rules('wordings') }}) as matches
