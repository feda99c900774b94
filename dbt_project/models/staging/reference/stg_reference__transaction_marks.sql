with overrides as (
    {{ by_current_keys('category_overrides', ['transaction_key']) }}
),

notes as (
    {{ by_current_keys('notes', ['transaction_key']) }}
),

single_tags as (
    {{ by_current_keys('tags', ['transaction_key'], ['tag']) }}
),

tags as (
    select
        transaction_key,
        list_sort(list(tag)) as tags
    from single_tags
    group by transaction_key
)

select
    coalesce(overrides.transaction_key, notes.transaction_key, tags.transaction_key) as transaction_key,
    overrides.category,
    notes.note,
    tags.tags
from overrides
full join notes on overrides.transaction_key = notes.transaction_key
full join tags on coalesce(overrides.transaction_key, notes.transaction_key) = tags.transaction_key
