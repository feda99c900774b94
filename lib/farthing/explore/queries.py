"""Queries on the marts: parameters kept apart for DuckDB, and written in for people who want to see or copy them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import duckdb
import polars as pl

from farthing.explore.periods import Period
from farthing.explore.views import Step, View

# How a step's value is compared with columns of fct_transaction_parts.
_STEP_SQL = {
    "year": "year(booking_date)::varchar = $in_year",
    "month": "strftime(booking_date, '%Y-%m') = $in_month",
    "day": "booking_date::varchar = $in_day",
    "group": "category_group = $in_group",
    "category": "category = $in_category",
    "merchant": "merchant = $in_merchant",
    "account": "account_key = $in_account",
    "series": "transaction_key in (select unnest(transaction_keys) from marts.fct_recurring_events"
    " where series_key = $in_series)",
}

_OF_DAYS = "marts.fct_daily_totals"
# Of a series single transactions are asked for, which totals do not know.
_ONE_BY_ONE = "(select *, 1 as transactions from marts.fct_transaction_parts)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One SELECT with its named parameters."""

    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)

    def run(self, books: duckdb.DuckDBPyConnection) -> pl.DataFrame:
        """Ask the published books."""
        return books.execute(self.sql, dict(self.parameters)).pl()

    @property
    def text(self) -> str:
        """The statement with its values written in, to be read, copied and run anywhere."""
        plain = re.sub(r"\$([a-z_][a-z_0-9]*)", lambda found: _literal(self.parameters[found[1]]), self.sql)
        lines = plain.strip("\n").splitlines()
        indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
        return "\n".join(line[indent:].rstrip() for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition for a ``where``, and its parameters.

    :ivar totals: where sums are read of what it keeps: rows of ``amount`` and ``transactions``.
    """

    sql: str
    parameters: Mapping[str, object]
    totals: str = _OF_DAYS

    def query(self, sql: str, **more: object) -> Query:
        """Put the condition in the place of ``{where}``, and where its sums are read in that of ``{totals}``.

        :param more: further parameters.
        """
        filled = sql.replace("{where}", self.sql).replace("{totals}", self.totals)
        return Query(sql=filled, parameters={**self.parameters, **more})


def in_base(where: Condition, *, as_spent: bool = False) -> Query:
    """Add up the base amounts of what a condition keeps; null as soon as one has no rate: a part would pass for all.

    :param as_spent: whether what was paid counts as positive.
    """
    total = f"{'-' if as_spent else ''}sum(base_amount)"
    return where.query(
        f"select case when count(*) = count(base_amount) then {total} end as amount\n"
        "from marts.fct_transaction_parts\nwhere\n    {where}"
    )


def condition(
    view: View, period: Period, *, currency: str, also: Sequence[str] = (), day: str = "booking_date"
) -> Condition:
    """Make the condition that keeps the rows of a view.

    :param currency: the view's, or the one that stands in for an empty one.
    :param also: further conditions without parameters.
    :param day: the column that the period is about.
    """
    parts = [f"{day} between $first and $last", "currency = $currency", *also]
    parameters: dict[str, object] = {"first": period.first, "last": period.last, "currency": currency}
    for column, values in (("account_key", view.accounts), ("category", view.categories)):
        if values:
            names = {f"{column}_{number}": value for number, value in enumerate(values)}
            parts.append(f"{column} in ({', '.join(f'${name}' for name in names)})")
            parameters |= names
    for step in view.path:
        sql, more = _step(step)
        parts.append(sql)
        parameters |= more
    is_single = any(step.dimension == "series" for step in view.path)
    return Condition(sql="\n    and ".join(parts), parameters=parameters, totals=_ONE_BY_ONE if is_single else _OF_DAYS)


def _step(step: Step) -> tuple[str, dict[str, object]]:
    if step.dimension == "month" and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", step.value):  # DuckDB can skip row groups
        first = date.fromisoformat(f"{step.value}-01")
        return "booking_month = $in_month", {"in_month": first}
    return _STEP_SQL[step.dimension], {f"in_{step.dimension}": step.value}


def _literal(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool() | int():
            return str(value).lower()
        case date():
            return f"date '{value.isoformat()}'"
        case list() | tuple():
            return f"[{', '.join(map(_literal, value))}]"
    return "'" + str(value).replace("'", "''") + "'"
