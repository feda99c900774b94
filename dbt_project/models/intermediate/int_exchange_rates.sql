-- Of the forty currencies that are quoted, those of which there is money.
with used as (
    select
        currency,
        booking_date as day
    from ({{ from_every_provider('transactions') }}) as transactions
    union
    select
        currency,
        requested_date as day
    from ({{ from_every_provider('balances') }}) as balances
    union
    select
        currency,
        null as day
    from ({{ from_every_provider('accounts') }}) as accounts
    union
    select
        currency,
        balance_date as day
    from {{ ref('stg_reference__manual_balances') }}
    union
    select
        {{ base_currency() }} as currency,
        null as day
),

quoted as (
    select
        currency,
        cast(cast(rate as decimal(28, 8)) * 100000000 as hugeint) as per_euro,
        cast(rate_date as date) as rate_date
    from {{ source('reference', 'exchange_rates') }}
    where currency in (select used.currency from used)
    union all
    select
        'EUR' as currency,
        100000000 as per_euro,
        cast(rate_date as date) as rate_date
    from (select distinct rate_date from {{ source('reference', 'exchange_rates') }}) as days
    where 'EUR' in (select used.currency from used)
),

base as (select * from quoted where currency = {{ base_currency() }}),

-- Over the euro, in whole hundred-millionths: a division of decimals would be one of floats. Rounded to the nearest.
triangulated as (
    select
        quoted.currency,
        quoted.rate_date,
        cast(
            cast(
                (base.per_euro * 1000000000000 + quoted.per_euro // 2) // quoted.per_euro as decimal(20, 0)
            ) * cast(0.000000000001 as decimal(13, 12)) as decimal(19, 12)
        ) as rate
    from quoted
    inner join base on quoted.rate_date = base.rate_date
    where quoted.currency <> {{ base_currency() }}
),

-- Carried forward over days without rates. A currency that is quoted no more ends with its last week; where the newest
-- rates of all are old, they are better than none for a year, and each row tells the rate's day.
spans as (
    select
        *,
        coalesce(
            lead(rate_date) over (partition by currency order by rate_date) - 1,
            rate_date + if(rate_date = (select max(newest.rate_date) from base as newest), 366, 7)
        ) as last_date
    from triangulated
)

select
    currency,
    {{ base_currency() }} as base_currency,
    rate,
    rate_date,
    cast(unnest(generate_series(rate_date, least(last_date, rate_date + 366), interval 1 day)) as date) as day
from spans
union all
-- The base currency is worth itself on every day, quoted or not, up to a year after all that is known.
select
    {{ base_currency() }} as currency,
    {{ base_currency() }} as base_currency,
    cast(1 as decimal(19, 12)) as rate,
    base_days.day as rate_date,
    base_days.day
from (
    select
        cast(
            unnest(generate_series(least(min(day), date '1999-01-04'), max(day) + 366, interval 1 day)) as date
        ) as day
    from (
        select used.day from used
        union all
        select quoted.rate_date as day from quoted
    ) as known
) as base_days
