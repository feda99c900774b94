with occurrences as (
    select
        *,
        row_number() over (partition by series_id order by booking_date desc) as newness,
        lag(amount) over (partition by series_id order by booking_date) as amount_before
    from {{ ref('int_recurring_occurrences') }}
),

month_days as (
    select
        series_id,
        day(booking_date) as month_day,
        count(*) as times
    from occurrences
    group by all
),

usual_days as (
    select
        series_id,
        arg_max(month_day, { 'times': times, 'earlier': -month_day }) as usual_day
    from month_days
    group by series_id
),

series as (
    select
        occurrences.series_id,
        any_value(origin_age) as origin_age,
        any_value(series_key) as series_key,
        any_value(account_key) as account_key,
        arg_max(merchant_key, booking_date) as merchant_key,
        any_value(currency) as currency,
        any_value(direction) as direction,
        arg_max(kind, booking_date) as kind,
        any_value(cadence) as cadence,
        any_value(period_days) as period_days,
        any_value(period_months) as period_months,
        any_value(tolerance_days) as tolerance_days,
        any_value(origin_date) as origin_date,
        any_value(regular_share) as regular_share,
        count(*) as occurrences,
        min(booking_date) as first_date,
        max(booking_date) as last_date,
        arg_max(amount, booking_date) as last_amount,
        {{ mean_amount('amount', 'newness <= 12') }} as recent_amount,
        coalesce(avg(abs(amount - amount_before)), 0) as usual_step,
        coalesce(mad(amount), 0) as usual_deviation,
        -- Fixed amounts are the same from one time to the next, but for steps now and then.
        coalesce(avg(if(amount = amount_before, 1, 0)) filter (where amount_before is not null), 0) >= 0.6 as is_fixed,
        -- The day of the month that it is due on; the last one of any month if it mostly is that.
        if(
            avg(if(booking_date = last_day(booking_date), 1, 0)) >= 0.6,
            31,
            any_value(usual_days.usual_day)
        ) as due_day,
        bool_and(isodow(booking_date) <= 5) and count(*) >= 4 as keeps_off_weekends
    from occurrences
    inner join usual_days on occurrences.series_id = usual_days.series_id
    group by occurrences.series_id
),

-- Which way most of its times moved off the day that they were due on.
strays as (
    select
        occurrences.series_id,
        if(count(*) filter (
            where occurrences.booking_date
            > {{ day_of_month("date_trunc('month', occurrences.booking_date)", "series.due_day") }}
        ) >= count(*) filter (
            where occurrences.booking_date
            < {{ day_of_month("date_trunc('month', occurrences.booking_date)", "series.due_day") }}
        ), 1, -1) as roll
    from occurrences
    inner join series on occurrences.series_id = series.series_id
    where series.keeps_off_weekends and series.period_months > 0
    group by all
),

-- Whether it waits for Monday or comes on Friday, and for which month its last time was.
placed as (
    select
        series.*,
        coalesce(strays.roll, 0) as roll,
        cast(
            date_trunc('month', series.last_date) + to_months(case
                when series.period_months = 0 or series.due_day = 31 and day(series.last_date) > 15 then 0
                when series.due_day - day(series.last_date) > 15 then -1
                when day(series.last_date) - series.due_day > 15 then 1
                else 0
            end) as date
        ) as last_month
    from series
    left join strays on series.series_id = strays.series_id
)

select
    *,
    -- Amounts that creep are nearer to the last one than to their mean; those that jump about are not.
    is_fixed or usual_step < usual_deviation as follows_last,
    cast(if(is_fixed or usual_step < usual_deviation, last_amount, recent_amount) as decimal(19, 4))
        as expected_amount,
    case
        when period_months = 0 then last_date + period_days
        else {{ rolled(day_of_month("last_month + to_months(period_months)", "due_day"), "roll") }}
    end as next_date,
    -- Once it is overdue by another period, or by two months, nobody waits for it any more.
    case
        when origin_date <= next_date + tolerance_days then 'active'
        when origin_date <= next_date + tolerance_days + least(period_days, 60) then 'missed'
        else 'ended'
    end as status
from placed
