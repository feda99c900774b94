"""What is paid again and again: the questions that are asked of ``fct_recurring`` and its events."""

from datetime import date

import polars as pl

from farthing.explore.periods import Period
from farthing.explore.queries import Query
from farthing.explore.scope import Scope

# A series has no category of its own: it is that of its merchant.
_SERIES = """with series as (
    select recurring.*, merchants.category
    from marts.fct_recurring as recurring left join marts.dim_merchant as merchants using (merchant_key)
)
"""
_EVENTS = "from series inner join marts.fct_recurring_events as events using (series_key, account_key, currency)\n"


def find_series(scope: Scope, *, kind: str, with_ended: bool) -> Query:
    """Find the series that came in the period or still run, the one that moves most in a year first.

    :param kind: ``spending``, ``income`` or ``transfer``.
    :param with_ended: whether those that ended are among them.
    """
    ended = () if with_ended else ("status <> 'ended'",)
    span = "if(status = 'ended', least(last_date, $last), $last)"
    return (
        scope.from_outside()
        .where("kind = $kind", "first_date <= $last", *ended, day=span)
        .query(
            f"{_SERIES}select series_key, merchant, account_key, account_name, cadence, status, mark,\n"
            "    last_amount, yearly_amount, next_date\n"
            "from series\nwhere\n    {where}\norder by abs(yearly_amount) desc, merchant, series_key",
            kind=kind,
        )
    )


def find_payments(scope: Scope, *, kind: str) -> Query:
    """Find each time that a series came in the period, the oldest first, and whether its price stepped."""
    return (
        scope.from_outside()
        .where("kind = $kind", "event = 'paid'", day="event_date")
        .query(
            f"{_SERIES}select series_key, merchant, event_date, events.amount, amount_before, is_price_step\n{_EVENTS}"
            "where\n    {where}\norder by event_date, merchant, series_key",
            kind=kind,
        )
    )


def find_due(scope: Scope, *, kind: str, first: date, last: date) -> Query:
    """Find what is expected from a day to another; what is overdue, but not given up, counts on the first."""
    return (
        scope.from_outside()
        .over(Period(first=first, last=last))
        .where(
            "kind = $kind",
            "event = 'due'",
            "(event_date >= $first or event_date = next_date)",
            day="greatest(event_date, $first)",
        )
        .query(
            f"{_SERIES}select greatest(event_date, $first) as due_date, series_key, merchant, account_key,\n"
            f"    account_name, cadence, events.amount\n{_EVENTS}where\n    {{where}}\n"
            "order by due_date, merchant, series_key",
            kind=kind,
        )
    )


def labelled(series: pl.DataFrame) -> pl.DataFrame:
    """Add ``part``, a name of each series that no other has."""
    names = series["merchant"].fill_null("Unknown").to_list()
    accounts, cadences = series["account_name"].to_list(), series["cadence"].to_list()
    longer = [f"{name} · {account}" for name, account in zip(names, accounts, strict=True)]
    longest = [f"{name} · {cadence}" for name, cadence in zip(longer, cadences, strict=True)]
    chosen = [
        name if names.count(name) == 1 else more if longer.count(more) == 1 else most
        for name, more, most in zip(names, longer, longest, strict=True)
    ]
    seen = [chosen[:number].count(name) for number, name in enumerate(chosen)]
    return series.with_columns(
        part=pl.Series(
            [f"{name} ({again + 1})" if again else name for name, again in zip(chosen, seen, strict=True)],
            dtype=pl.String,
        )
    )


def price_in_words(paid: pl.DataFrame, names: dict[str, str], scope: Scope) -> str:
    """Say which prices stepped in the period, the newest first."""
    steps = paid.filter("is_price_step").sort("event_date", descending=True).head(3)
    words = [
        f"{names[row['series_key']]} went from {scope.money(abs(row['amount_before']))} to"
        f" {scope.money(abs(row['amount']))} on {row['event_date']:%-d %B %Y}"
        for row in steps.iter_rows(named=True)
    ]
    return f"{'; '.join(words)}." if words else f"No fixed price changed {scope.period.when}."
