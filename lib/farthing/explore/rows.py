"""The transactions behind a mark: their total, the first of them for reading, all of them for a file."""

from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO

import duckdb
import polars as pl

from farthing.explore.money import format_money
from farthing.explore.queries import Condition, Query

SHOWN_ROWS = 500

_COLUMNS = (
    "booking_date, merchant, description, category, account_name, currency, {sign}amount as amount, category_reason"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Transactions that were asked for.

    :ivar query: the statement that gives them all, the newest first.
    :ivar shown: the first of them, at most :data:`SHOWN_ROWS`.
    :ivar total: sum of them all.
    :ivar count: number of them all.
    """

    query: Query
    shown: pl.DataFrame
    total: Decimal
    count: int

    def heading(self, *, currency: str, locale: str) -> str:
        """Say what they come to."""
        count = "1 payment" if self.count == 1 else f"{self.count:,} payments"
        return f"{format_money(self.total, currency, locale=locale)} in {count}"


def find_rows(
    books: duckdb.DuckDBPyConnection, where: Condition, *, as_spent: bool = True, with_key: bool = False
) -> Rows:
    """Find the transactions of a condition.

    :param as_spent: whether what was paid counts as positive, as in charts of spending.
    :param with_key: whether each row has its ``transaction_key``.
    """
    sign = "-" if as_spent else ""
    columns = _COLUMNS.format(sign=sign) + (", transaction_key" if with_key else "")
    sql = (
        f"select {columns}\nfrom marts.fct_transactions\nwhere\n    {{where}}\n"
        "order by booking_date desc, transaction_key"
    )
    # The day from which on the newest are, so that no other day's texts are read, only to be sorted and dropped.
    totals = where.query(
        f"select coalesce(sum({sign}amount), 0) as total, count(*) as n,"  # noqa: S608 - a sign of our own
        f" list_min(max(booking_date, {SHOWN_ROWS})) as since from marts.fct_transactions where {{where}}"
    ).run(books)
    newest = Condition(sql=f"{where.sql}\n    and booking_date >= $since", parameters=where.parameters)
    shown = newest.query(f"{sql}\nlimit {SHOWN_ROWS}", since=totals["since"].item()).run(books)
    return Rows(query=where.query(sql), shown=shown, total=totals["total"].item(), count=totals["n"].item())


def to_parquet(rows: pl.DataFrame) -> bytes:
    """Write rows as a Parquet file."""
    file = BytesIO()
    rows.write_parquet(file)
    return file.getvalue()
