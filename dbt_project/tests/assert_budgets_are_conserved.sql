-- What a budget holds to have been spent is what the parts of its category or group come to, in every month in which a
-- budget is in force, and in no other.
with budgets as (select * from {{ ref('stg_reference__budgets') }}),

-- Only what has ever had a budget: most things have none.
parts as (
    select
        currency,
        category_group,
        category,
        booking_month,
        amount
    from {{ ref('fct_transaction_parts') }}
    where
        category_kind = 'spending'
        and (
            category in (select budgets.name from budgets) or category_group in (select budgets.name from budgets)
        )
),

spending as (
    select
        'category' as scope,
        category as name,
        currency,
        booking_month,
        -sum(amount) as spent
    from parts
    group by all
    union all
    select
        'group' as scope,
        category_group as name,
        currency,
        booking_month,
        -sum(amount) as spent
    from parts
    group by all
),

-- The budget that began last before a month is the one in force.
in_force as (
    select spending.*
    from spending
    asof inner join budgets
        on
            spending.scope = budgets.scope
            and spending.name = budgets.name
            and spending.currency = budgets.currency
            and spending.booking_month >= budgets.first_month
    where budgets.amount > 0
),

published as (select * from {{ ref('fct_budget') }})

select
    coalesce(in_force.scope, published.scope) as scope,
    coalesce(in_force.name, published.name) as name,
    coalesce(in_force.currency, published.currency) as currency,
    coalesce(in_force.booking_month, published.budget_month) as budget_month
from in_force
full join published
    on
        in_force.scope = published.scope
        and in_force.name = published.name
        and in_force.currency = published.currency
        and in_force.booking_month = published.budget_month
where
    -- A month in which nothing was spent has a budget, too.
    coalesce(in_force.spent, 0) is distinct from published.spent
    or published.remaining is distinct from published.budget - published.spent
