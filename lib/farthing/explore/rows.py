"""The transactions behind a mark: their total, the first of them for reading, all of them for a file.

One that its owner split is there in its parts, of which a mark of one category has its own alone.
"""

from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO

import duckdb
import polars as pl

from farthing.explore.money import format_money
from farthing.explore.queries import Condition, Query, in_base

SHOWN_ROWS = 500

_COLUMNS = (
    "booking_date, merchant, description, category, account_name, account_key, currency, {sign}amount as amount,"
    " base_currency, {sign}base_amount as base_amount, category_reason"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Transactions that were asked for.

    :ivar query: the statement that gives them all, the newest first.
    :ivar shown: the first of them, at most :data:`SHOWN_ROWS`.
    :ivar total: sum of them all.
    :ivar base_total: the same in the base currency; null where that is not another one, or where a rate is missing.
    :ivar count: number of them all, each part of a split for one.
    """

    query: Query
    shown: pl.DataFrame
    total: Decimal
    base_total: Decimal | None
    count: int

    @property
    def base_currency(self) -> str | None:
        """The currency of the base amounts, where it is another one."""
        return _base_currency(self.shown)

    def heading(self, *, currency: str, locale: str) -> str:
        """Say what they come to."""
        count = "1 payment" if self.count == 1 else f"{self.count:,} payments"
        amount = format_money(self.total, currency, locale=locale)
        if self.base_currency is not None and self.base_total is not None:
            amount += f" ({format_money(self.base_total, self.base_currency, locale=locale)})"
        return f"{amount} in {count}"


def find_rows(books: duckdb.DuckDBPyConnection, where: Condition, *, as_spent: bool = True) -> Rows:
    """Find the transactions of a condition.

    :param as_spent: whether what was paid counts as positive, as in charts of spending.
    """
    sign = "-" if as_spent else ""
    sql = (
        f"select {_COLUMNS.format(sign=sign)}\nfrom marts.fct_transaction_parts\nwhere\n    {{where}}\n"
        "order by booking_date desc, transaction_key, part_number"
    )
    # With the day from which on the newest are, so that no other day's texts are read, only to be sorted and dropped.
    totals = where.query(
        f"""
        with days as (
            select booking_date, sum({sign}amount) as amount, sum(transactions) as n
            from {{totals}} where {{where}} group by booking_date
        ),
        newest as (select *, sum(n) over (order by booking_date desc) as so_far from days)
        select coalesce(sum(amount), 0) as total, coalesce(sum(n), 0)::bigint as n,
            coalesce(max(booking_date) filter (where so_far >= {SHOWN_ROWS}), min(booking_date)) as since
        from newest
        """  # noqa: S608 - a sign and a number of our own
    ).run(books)
    newest = Condition(sql=f"{where.sql}\n    and booking_date >= $since", parameters=where.parameters)
    shown = newest.query(f"{sql}\nlimit {SHOWN_ROWS}", since=totals["since"].item()).run(books)
    return Rows(
        query=where.query(sql),
        shown=shown,
        total=totals["total"].item(),
        base_total=in_base(where, as_spent=as_spent).run(books).item() if _base_currency(shown) else None,
        count=totals["n"].item(),
    )


def _base_currency(shown: pl.DataFrame) -> str | None:
    currencies = shown["base_currency"].drop_nulls()
    return currencies[0] if len(currencies) and currencies[0] != shown["currency"][0] else None


def to_parquet(rows: pl.DataFrame) -> bytes:
    """Write rows as a Parquet file."""
    file = BytesIO()
    rows.write_parquet(file)
    return file.getvalue()
