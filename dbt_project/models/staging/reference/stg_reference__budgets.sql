select
    scope,
    name,
    currency,
    cast(amount as decimal(19, 4)) as amount,
    cast(month as date) as first_month
from {{ source('reference', 'budgets') }}
