"""What there is over all currencies, in the base currency: each at the rate of its day, and none without one."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from farthing.explore.books import Books
from farthing.explore.periods import Period
from farthing.explore.queries import Query
from farthing.explore.scope import Scope

EVERYTHING = "All together"
_CHOSEN = "(len($accounts) = 0 or list_contains($accounts, account_key))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """The newest net worth over all currencies.

    :ivar amount: in the base currency, of the currencies that have a rate.
    :ivar counted: those, the largest first.
    :ivar left_out: the others, which are in no sum.
    :ivar rate_date: the oldest day of a rate that was used; null if none was needed.
    """

    base_currency: str
    amount: Decimal
    counted: tuple[str, ...]
    left_out: tuple[str, ...]
    rate_date: date | None

    @property
    def words(self) -> str:
        """Say what it is the sum of, and what is missing."""
        words = " + ".join(self.counted)
        if self.rate_date is not None:
            words += f", by rates of {self.rate_date:%-d %B}"
        return words + (f"; without {' and '.join(self.left_out)}, for lack of a rate" if self.left_out else "")


def find_together(books: Books) -> Together | None:
    """Add up the newest net worth; null where there are not several currencies, or in an older build."""
    if "is_converted" not in books.columns("fct_net_worth"):
        return None
    query = Query(
        sql="""
        select currency, base_currency, base_net_worth, rate_date
        from marts.fct_net_worth
        where balance_date = (select max(balance_date) from marts.fct_net_worth)
        order by abs(base_net_worth) desc nulls last, currency
        """
    )
    found = query.run(books.connection)
    counted = found.filter(pl.col("base_net_worth").is_not_null())
    if found.height < 2 or counted.is_empty():
        return None
    return Together(
        base_currency=found["base_currency"][0],
        amount=sum(counted["base_net_worth"].to_list(), Decimal()),
        counted=tuple(counted["currency"]),
        left_out=tuple(found.filter(pl.col("base_net_worth").is_null())["currency"]),
        rate_date=min(counted.filter(pl.col("currency") != pl.col("base_currency"))["rate_date"], default=None),
    )


def find_worths(scope: Scope, *, step: str) -> Query:
    """Give what the chosen accounts held in each currency, and what that was in the base currency.

    :param step: at whose ends: ``day``, ``week`` or ``month``.
    """
    return _of_accounts(
        f"""
        with days as (
            select currency, base_currency, sum(balance) as balance,
                case when count(*) = count(base_balance) then sum(base_balance) end as base_balance,
                any_value(rate) as rate, balance_date, any_value(rate_date) as rate_date
            from marts.fct_daily_balance
            where balance_date between $first and $last and {_CHOSEN}
            group by currency, base_currency, balance_date
        ),
        ends as (
            select max(balance_date) as balance_date from days group by date_trunc('{step}', balance_date)
        )
        select * from days semi join ends using (balance_date) order by balance_date, currency
        """,  # noqa: S608 - words of our own
        scope,
        scope.period,
    )


def find_moves(scope: Scope, span: Period, currencies: list[str]) -> Query:
    """Part the change of some days, in the base currency, into what was paid and received, and rates and all else.

    All else is what no entry explains, such as the first balance of an account that began in these days.
    """
    return _of_accounts(
        f"""
        with balances as (
            from marts.fct_daily_balance
            where balance_date <= $last and {_CHOSEN} and list_contains($currencies, currency)
        ),
        ends as (select max(balance_date) as day from balances),
        held as (
            select currency,
                coalesce(sum(base_balance) filter (where balance_date < $first), 0) as began,
                coalesce(sum(base_balance) filter (where balance_date >= $first), 0) as ended
            from balances cross join ends
            where balance_date = $first::date - 1 or balance_date = day
            group by currency
        ),
        moved as (
            select currency, case when count(*) = count(base_amount) then sum(base_amount) end as paid
            from marts.fct_transactions semi join balances using (account_key, currency)
            where booking_date between $first and $last
            group by currency
        )
        select currency, began, if(moved.currency is null, 0, paid) as paid,
            ended - began - if(moved.currency is null, 0, paid) as other, ended
        from held left join moved using (currency)
        order by abs(ended) desc, currency
        """,  # noqa: S608 - words of our own
        scope,
        span,
        currencies=currencies,
    )


def lines_of(worths: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Make lines of what :func:`find_worths` found, a currency each and one of all; name the currencies left out.

    A currency that lacks a rate on any day is left out of all of them: its line would jump where nothing did.
    """
    lacking = worths.filter(pl.col("base_balance").is_null())["currency"].unique().sort().to_list()
    told = worths.filter(~pl.col("currency").is_in(lacking)).select(
        bucket="balance_date", part="currency", amount="base_balance"
    )
    total = told.group_by("bucket").agg(pl.lit(EVERYTHING).alias("part"), pl.col("amount").sum())
    return pl.concat([told, total.select(told.columns)]).sort("bucket", "part"), lacking


def _of_accounts(sql: str, scope: Scope, span: Period, **more: object) -> Query:
    accounts = list(scope.view.accounts)
    return Query(sql=sql, parameters={"first": span.first, "last": span.last, "accounts": accounts, **more})
