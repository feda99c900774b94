"""What moved on accounts, in columns: drawn for each source and day by itself, so any window can be made alone.

Each function returns rows of ``place``, ``day`` (since 1970), ``order`` (within account and day), ``source``, ``cents``
(negative if they go out), ``text``, and of payments abroad ``price`` (hundredths) and ``rate`` (millionths).
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import polars as pl

from farthing.sandbox.dice import part, thrown
from farthing.sandbox.habits import EVERY_MONTH, REFUND_AFTER
from farthing.sandbox.sources import CHANCE, EPOCH, MILLION, TABLES, bits_of

LEDGER_START = date(2023, 1, 1)  # the day of the opening balances; banks here know nothing older
type Frames = Mapping[str, pl.DataFrame]
type _Tables = Mapping[str, pl.LazyFrame]
type _Draw = Callable[[_Tables, date, date], pl.LazyFrame]

_DAY = timedelta(days=1)
_NO_TRIPS = pl.LazyFrame(schema=TABLES["trips"])
_REFUNDED = 15  # of a hundred purchases
_AT_ONCE = 64  # purchases of a habit on a day at most
_TRANSFERS, _REGULARS, _INTEREST, _INVOICES, _TRIPS, _HABITS, _REFUNDS = range(0, 7 * 8192, 8192)  # as a day goes


def movements(tables: Frames, first: date, last: date) -> pl.DataFrame:
    """Return all that moved from one day to another, both included, on the accounts of some tables.

    :param tables: see :class:`farthing.sandbox.sources.Tables`; with an account go the credit cards that it pays.
    """
    if first > last:
        return NOTHING
    known = {name: table.lazy() for name, table in tables.items() if len(table)}
    earliest = (first.replace(day=1) - _DAY).replace(day=1) if "settlements" in known else first
    draws = (draw(known, max(earliest, LEDGER_START), last) for table, draw in _BOUGHT.items() if table in known)
    bought = pl.concat([NOTHING.lazy(), *draws]).collect()
    others = [draw(known, first, last) for table, draw in _BESIDES.items() if table in known]
    if "settlements" in known:
        others.append(_settled(known, bought.lazy(), first, last))
    return pl.concat([bought.lazy().filter(pl.col("day") >= _number(first)), *others]).collect()


def _settled(tables: _Tables, bought: pl.LazyFrame, first: date, last: date) -> pl.LazyFrame:
    """Return the payments of credit cards, each of what was bought in the whole month before.

    Earlier settlements are no part of what is owed, which would lead back to the first month of all.
    """
    day = _working_day(pl.col("month_start") + pl.col("day_of_month") - 1)
    due = _due(tables["settlements"].with_columns(months=bits_of(EVERY_MONTH)), first, last, day)
    cards = bought.join(due, left_on="place", right_on="card", how="semi")
    owed = cards.group_by(card="place", before=_date("day").dt.month_start()).agg(owed=-pl.col("cents").sum())
    paid = due.with_columns(before=_date("month_start").dt.offset_by("-1mo")).join(owed, on=["card", "before"])
    return _rows(
        paid.filter(pl.col("owed") > 0),
        order=_TRANSFERS + _AT_ONCE + pl.col("number"),
        cents=pl.col("sign") * pl.col("owed"),
        text=pl.col("template"),
    )


def _transfers(tables: _Tables, first: date, last: date) -> pl.LazyFrame:
    due = _due(tables["transfers"], first, last, _working_day(pl.col("month_start") + pl.col("day_of_month") - 1))
    return _rows(due, order=_TRANSFERS + pl.col("number"), text=pl.col("template"))


def _regulars(tables: _Tables, first: date, last: date) -> pl.LazyFrame:
    day = pl.col("month_start") + pl.col("day_of_month") - 1
    due = _due(tables["regulars"], first, last, pl.when("on_the_day").then(day).otherwise(_working_day(day)))
    amounts = tables["amounts"].sort("since")
    paid = (
        due.filter(pl.col("day") <= pl.col("ends"))
        .sort("day")
        .join_asof(amounts, left_on="day", right_on="since", by="regular", check_sortedness=False)
    )
    return _rows(paid, order=_REGULARS + pl.col("number"), text=_written(_date("day")))


def _interest(tables: _Tables, first: date, last: date) -> pl.LazyFrame:
    """Return quarterly simple interest on the opening balance and what is saved each month."""
    day = _number_of(_date("month_start").dt.month_end())
    due = _due(tables["interests"].with_columns(months=bits_of((3, 6, 9, 12))), first, last, day)
    saved = pl.col("opening") + _months_since_start(_date("day")) * pl.col("saved")
    return _rows(due, order=_INTEREST, cents=_divided(saved * pl.col("rate"), 4 * MILLION), text=_written(_date("day")))


def _invoices(tables: _Tables, first: date, last: date) -> pl.LazyFrame:
    workdays = _days(first, last).filter(pl.col("weekday") < 5)
    paid = thrown(tables["invoices"].join(workdays, how="cross"), throw=("seed", pl.col("day")))
    paid = paid.filter(pl.col("throw") // CHANCE < pl.col("chance"))
    day, clients = _date("day"), part("throw", pl.col("clients"), bits=8)
    text = pl.col("template").str.replace("{year}", day.dt.to_string("%Y"), literal=True)
    return _rows(
        paid,
        order=_INVOICES + pl.col("number"),
        source=pl.col("source") + clients,
        cents=100 * (pl.col("low") + part("throw", pl.col("span"), bits=24, after=8)),
        text=text.str.replace("{number}", day.dt.to_string("%j"), literal=True),
    )


def _away(tables: _Tables, first: date, last: date) -> pl.LazyFrame:
    """Return the trips of each day on which a household is away."""
    days = _days(first, last).with_columns(month=_date("day").dt.month(), of_month=_date("day").dt.day())
    return (
        tables.get("trips", _NO_TRIPS)
        .join(days, on="month")
        .filter(pl.col("of_month").is_between(pl.col("first"), pl.col("last")))
    )


def _trips(tables: _Tables, first: date, last: date) -> pl.LazyFrame:
    away = thrown(_away(tables, first, last), today=("seed", pl.col("day")))
    times = away.with_columns(nth=pl.int_ranges(pl.col("a_day"))).explode("nth")
    paid = thrown(times, throw=("today", pl.col("nth")))
    paid = thrown(paid, other=("throw", pl.lit(1))).with_columns(
        price=_price(),
        rate=_divided(pl.col("rate") * (9_800 + part("other", pl.lit(401), bits=32)), 10_000),
    )
    return _rows(
        paid,
        order=_TRIPS + _AT_ONCE * pl.col("number") + pl.col("nth"),
        source=pl.col("source") + part("throw", pl.col("shops"), bits=16, after=48),
        cents=-_divided(pl.col("price") * pl.col("rate"), MILLION),
        price=pl.col("price"),
        rate=pl.col("rate"),
    )


def _purchases(tables: _Tables, table: str, first: date, last: date) -> pl.LazyFrame:
    """Return what habits buy: when, how often, where and for how much; while a household is away they rest."""
    habits = tables[table].drop("seed")
    means = tables["weeks"].join(tables[table].select("habit", "seed"), on="habit")
    tried = thrown(means.join(_days(first, last), on="weekday"), today=("seed", pl.col("day")))
    times = ((pl.col("chance") + pl.col("today") // CHANCE) // CHANCE).cast(pl.Int64)
    found = (
        tried.select("habit", "day", "today", times=times)
        .filter(pl.col("times") > 0)
        .join(habits, on="habit")
        .join(_away(tables, first, last), on=["place", "day"], how="anti")
        .with_columns(nth=pl.int_ranges(pl.col("times") * pl.col("copies")))
        .explode("nth")
    )
    return thrown(found, throw=("today", pl.col("nth") // pl.col("copies"))).with_columns(
        shop=part("throw", pl.col("shops"), bits=16, after=48)
    )


def _habits(tables: _Tables, first: date, last: date) -> pl.LazyFrame:
    return _rows(
        _purchases(tables, "habits", first, last),
        order=_HABITS + _AT_ONCE * pl.col("number") + pl.col("nth"),
        source=pl.col("source") + pl.col("shop"),
        cents=_price() % pl.col("step") - _price(),
    )


def _refunds(tables: _Tables, first: date, last: date) -> pl.LazyFrame:
    """Give the money of some purchases back, so many days after."""
    after = REFUND_AFTER.days
    found = _purchases(tables, "refunds", max(first - REFUND_AFTER, LEDGER_START), last - REFUND_AFTER)
    returned = thrown(found, die=("throw", pl.col("nth"))).filter(part("die", pl.lit(100), bits=32) < _REFUNDED)
    return _rows(
        returned,
        day=pl.col("day") + after,
        order=_REFUNDS + _AT_ONCE * pl.col("number") + pl.col("nth"),
        source=pl.col("refund") + pl.col("shop"),
        cents=_price() - _price() % pl.col("step"),
    )


_BOUGHT: Mapping[str, _Draw] = {"regulars": _regulars, "trips": _trips, "habits": _habits, "refunds": _refunds}
_BESIDES: Mapping[str, _Draw] = {"transfers": _transfers, "interests": _interest, "invoices": _invoices}


def _price() -> pl.Expr:
    """Return the smaller of two throws: small amounts are likelier than large ones."""
    one, other = (part("throw", pl.col("span"), bits=24, after=after) for after in (0, 24))
    return pl.col("low") + pl.min_horizontal(one, other)


def _due(table: pl.LazyFrame, first: date, last: date, day: pl.Expr) -> pl.LazyFrame:
    """Return a row for each month in which something falls due, and its day."""
    return (
        table.join(_months(first, last), how="cross")
        .filter(pl.col("months") & pl.col("month_bit") > 0)
        .with_columns(day=day)
        .filter(pl.col("day").is_between(_number(first), _number(last)))
    )


def _days(first: date, last: date) -> pl.LazyFrame:
    days = pl.LazyFrame({"day": range(_number(first), _number(last) + 1)}, {"day": pl.Int32})
    return days.with_columns(weekday=(pl.col("day") + 3) % 7)  # 1970 began on a Thursday


def _months(first: date, last: date) -> pl.LazyFrame:
    starts = pl.date_range(first.replace(day=1), last, "1mo", eager=True).alias("start")
    return starts.to_frame().lazy().select(
        month_start=_number_of(pl.col("start")), month_bit=pl.lit(2, pl.Int64).pow(pl.col("start").dt.month())
    )  # fmt: skip


_SHAPE = {
    "place": pl.UInt32, "day": pl.Int32, "order": pl.Int64, "source": pl.UInt32, "cents": pl.Int64, "text": pl.String,
    "price": pl.Int64, "rate": pl.Int64,
}  # fmt: skip
NOTHING = pl.DataFrame(schema=_SHAPE)


def _rows(frame: pl.LazyFrame, **columns: pl.Expr | int) -> pl.LazyFrame:
    """Bring the columns in shape that all rows have."""
    nothing = {"text": pl.lit(""), "price": pl.lit(None), "rate": pl.lit(None)}
    given = {name: pl.lit(value) if isinstance(value, int) else value for name, value in columns.items()}
    known = {name: pl.col(name) for name in _SHAPE} | nothing | given
    return frame.select(**{name: known[name].cast(dtype) for name, dtype in _SHAPE.items()})


def _working_day(day: pl.Expr) -> pl.Expr:
    """Let weekends wait for Monday."""
    weekday = (day + 3) % 7
    return day + pl.when(weekday > 4).then(7 - weekday).otherwise(0)


def _written(day: pl.Expr) -> pl.Expr:
    month = pl.col("template").str.replace("{month}", day.dt.to_string("%m/%Y"), literal=True)
    return month.str.replace("{year}", day.dt.to_string("%Y"), literal=True)


def _months_since_start(day: pl.Expr) -> pl.Expr:
    return (day.dt.year().cast(pl.Int64) - LEDGER_START.year) * 12 + day.dt.month()


def _divided(dividend: pl.Expr, by: int) -> pl.Expr:
    """Divide a positive whole number, half to even."""
    whole, rest = dividend // by, dividend % by
    is_odd = whole % 2 == 1
    return whole + ((2 * rest > by) | ((2 * rest == by) & is_odd)).cast(pl.Int64)


def _date(number: str) -> pl.Expr:
    return pl.col(number).cast(pl.Date)


def _number_of(day: pl.Expr) -> pl.Expr:
    return day.cast(pl.Int32)


def _number(day: date) -> int:
    return day.toordinal() - EPOCH
