select
    rules.field,
    rules.pattern
from {{ ref('int_rules') }} as rules
left join {{ ref('dim_category') }} as categories on rules.category = categories.category
where
    categories.category is null
    -- The owner's rules are theirs: what is wrong with one was said when it was made.
    or rules.priority >= {{ shipped_priorities() }}
    and (
        rules.key_word = ''
        -- What comes in is never spending by its very rule, nor the other way round.
        or categories.category_kind = 'income' and rules.direction <> 'in'
    )
