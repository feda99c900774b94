"""Where balances are going: what is asked of ``fct_forecast``, of what is due, and of how wrong it was.

Accounts are told together: those heard of within :data:`HEARD` days of the newest, as the forecast of one that was not
is of another time.
"""

from datetime import date

import polars as pl

from farthing.explore.queries import Query
from farthing.explore.scope import Scope

AHEAD = 90  # days that are told
HEARD = 30  # days

_HEARD = """told as (
    select account_key, account_name, max(origin_date) as origin_date from marts.fct_forecast
    where currency = $currency {accounts} group by all
),
heard as (from told where origin_date >= (select max(origin_date) from told) - $heard)"""

# Recurring payments apart: they are told one by one.
_APART = """transaction_key not in (
        select unnest(transaction_keys) from marts.fct_recurring_events where event = 'paid'
    )"""


def find_outlook(scope: Scope) -> Query:
    """Give the newest known balance, then the one expected for each day that all accounts are told for, with bounds.

    Bounds of several accounts are added up, as if all erred the same way: rather too wide than too narrow.
    """
    return _of_accounts(
        """with {heard},
days as (
    select account_key, balance_date, balance, low_90, low_50, high_50, high_90
    from marts.fct_forecast semi join heard using (account_key) where currency = $currency
    union all by name
    select account_key, balance_date, balance, balance as low_90, balance as low_50, balance as high_50,
        balance as high_90
    from marts.fct_daily_balance inner join heard using (account_key)
    where currency = $currency and balance_date between (select min(origin_date) from heard) and origin_date
)
select balance_date, sum(balance) as balance, sum(low_90) as low_90, sum(low_50) as low_50, sum(high_50) as high_50,
    sum(high_90) as high_90
from days group by balance_date having count(*) = (select count(*) from heard) order by balance_date""",
        scope,
    )


def find_past(scope: Scope) -> Query:
    """Give what the same accounts held at the end of each day of the period, up to what is known of all."""
    return _of_accounts(
        """with {heard}
select balance_date, sum(balance) as balance
from marts.fct_daily_balance semi join heard using (account_key)
where currency = $currency and balance_date between $first and $last
    and balance_date < (select min(origin_date) from heard)
group by balance_date order by balance_date""",
        scope,
        first=scope.period.first,
        last=scope.period.last,
    )


def find_expected(scope: Scope) -> Query:
    """Find each recurring payment that the forecast counts on, on the day on which it does."""
    return _of_accounts(
        """with {heard}
select series_key, merchant, greatest(event_date, origin_date + 1) as due_date, amount
from marts.fct_recurring_events as events
inner join heard using (account_key)
inner join marts.fct_recurring as series using (series_key, account_key, currency)
where event = 'due' and currency = $currency and event_date <= origin_date + $ahead
order by due_date, merchant, series_key""",
        scope,
        ahead=AHEAD,
    )


def find_left_out(scope: Scope) -> Query:
    """Name the accounts that were not heard of for so long that they are left out."""
    return _of_accounts(
        "with {heard}\nselect account_name from told anti join heard using (account_key) order by account_name", scope
    )


def find_category(scope: Scope, category: str, *, last: date) -> Query:
    """Add up what a category moved in the year to a day, recurring payments apart, and count the days of it known."""
    return _of_accounts(
        """with {heard}
select coalesce(sum(amount) filter (where category = $category and {apart}), 0) as moved,
    greatest($last::date - coalesce(min(booking_date), $last::date) + 1, 1) as days
from marts.fct_transactions semi join heard using (account_key)
where currency = $currency and booking_date > $last::date - 365 and booking_date <= $last::date""",
        scope,
        category=category,
        last=last,
    )


def find_categories(scope: Scope, *, last: date) -> Query:
    """List what was spent on in the year to a day, recurring payments apart, the most first."""
    return _of_accounts(
        """with {heard}
select category
from marts.fct_transactions semi join heard using (account_key)
where currency = $currency and category_kind = 'spending' and booking_date > $last::date - 365
    and booking_date <= $last::date and {apart}
group by category order by sum(amount), category""",
        scope,
        last=last,
    )


def find_misses(scope: Scope) -> Query:
    """Say what forecasts of 30, 60 and 90 days ago told of each day since, and what it became."""
    return _of_accounts(
        """with {heard}
select origin_age, balance_date, sum(forecast_balance) as forecast_balance, sum(actual_balance) as actual_balance,
    sum(error) as error, if(count(naive_error) = count(*), sum(naive_error), null) as naive_error,
    avg(is_within_90::int) as within_90
from marts.fct_forecast_error semi join heard using (account_key)
where currency = $currency
group by all having count(*) = (select count(*) from heard)
order by origin_age, balance_date""",
        scope,
    )


def with_past(past: pl.DataFrame, outlook: pl.DataFrame) -> pl.DataFrame:
    """Put what was before what will be, for the chart; the newest known balance ends the one and begins the other."""
    bounds = [pl.lit(None, dtype=pl.Decimal(38, 4)).alias(name) for name in ("low_90", "low_50", "high_50", "high_90")]
    was = pl.concat([past, outlook.head(1).select("balance_date", "balance")]).with_columns(
        *bounds, changed=pl.lit(None, dtype=pl.Decimal(38, 4))
    )
    return pl.concat([was, outlook.select(was.columns)]).rename({"balance_date": "bucket", "balance": "amount"})


def miss_in_words(missed: pl.DataFrame, age: int, scope: Scope) -> tuple[str, str, str]:
    """Say by how much a forecast missed the newest day, how often its band held, and how the naive one did."""
    of_age = missed.filter(pl.col("origin_age") == age).sort("balance_date")
    last = of_age.row(-1, named=True)
    days: list[float] = of_age["within_90"].to_list()
    held = f"its band held {sum(days) / len(days) * 100:.0f} % of days"
    naive = last["naive_error"]
    against = "" if naive is None else f"; the month before as a guide missed by {scope.money(abs(naive))}"
    return f"{age} days ago it missed by", scope.money(abs(last["error"])), f"{held}{against}"


def _of_accounts(sql: str, scope: Scope, **more: object) -> Query:
    names = {f"account_{number}": key for number, key in enumerate(scope.view.accounts)}
    chosen = f"and account_key in ({', '.join(f'${name}' for name in names)})" if names else ""
    return Query(
        sql=sql.replace("{heard}", _HEARD.replace("{accounts}", chosen)).replace("{apart}", _APART),
        parameters={"currency": scope.currency, "heard": HEARD, **names, **more},
    )
