select
    goal,
    account_key,
    currency,
    cast(amount as decimal(19, 4)) as target_amount,
    cast(target_date as date) as target_date,
    cast(decided_at as timestamp) as decided_at
from {{ source('reference', 'goals') }}
