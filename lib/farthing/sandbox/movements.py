"""What moved on accounts, as rows: drawn for each source and day by itself, so any window can be made alone.

Days are numbers since 1970, and a window includes both of its ends.
"""

from collections.abc import Collection, Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from farthing.sandbox.dice import Numbers, Throws, part, thrown
from farthing.sandbox.habits import REFUND_AFTER
from farthing.sandbox.sources import CHANCE_BITS, EPOCH, MILLION, Rows

LEDGER_START = date(2023, 1, 1)  # the day of the opening balances; banks here know nothing older
MOVED = np.dtype([
    (name, "i8") for name in ("place", "day", "order", "source", "cents", "template", "price", "rate")
])  # fmt: skip
"""``order`` is within account and day, ``cents`` are negative if they go out, ``template`` is the number of a text;
payments abroad have ``price`` (hundredths) and ``rate`` (millionths)."""
type Arrays = Mapping[str, Rows]

_START = LEDGER_START.toordinal() - EPOCH
_FIRST_MONTH = 12 * (LEDGER_START.year - 1970) + LEDGER_START.month - 1
_AFTER = REFUND_AFTER.days
_REFUNDED = 15  # of a hundred purchases
_AT_ONCE = 64  # purchases of a habit on a day at most
_TRANSFERS, _REGULARS, _INTEREST, _INVOICES, _TRIPS, _HABITS, _REFUNDS = range(0, 7 * 8192, 8192)  # as a day goes


def movements(tables: Arrays, places: Collection[int], first: int, last: int) -> Rows:
    """Return all that moved on some accounts from one day to another.

    :param tables: see :meth:`farthing.sandbox.sources.Tables.arrays`.
    """
    wanted = _at(tables, places)
    bought = _bought(wanted, first, last)
    beside = [draw(wanted, first, last) for draw in (_transfers, _interest, _invoices)]
    return np.concatenate([bought, *beside, _settled(tables, places, bought, first, last)])


def _at(tables: Arrays, places: Collection[int]) -> Arrays:
    """Return what the tables have of some accounts."""
    if len(places) == len(tables["ids"]):
        return tables
    is_wanted = np.zeros(len(tables["ids"]), np.bool)
    is_wanted[list(places)] = True
    return {name: table if name == "ids" else table[is_wanted[table["place"]]] for name, table in tables.items()}


def _bought(tables: Arrays, first: int, last: int) -> Rows:
    """Return what makes up the bill of a credit card."""
    return np.concatenate([draw(tables, first, last) for draw in (_regulars, _trips, _habits, _refunds)])


def _settled(tables: Arrays, places: Collection[int], bought: Rows, first: int, last: int) -> Rows:
    """Return the payments of credit cards, each of what was bought in the whole month before.

    Earlier settlements are no part of what is owed, which would lead back to the first month of all.

    :param bought: on those accounts in those days.
    """
    due, day, month = _due(_at(tables, places)["settlements"], first, last)
    if not len(due):
        return _rows(due)
    cards, earliest = np.unique(due["card"]), int(month.min()) - 1
    before = _bought(_at(tables, cards), max(int(_start_of(month - 1).min()), _START), first - 1)
    others = _bought(_at(tables, np.setdiff1d(cards, list(places))), first, last)
    spent = np.concatenate([before, others, bought[np.isin(bought["place"], cards)]])
    at = _month_of(spent["day"]) - earliest
    owed = np.zeros((len(tables["ids"]), max(int(month.max()) - earliest, int(at.max(initial=0))) + 1), np.int64)
    np.subtract.at(owed, (spent["place"], at), spent["cents"])
    bill: Numbers = owed[due["card"], month - 1 - earliest]
    return _rows(due, day=day, order=_TRANSFERS + _AT_ONCE + due["number"], cents=due["sign"] * bill)[bill > 0]


def _transfers(tables: Arrays, first: int, last: int) -> Rows:
    due, day, _ = _due(tables["transfers"], first, last)
    return _rows(due, day=day, order=_TRANSFERS + due["number"], cents=due["cents"])


def _regulars(tables: Arrays, first: int, last: int) -> Rows:
    due, day, _ = _due(tables["regulars"], first, last)
    is_paid = day <= due["ends"]
    due, day, amounts = due[is_paid], day[is_paid], tables["amounts"]
    step = np.searchsorted(_ordered(amounts["regular"], amounts["since"]), _ordered(due["regular"], day), "right") - 1
    return _rows(due, day=day, order=_REGULARS + due["number"], cents=amounts["cents"][step])


def _ordered(regular: Numbers, day: Numbers) -> Numbers:
    return regular * 2**32 + day


def _interest(tables: Arrays, first: int, last: int) -> Rows:
    """Return quarterly simple interest on the opening balance and what is saved each month."""
    due, day, month = _due(tables["interests"], first, last)
    saved = due["opening"] + (month - _FIRST_MONTH + 1) * due["saved"]
    return _rows(due, day=day, order=_INTEREST, cents=_divided(saved * due["rate"], 4 * MILLION))


def _invoices(tables: Arrays, first: int, last: int) -> Rows:
    days = np.arange(first, last + 1)
    days = days[_weekday(days) < 5]
    throws = thrown(tables["invoices"]["seed"][:, None], days)
    row, at = np.nonzero(throws >> CHANCE_BITS < tables["invoices"]["chance"][:, None])
    paid, throw = tables["invoices"][row], throws[row, at]
    return _rows(
        paid,
        day=days[at],
        order=_INVOICES + paid["number"],
        source=paid["source"] + part(throw, paid["clients"], bits=8),
        cents=100 * (paid["low"] + part(throw, paid["span"], bits=24, after=8)),
    )


def _trips(tables: Arrays, first: int, last: int) -> Rows:
    days = np.arange(first, last + 1)
    row, at = np.nonzero(_is_on(tables["trips"], days))
    which, nth = counted(tables["trips"]["a_day"][row])
    trip, day = tables["trips"][row[which]], days[at[which]]
    throw = thrown(thrown(trip["seed"], day), nth)
    price = _price(trip, throw)
    rate = _divided(trip["rate"] * (9_800 + part(thrown(throw, np.array(1)), 401, bits=32)), 10_000)
    return _rows(
        trip,
        day=day,
        order=_TRIPS + _AT_ONCE * trip["number"] + nth,
        source=trip["source"] + part(throw, trip["shops"], bits=16, after=48),
        cents=-_divided(price * rate, MILLION),
        price=price,
        rate=rate,
    )


def _is_on(trips: Rows, days: Numbers) -> NDArray[np.bool]:
    """Say of each trip, a row, and day, a column, whether the household is away."""
    month, trip = _month_of(days), trips[:, None]
    of_month = days - _start_of(month) + 1
    is_on: NDArray[np.bool] = month % 12 + 1 == trip["month"]
    return is_on & (trip["first"] <= of_month) & (of_month <= trip["last"])


def _habits(tables: Arrays, first: int, last: int) -> Rows:
    habit, day, nth, throw = _purchases(tables, tables["habits"], first, last)
    price = _price(habit, throw)
    return _rows(
        habit,
        day=day,
        order=_HABITS + _AT_ONCE * habit["number"] + nth,
        source=habit["source"] + part(throw, habit["shops"], bits=16, after=48),
        cents=price % habit["step"] - price,
    )


def _refunds(tables: Arrays, first: int, last: int) -> Rows:
    """Give the money of some purchases back, so many days after."""
    refunding = tables["habits"][tables["habits"]["refund"] >= 0]
    habit, day, nth, throw = _purchases(tables, refunding, max(first - _AFTER, _START), last - _AFTER)
    is_returned = part(thrown(throw, nth), 100, bits=32) < _REFUNDED
    habit, day, nth, throw = habit[is_returned], day[is_returned], nth[is_returned], throw[is_returned]
    price = _price(habit, throw)
    return _rows(
        habit,
        day=day + _AFTER,
        order=_REFUNDS + _AT_ONCE * habit["number"] + nth,
        source=habit["refund"] + part(throw, habit["shops"], bits=16, after=48),
        cents=price - price % habit["step"],
    )


def _purchases(tables: Arrays, habits: Rows, first: int, last: int) -> tuple[Rows, Numbers, Numbers, Throws]:
    """Return what habits buy, by habit, day and number on it, each with its throw; on a holiday they rest."""
    days = np.arange(first, last + 1)
    today = thrown(habits["seed"][:, None], days)
    times = (habits["week"][:, _weekday(days)] + (today >> CHANCE_BITS)) >> CHANCE_BITS
    is_away = np.zeros((len(tables["ids"]), len(days)), np.bool)
    trip, away = np.nonzero(_is_on(tables["trips"], days))
    is_away[tables["trips"]["place"][trip], away] = True
    times[is_away[habits["place"]]] = 0
    row, at = np.nonzero(times)
    which, nth = counted(times[row, at].astype(np.int64) * habits["copies"][row])
    row, at = row[which], at[which]
    habit = habits[row]
    return habit, days[at], nth, thrown(today[row, at], nth // habit["copies"])


def _price(rows: Rows, throws: Throws) -> Numbers:
    """Return the smaller of two throws: small amounts are likelier than large ones."""
    one, other = (part(throws, rows["span"], bits=24, after=after) for after in (0, 24))
    return rows["low"] + np.minimum(one, other)


def _due(table: Rows, first: int, last: int) -> tuple[Rows, Numbers, Numbers]:
    """Return a row for each month in which something falls due, its day, and the month (since 1970).

    The 31st is the last day of a month. Weekends wait for Monday, but not with what is due on the very day.
    """
    months, rows = np.unique(_month_of(np.arange(first, last + 1))), table[:, None]
    day = np.minimum(_start_of(months) + rows["day_of_month"], _start_of(months + 1)) - 1
    weekday = _weekday(day)
    day += np.where(rows["on_the_day"] | (weekday < 5), 0, 7 - weekday)
    is_month = (rows["months"] >> (months % 12 + 1)) & 1 == 1
    row, at = np.nonzero(is_month & (first <= day) & (day <= last))
    return table[row], day[row, at], months[at]


def _rows(table: Rows, **columns: Numbers | int) -> Rows:
    """Make rows of columns and of what the rows of a table have to say."""
    rows = np.zeros(len(table), MOVED)
    for name in {"place", "source", "template"}.intersection(table.dtype.names or ()):
        rows[name] = table[name]
    for name, values in columns.items():
        rows[name] = values
    return rows


def counted(times: Numbers) -> tuple[Numbers, Numbers]:
    """Return the place of each number as often as it says, and beside these places 0, 1, 2 and so on."""
    which = np.repeat(np.arange(len(times)), times)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(times) - times, times)


def _divided(dividend: Numbers, by: int) -> Numbers:
    """Divide positive whole numbers, half to even."""
    whole, rest = dividend // by, dividend % by
    whole += (2 * rest > by) | ((2 * rest == by) & (whole % 2 == 1))
    return whole


def _weekday(day: Numbers) -> Numbers:
    return (day + 3) % 7  # 1970 began on a Thursday


def _month_of(day: Numbers) -> Numbers:
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _start_of(month: Numbers) -> Numbers:
    return month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
