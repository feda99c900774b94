with parts as (select * from {{ ref('fct_transaction_parts') }}),

-- Each currency by itself, and all of them in the base currency: then a month's sums are of what has a rate.
flows as (
    select
        currency,
        false as is_converted,
        category_kind,
        amount,
        booking_month
    from parts
    union all
    select
        base_currency as currency,
        true as is_converted,
        category_kind,
        base_amount as amount,
        booking_month
    from parts
),

months as (
    select
        currency,
        is_converted,
        coalesce(sum(amount) filter (where category_kind = 'income'), 0) as income,
        coalesce(-sum(amount) filter (where category_kind = 'spending'), 0) as spending,
        coalesce(sum(amount) filter (where category_kind = 'transfer'), 0) as transfers,
        count(*) filter (where amount is null) as unconverted,
        booking_month
    from flows
    group by currency, is_converted, booking_month
),

-- A month without an entry is a month, too: rolling figures count it.
calendar as (
    select
        currency,
        is_converted,
        cast(
            unnest(generate_series(min(booking_month), max(booking_month), interval 1 month)) as date
        ) as booking_month
    from months
    group by currency, is_converted
),

filled as (
    select
        calendar.currency,
        calendar.is_converted,
        coalesce(months.income, 0) as income,
        coalesce(months.spending, 0) as spending,
        coalesce(months.transfers, 0) as transfers,
        coalesce(months.unconverted, 0) as unconverted,
        calendar.booking_month
    from calendar
    left join months
        on
            calendar.currency = months.currency
            and calendar.is_converted = months.is_converted
            and calendar.booking_month = months.booking_month
),

rolled as (
    select
        *,
        income - spending as saved,
        count(*) over last_3 as months_3,
        sum(income) over last_3 as income_3,
        sum(spending) over last_3 as spending_3,
        count(*) over last_12 as months_12,
        sum(income) over last_12 as income_12,
        sum(spending) over last_12 as spending_12
    from filled
    window
        last_3 as (
            partition by currency, is_converted order by booking_month
            rows between 2 preceding and current row
        ),
        last_12 as (
            partition by currency, is_converted order by booking_month
            rows between 11 preceding and current row
        )
)

select
    currency,
    cast(income as decimal(38, 4)) as income,
    cast(spending as decimal(38, 4)) as spending,
    cast(saved as decimal(38, 4)) as saved,
    cast(transfers as decimal(38, 4)) as transfers,
    {{ share('saved', 'income') }} as savings_rate,
    cast(if(months_3 = 3, income_3, null) as decimal(38, 4)) as income_3_months,
    cast(if(months_3 = 3, spending_3, null) as decimal(38, 4)) as spending_3_months,
    if(months_3 = 3, {{ share('(income_3 - spending_3)', 'income_3') }}, null) as savings_rate_3_months,
    cast(if(months_12 = 12, income_12, null) as decimal(38, 4)) as income_12_months,
    cast(if(months_12 = 12, spending_12, null) as decimal(38, 4)) as spending_12_months,
    if(months_12 = 12, {{ share('(income_12 - spending_12)', 'income_12') }}, null) as savings_rate_12_months,
    cast(unconverted as integer) as unconverted,
    is_converted,
    booking_month
from rolled
order by is_converted, currency, booking_month
