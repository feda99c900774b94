with budgets as (select * from {{ ref('stg_reference__budgets') }}),

spending as (
    select
        currency,
        category_group,
        category,
        booking_month,
        sum(spent) as spent
    from {{ ref('fct_monthly_spending') }}
    group by all
),

-- The last day that is known, by which a running month is judged.
today as (select max(booking_date) as day from {{ ref('fct_transactions') }}),

spans as (
    select
        *,
        lead(first_month) over (partition by scope, name, currency order by first_month) as next_month
    from budgets
),

months as (
    select
        scope,
        name,
        currency,
        amount,
        cast(
            unnest(
                generate_series(
                    first_month,
                    least(coalesce(next_month - interval 1 month, today.day), today.day),
                    interval 1 month
                )
            ) as date
        ) as budget_month,
        today.day as last_day
    from spans
    cross join today
    where amount > 0 and today.day is not null
),

actual as (
    select
        months.scope,
        months.name,
        months.currency,
        months.budget_month,
        coalesce(sum(spending.spent), 0) as spent
    from months
    left join spending
        on
            months.currency = spending.currency
            and months.budget_month = spending.booking_month
            and months.name = if(months.scope = 'category', spending.category, spending.category_group)
    group by all
)

select
    months.scope,
    months.name,
    months.currency,
    months.amount as budget,
    cast(actual.spent as decimal(38, 4)) as spent,
    cast(months.amount - actual.spent as decimal(38, 4)) as remaining,
    {{ share('actual.spent', 'months.amount') }} as spent_share,
    {{ share(
        "cast(least(months.last_day - months.budget_month + 1, day(last_day(months.budget_month))) as decimal(9, 4))",
        "cast(day(last_day(months.budget_month)) as decimal(9, 4))"
    ) }} as month_share,
    actual.spent > months.amount as is_over,
    actual.spent * day(last_day(months.budget_month))
    > months.amount * least(months.last_day - months.budget_month + 1, day(last_day(months.budget_month)))
        as is_ahead_of_pace,
    months.budget_month
from months
inner join actual
    on
        months.scope = actual.scope
        and months.name = actual.name
        and months.currency = actual.currency
        and months.budget_month = actual.budget_month
order by months.budget_month, months.scope, months.name, months.currency
