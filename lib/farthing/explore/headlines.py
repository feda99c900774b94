"""How the owner is doing, in three figures: what is there, and this month's spending and income against the usual."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from farthing.explore.books import Books
from farthing.explore.periods import Period
from farthing.explore.queries import Query, condition, in_base
from farthing.explore.together import Together, find_together
from farthing.explore.views import View

USUAL_MONTHS = 6  # that this month is compared with


@dataclass(frozen=True, slots=True, kw_only=True)
class SoFar:
    """What a month has moved by a day, and what the months before had by the same day, on average.

    :ivar usual: null where no month before is known.
    """

    amount: Decimal
    usual: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Headlines:
    """The figures, in one currency.

    :ivar worth: net worth at the end of each week of the last year that is known; oldest first, perhaps none.
    :ivar base_currency: what amounts are given in, too; null where that is the currency.
    :ivar in_base: the newest net worth, what was spent and what was received in that currency; null where a rate is
        missing, or none is needed.
    :ivar together: net worth over all currencies; null where there is one alone.
    """

    currency: str
    locale: str
    today: date
    worth: list[Decimal]
    spent: SoFar
    received: SoFar
    base_currency: str | None = None
    in_base: tuple[Decimal | None, Decimal | None, Decimal | None] = (None, None, None)
    together: Together | None = None


def read_headlines(books: Books, *, currency: str, today: date) -> Headlines:
    """Ask for the figures.

    :param currency: one that is not used is passed over for the one that is used most.
    :raises duckdb.Error: if the build, an older one, cannot tell.
    """
    used = currencies_of(books)
    chosen = currency if currency in used or not used else used[0]
    base = books.base_currency()
    is_base = base is None or base == chosen
    return Headlines(
        currency=chosen,
        locale=books.locales().for_all(chosen),
        today=today,
        worth=net_worth(books, chosen),
        spent=month_so_far(books, chosen, today),
        received=month_so_far(books, chosen, today, kind="income"),
        base_currency=None if is_base else base,
        in_base=(None, None, None) if is_base else _in_base(books, chosen, today),
        together=find_together(books),
    )


def currencies_of(books: Books) -> list[str]:
    """List the currencies that are used, the most used first; then those of balances alone."""
    used = "select currency, transactions from marts.fct_daily_totals"
    if books.has("fct_daily_balance"):
        used += " union all select distinct currency, 0 from marts.fct_daily_balance"
    query = Query(
        sql=f"select currency from ({used}) group by currency order by sum(transactions) desc, currency"  # noqa: S608 - ours
    )
    return query.run(books.connection)["currency"].to_list()


def net_worth(books: Books, currency: str) -> list[Decimal]:
    """Give the net worth at the end of each week of the last year that is known; oldest first.

    A day is known once every account of a bank is; accounts kept by hand count from their first balance on.
    """
    if not books.has("fct_daily_balance"):
        return []
    query = Query(
        sql="""
        with balances as (
            select *, not coalesce(is_manual, false) as is_of_bank
            from marts.fct_daily_balance where currency = $currency
        ),
        days as (
            select balance_date, sum(balance) as net_worth, count(*) filter (where is_of_bank) as accounts
            from balances group by balance_date
        ),
        newest as (select max(balance_date) as day from marts.fct_daily_balance)
        select net_worth from days cross join newest
        where
            accounts = (select count(distinct account_key) from balances where is_of_bank)
            and balance_date > day - 365 and (day - balance_date) % 7 = 0
        order by balance_date
        """,
        parameters={"currency": currency},
    )
    return query.run(books.connection)["net_worth"].to_list()


def _in_base(books: Books, currency: str, today: date) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Give the newest net worth and what this month moved to today in the base currency, each null without a rate."""
    worth = None
    if "base_net_worth" in books.columns("fct_net_worth"):
        row = books.connection.execute(
            "select base_net_worth from marts.fct_net_worth where currency = $1 order by balance_date desc limit 1",
            [currency],
        ).fetchone()
        worth = row[0] if row else None
    month = Period(first=today.replace(day=1), last=today)

    def moved(kind: str) -> Decimal | None:
        where = condition(View(), month, currency=currency, also=[f"category_kind = '{kind}'"])
        amount: Decimal | None = in_base(where, as_spent=kind == "spending").run(books.connection).item()
        return amount

    return worth, moved("spending"), moved("income")


def month_so_far(books: Books, currency: str, today: date, *, kind: str = "spending") -> SoFar:
    """Add up this month to today, and what the months before had to the same day, on average.

    Of the months before, those count that are known: from the first one with an entry on, with or without one by this
    day.

    :param kind: ``spending``, which counts as positive, or ``income``.
    """
    query = Query(
        sql="""
        with totals as (select * from marts.fct_daily_totals where currency = $currency),
        known as (
            select greatest(min(booking_month), $this_month - to_months($months))::date as since from totals
        ),
        so_far as (
            select booking_month = $this_month as is_now, amount * if($kind = 'spending', -1, 1) as amount
            from totals cross join known
            where category_kind = $kind and day(booking_date) <= $day and booking_month between since and $this_month
        )
        select
            coalesce(sum(amount) filter (where is_now), 0) as amount,
            coalesce(sum(amount) filter (where not is_now), 0) as before,
            (select date_diff('month', since, $this_month) from known) as months
        from so_far
        """,
        parameters={
            "kind": kind,
            "currency": currency,
            "day": today.day,
            "this_month": today.replace(day=1),
            "months": USUAL_MONTHS,
        },
    )
    amount, before, months = query.run(books.connection).row(0)
    usual = (before / months).quantize(Decimal("0.01")) if months and months > 0 else None
    return SoFar(amount=amount, usual=usual)
