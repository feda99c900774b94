with tags as (
    select
        transaction_key,
        list_sort(list(tag)) as tags
    from {{ source('reference', 'tags') }}
    group by transaction_key
)

select
    coalesce(overrides.transaction_key, notes.transaction_key, tags.transaction_key) as transaction_key,
    overrides.category,
    notes.note,
    tags.tags
from {{ source('reference', 'category_overrides') }} as overrides
full join {{ source('reference', 'notes') }} as notes on overrides.transaction_key = notes.transaction_key
full join tags on coalesce(overrides.transaction_key, notes.transaction_key) = tags.transaction_key
