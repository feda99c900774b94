{% set farthest = forecast_knots() | last %}
{% set leeway = forecast_leeway() %}

-- By a number for each account, currency and origin: texts are long to group and to join.
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
        hash(occurrences.origin_age, occurrences.account_key, occurrences.currency) as forecast_id,
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
            lag(amount) over (partition by series_id order by booking_date) as amount_before
        from {{ ref('int_recurring_occurrences') }}
    ) as occurrences
    inner join series on occurrences.series_id = series.series_id
    group by all
),

-- Two years before each origin and nothing after it: what is left without the series.
past as (
    select
        hash(origins.origin_age, balances.account_key, balances.currency) as forecast_id,
        origins.origin_date,
        balances.balance_date,
        balances.movement
    from balances
    inner join origins
        on
            balances.account_key = origins.account_key
            and balances.balance_date between origins.origin_date - 729 and origins.origin_date
),

history as (
    select
        past.forecast_id,
        past.origin_date,
        past.balance_date,
        cast(past.movement - coalesce(moved_by_series.amount, 0) as double) as rest,
        cast(coalesce(moved_by_series.surprise, 0) as double) as surprise
    from past
    left join moved_by_series
        on past.forecast_id = moved_by_series.forecast_id and past.balance_date = moved_by_series.booking_date
),

bounds as (
    select
        forecast_id,
        quantile_cont(rest, 0.005) as least_rest,
        quantile_cont(rest, 0.995) as greatest_rest
    from history
    group by all
),

-- A mean of the last year whose rarest days are cut to size: one sofa is no habit.
usual as (
    select
        history.forecast_id,
        count(*) as known_days,
        -- By decimals: a sum of floats is another one in another order.
        coalesce(
            avg(cast(greatest(least(history.rest, bounds.greatest_rest), bounds.least_rest) as decimal(19, 4))) filter (
                where history.balance_date > history.origin_date - 365
            ),
            0
        ) as daily_rest
    from history
    inner join bounds on history.forecast_id = bounds.forecast_id
    group by history.forecast_id
),

strayed as (
    select
        history.forecast_id,
        history.origin_date,
        history.balance_date,
        usual.known_days,
        sum(history.rest - usual.daily_rest + history.surprise) over (
            partition by history.forecast_id order by history.balance_date
        ) as strayed
    from history
    inner join usual on history.forecast_id = usual.forecast_id
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
        spans.forecast_id,
        spans.known_days,
        spans.knot,
        ended.strayed - spans.strayed as residual
    from spans
    inner join strayed as ended
        on spans.forecast_id = ended.forecast_id and spans.end_date = ended.balance_date
),

-- Windows overlap that begin within a few days of each other, or are longer than a month: few of them are apart, and
-- only those tell something new.
measured as (
    select
        forecast_id,
        known_days,
        knot,
        list(residual order by residual) as past,
        least(
            count(*) / cast(least(knot, {{ 2 * leeway + 1 }}) as double), known_days / cast(knot as double)
        ) as windows
    from residuals
    group by forecast_id, known_days, knot
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
        forecast_id,
        knot,
        list_transform(bounds, lambda bound: bound * {{ widening('knot', 'known_days') }}) as spread
    from bounded
),

-- Where fewer days are known than are told, the spread goes on growing as it did until then.
complete as (
    select * from widened
    union all
    select
        forecast_id,
        {{ farthest }} as knot,
        list_transform(spread, lambda bound: bound * {{ farthest }} / knot) as spread
    from widened
    qualify knot = max(knot) over (partition by forecast_id) and knot < {{ farthest }}
),

spreads as (
    select
        *,
        lag(knot, 1, 0) over up as knot_before,
        lag(spread, 1, [0.0, 0.0, 0.0, 0.0]) over up as spread_before
    from complete
    window up as (partition by forecast_id order by knot)
),

days as (
    select
        usual.forecast_id,
        origins.origin_age,
        balances.account_key,
        balances.currency,
        usual.daily_rest,
        balances.balance as opening,
        origins.origin_date,
        unnest(range(1, 91)) as days_ahead
    from balances
    inner join origins
        on balances.account_key = origins.account_key and balances.balance_date = origins.origin_date
    inner join usual on hash(origins.origin_age, balances.account_key, balances.currency) = usual.forecast_id
),

-- What was due already and has not come yet is expected tomorrow.
daily_due as (
    select
        hash(origin_age, account_key, currency) as forecast_id,
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
            partition by days.forecast_id order by days.days_ahead
        ), 0) as due_so_far
    from days
    left join daily_due
        on
            days.forecast_id = daily_due.forecast_id
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
            expected.forecast_id = spreads.forecast_id
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
