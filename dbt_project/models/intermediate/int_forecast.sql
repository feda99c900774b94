{% set farthest = forecast_knots() | last %}
{% set leeway = forecast_leeway() %}

with balances as (
    select
        account_key,
        currency,
        balance_date,
        balance,
        movement
    from {{ ref('fct_daily_balance') }}
    where account_key is not null
),

origins as (select * from {{ ref('int_forecast_origins') }}),

series as (select * from {{ ref('int_recurring') }}),

due as (select * from {{ ref('int_recurring_due') }}),

-- What series moved on each day, and by how much those of changing amounts missed what is expected of them.
moved_by_series as (
    select
        occurrences.origin_age,
        occurrences.account_key,
        occurrences.currency,
        occurrences.booking_date,
        sum(occurrences.amount) as amount,
        sum(
            occurrences.amount
            - if(
                series.follows_last, coalesce(occurrences.amount_before, occurrences.amount), series.expected_amount
            )
        ) filter (where series.status = 'active' and not series.is_fixed) as surprise
    from (
        select
            *,
            lag(amount) over (partition by origin_age, series_key order by booking_date) as amount_before
        from {{ ref('int_recurring_occurrences') }}
    ) as occurrences
    inner join series
        on occurrences.origin_age = series.origin_age and occurrences.series_key = series.series_key
    group by all
),

-- Two years before each origin and nothing after it: what is left without the series.
history as (
    select
        origins.origin_age,
        balances.account_key,
        balances.currency,
        origins.origin_date,
        balances.balance_date,
        cast(balances.movement - coalesce(moved_by_series.amount, 0) as double) as rest,
        cast(coalesce(moved_by_series.surprise, 0) as double) as surprise
    from balances
    inner join origins
        on
            balances.account_key = origins.account_key
            and balances.balance_date between origins.origin_date - 729 and origins.origin_date
    left join moved_by_series
        on
            origins.origin_age = moved_by_series.origin_age
            and balances.account_key = moved_by_series.account_key
            and balances.currency = moved_by_series.currency
            and balances.balance_date = moved_by_series.booking_date
),

bounds as (
    select
        origin_age,
        account_key,
        currency,
        quantile_cont(rest, 0.005) as least_rest,
        quantile_cont(rest, 0.995) as greatest_rest
    from history
    group by all
),

-- A mean of the last year whose rarest days are cut to size: one sofa is no habit.
usual as (
    select
        history.origin_age,
        history.account_key,
        history.currency,
        count(*) as known_days,
        coalesce(
            avg(greatest(least(history.rest, bounds.greatest_rest), bounds.least_rest)) filter (
                where history.balance_date > history.origin_date - 365
            ),
            0
        ) as daily_rest
    from history
    inner join bounds
        on
            history.origin_age = bounds.origin_age
            and history.account_key = bounds.account_key
            and history.currency = bounds.currency
    group by all
),

strayed as (
    select
        history.origin_age,
        history.account_key,
        history.currency,
        history.origin_date,
        history.balance_date,
        usual.known_days,
        sum(history.rest - usual.daily_rest + history.surprise) over (
            partition by history.origin_age, history.account_key, history.currency
            order by history.balance_date
        ) as strayed
    from history
    inner join usual
        on
            history.origin_age = usual.origin_age
            and history.account_key = usual.account_key
            and history.currency = usual.currency
),

-- What is due comes at its time of the month, and what is unsure of it, too: so windows of the past tell that began
-- when the forecast does. In half a year there are too few of these, and all count.
begun as (
    select
        *,
        unnest({{ forecast_knots() }}) as knot
    from strayed
    where
        known_days < 183
        or abs(day(balance_date) - day(origin_date)) not between {{ leeway + 1 }} and {{ 29 - leeway }}
),

spans as (
    select
        *,
        balance_date + cast(knot as integer) as end_date
    from begun
),

-- By how much as many days strayed from what is usual: no day is missing in between.
residuals as (
    select
        spans.origin_age,
        spans.account_key,
        spans.currency,
        spans.known_days,
        spans.knot,
        ended.strayed - spans.strayed as residual
    from spans
    inner join strayed as ended
        on
            spans.origin_age = ended.origin_age
            and spans.account_key = ended.account_key
            and spans.currency = ended.currency
            and spans.end_date = ended.balance_date
),

-- Windows overlap that begin within a few days of each other, or are longer than a month: few of them are apart, and
-- only those tell something new.
measured as (
    select
        origin_age,
        account_key,
        currency,
        known_days,
        knot,
        list(residual order by residual) as past,
        least(
            count(*) / cast(least(knot, {{ 2 * leeway + 1 }}) as double), known_days / cast(knot as double)
        ) as windows
    from residuals
    group by origin_age, account_key, currency, known_days, knot
),

bounded as (
    select
        *,
        [
            {{ conformal_bound('past', 'windows', 0.95, is_upper=false) }},
            {{ conformal_bound('past', 'windows', 0.75, is_upper=false) }},
            {{ conformal_bound('past', 'windows', 0.75) }},
            {{ conformal_bound('past', 'windows', 0.95) }}
        ] as bounds
    from measured
),

widened as (
    select
        origin_age,
        account_key,
        currency,
        knot,
        list_transform(bounds, lambda bound: bound * {{ widening('knot', 'known_days') }}) as spread
    from bounded
),

-- Where fewer days are known than are told, the spread goes on growing as it did until then.
complete as (
    select * from widened
    union all
    select
        origin_age,
        account_key,
        currency,
        {{ farthest }} as knot,
        list_transform(spread, lambda bound: bound * {{ farthest }} / knot) as spread
    from widened
    qualify knot = max(knot) over (partition by origin_age, account_key, currency) and knot < {{ farthest }}
),

spreads as (
    select
        *,
        lag(knot, 1, 0) over up as knot_before,
        lag(spread, 1, [0.0, 0.0, 0.0, 0.0]) over up as spread_before
    from complete
    window up as (partition by origin_age, account_key, currency order by knot)
),

days as (
    select
        usual.origin_age,
        usual.account_key,
        usual.currency,
        usual.daily_rest,
        balances.balance as opening,
        origins.origin_date,
        unnest(range(1, 91)) as days_ahead
    from usual
    inner join origins on usual.origin_age = origins.origin_age and usual.account_key = origins.account_key
    inner join balances
        on
            usual.account_key = balances.account_key
            and usual.currency = balances.currency
            and origins.origin_date = balances.balance_date
),

-- What was due already and has not come yet is expected tomorrow.
daily_due as (
    select
        origin_age,
        account_key,
        currency,
        greatest(due_date, origin_date + 1) as due_date,
        sum(expected_amount) as amount
    from due
    group by all
),

expected as (
    select
        days.*,
        coalesce(daily_due.amount, 0) as due_amount,
        coalesce(sum(daily_due.amount) over (
            partition by days.origin_age, days.account_key, days.currency order by days.days_ahead
        ), 0) as due_so_far
    from days
    left join daily_due
        on
            days.origin_age = daily_due.origin_age
            and days.account_key = daily_due.account_key
            and days.currency = daily_due.currency
            and days.origin_date + cast(days.days_ahead as integer) = daily_due.due_date
),

-- Between two knots the spread grows in a straight line.
spread_out as (
    select
        expected.*,
        opening + due_so_far + cast(daily_rest * days_ahead as decimal(19, 4)) as balance,
        list_transform(
            list_zip(
                coalesce(spreads.spread_before, [0.0, 0.0, 0.0, 0.0]), coalesce(spreads.spread, [0.0, 0.0, 0.0, 0.0])
            ),
            lambda ends: ends[1] + (ends[2] - ends[1]) * (days_ahead - knot_before) / (knot - knot_before)
        ) as spread
    from expected
    left join spreads
        on
            expected.origin_age = spreads.origin_age
            and expected.account_key = spreads.account_key
            and expected.currency = spreads.currency
            and expected.days_ahead > spreads.knot_before
            and expected.days_ahead <= spreads.knot
)

select
    origin_age,
    account_key,
    currency,
    cast(days_ahead as integer) as days_ahead,
    opening,
    cast(due_amount as decimal(19, 4)) as due_amount,
    cast(balance as decimal(19, 4)) as balance,
    cast(balance + least(0, coalesce(spread[1], 0)) as decimal(19, 4)) as low_90,
    cast(balance + least(0, coalesce(spread[2], 0)) as decimal(19, 4)) as low_50,
    cast(balance + greatest(0, coalesce(spread[3], 0)) as decimal(19, 4)) as high_50,
    cast(balance + greatest(0, coalesce(spread[4], 0)) as decimal(19, 4)) as high_90,
    origin_date,
    origin_date + cast(days_ahead as integer) as balance_date
from spread_out
