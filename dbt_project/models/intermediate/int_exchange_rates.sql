-- Of the forty currencies that are quoted, those of which there is money.
with used as (
    select currency from ({{ from_every_provider('transactions') }}) as transactions
    union
    select currency from ({{ from_every_provider('balances') }}) as balances
    union
    select currency from ({{ from_every_provider('accounts') }}) as accounts
    union
    select currency from {{ ref('stg_reference__manual_balances') }}
    union
    select {{ base_currency() }} as currency
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
