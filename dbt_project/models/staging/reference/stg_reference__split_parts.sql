with decided as (
    {{ by_current_keys('splits', ['transaction_key']) }}
),

splits as (
    select
        transaction_key,
        cast(amount as decimal(19, 4)) as whole_amount,
        unnest(from_json(parts, '[{"amount":"VARCHAR","category":"VARCHAR","note":"VARCHAR"}]')) as part,
        generate_subscripts(from_json(parts, '["JSON"]'), 1) as part_number
    from decided
)

select
    splits.transaction_key,
    splits.part.category,
    splits.part.note,
    cast(splits.part_number as integer) as part_number,
    splits.whole_amount,
    cast(splits.part.amount as decimal(19, 4)) as amount
from splits
