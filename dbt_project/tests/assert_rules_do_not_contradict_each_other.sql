-- Two rules that fit a merchant of the list equally well agree on its category.
with wordings as (
    select
        'name' as place,
        {{ without_legal_form(folded('merchant')) }} as words
    from {{ ref('merchants') }}
),

matches as ({{ matching_rules('wordings') }})

select
    one.words,
    one.pattern,
    other.pattern as other_pattern
from matches as one
inner join matches as other
    on
        one.words = other.words
        and one.priority = other.priority
        and one.length = other.length
        and (one.direction = other.direction or 'any' in (one.direction, other.direction))
where one.category < other.category and one.priority >= {{ shipped_priorities() }}
