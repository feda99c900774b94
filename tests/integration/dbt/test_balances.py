"""Balances day by day, what is covered, and one account over links that change."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Protocol

import pytest

pytestmark = pytest.mark.integration

type Row = dict[str, str | None]
type Query = Callable[[str], list[tuple[object, ...]]]


class Lake(Protocol):
    """What these tests use of the fixture ``lake``."""

    def add(
        self,
        endpoint: str,
        account_id: str,
        asked: str,
        rows: list[Row] = ...,
        *,
        date_from: str | None = None,
        date_to: str | None = None,
        outcome: str = "ok",
        consent: tuple[str, str | None] = ...,
    ) -> None: ...

    def build(self) -> Query: ...


ENDS = "2026-06-04T08:00:00+00:00"


def at(day: int) -> str:
    """Give a time of asking in March."""
    return f"2026-03-{day:02}T08:00:00+00:00"


def entries(
    lake: Lake,
    account_id: str,
    first: int,
    last: int,
    *booked: tuple[int, str],
    consent: tuple[str, str | None] = ("2026-01-01T08:00:00+00:00", None),
    currency: str | None = "EUR",
) -> None:
    """Add an answer about some days of March, asked for on the last of them."""
    rows: list[Row] = [
        {
            "booking_status": "booked",
            "booking_date": f"2026-03-{day:02}",
            "transaction_amount": amount,
            "transaction_currency": currency,
        }
        for day, amount in booked
    ]
    window = {"date_from": f"2026-03-{first:02}", "date_to": f"2026-03-{last:02}"}
    lake.add("transactions", account_id, at(last), rows, consent=consent, **window)


def balance(lake: Lake, account_id: str, asked: int, kind: str, amount: str, day: int | None) -> None:
    """Add a balance that the bank told on a day of March."""
    row: Row = {"balance_type": kind, "balance_amount": amount, "balance_currency": "EUR"}
    lake.add(
        "balances", account_id, at(asked), [row | {"reference_date": None if day is None else f"2026-03-{day:02}"}]
    )


def link(lake: Lake, account_id: str, day: int, iban: str | None, **details: str) -> None:
    """Add what a bank says of an account."""
    lake.add("accounts", account_id, at(day), [{"iban": iban, "institution_id": "BANK_BANKDEZZ"}])
    lake.add("details", account_id, at(day), [{"currency": "EUR", **details}])


def test_tells_what_accounts_held_and_which_days_are_covered(lake: Lake) -> None:
    # Entries on days 1 to 4 and 8 to 11, nothing known of 5 to 7; 30 were spent in the gap. On 10 the bank is 1 off and
    # tells an entry that nobody can read.
    link(lake, "gap", 4, "DE89370400440532013000", name="gap", bic="BANKDEZZXXX")
    bank: Row = {
        "institution_id": "BANK_BANKDEZZ",
        "name": "The Bank",
        "countries": '["DE","AT"]',
        "logo": "https://l.test/b",
    }
    lake.add("institutions", "gap", at(4), [bank | {"transaction_total_days": "730"}])
    entries(lake, "gap", 1, 4, (1, "-5"), (2, "-10"), (4, "-1"))
    entries(lake, "gap", 8, 11, (9, "-20"), (10, "a lot"), (11, "-2"))
    balance(lake, "gap", 4, "closingBooked", "100", 2)
    balance(lake, "gap", 11, "closingBooked", "48", 10)
    # A bank that never says what a day closed with, nor in which currency entries are, and whose first answers failed.
    link(lake, "newest only", 4, None, name="newest only", resource_id="r-2")
    lake.add("transactions", "newest only", at(5), outcome="retry")
    entries(lake, "newest only", 8, 10, (9, "7"), currency=None)
    balance(lake, "newest only", 10, "interimBooked", "-3", None)
    lake.add("transactions", "newest only", at(11), outcome="wait", consent=(at(1), ENDS))
    # A card whose link and resource id change, and another card with the same last digits.
    link(lake, "card", 1, None, name="card", resource_id="c-1", masked_pan="**** 4711", product="Gold")
    link(lake, "card again", 6, None, name="card", resource_id="c-2", masked_pan="XXXXXX4711", product="Gold")
    link(lake, "green", 6, None, name="green", resource_id="c-3", masked_pan="XXXXXX4711", product="Green")
    entries(lake, "card", 1, 5, (1, "-4"), (5, "-6"))
    entries(lake, "card again", 4, 9, (5, "-6"), (8, "-9"), consent=(at(6), ENDS))
    entries(lake, "green", 4, 9, (5, "-6"))
    lake.add("transactions", "green", at(10), outcome="relink", consent=(at(6), ENDS))

    query = lake.build()

    balances = "select day(balance_date), balance, balance_source, unexplained, is_filled, is_covered, is_estimated"
    rows = query(f"{balances} from marts.fct_daily_balance where account_name = 'gap' order by balance_date")
    assert rows == [
        (day, Decimal(amount), source, Decimal(unexplained), is_filled, is_covered, is_estimated)
        for day, amount, source, unexplained, is_filled, is_covered, is_estimated in [
            (1, 110, "backward", 0, False, True, False),
            (2, 100, "reported", 0, False, True, False),
            (3, 100, "forward", 0, True, True, False),
            (4, 99, "forward", 0, False, True, False),
            (5, 99, "forward", 0, True, False, True),
            (6, 99, "forward", 0, True, False, True),
            (7, 68, "backward", -31, True, False, False),
            (8, 68, "backward", 0, True, True, False),
            (9, 48, "backward", 0, False, True, False),
            (10, 48, "reported", 0, False, True, False),
            (11, 46, "forward", 0, False, True, False),
        ]
    ]
    assert query("select difference from marts.fct_reconciliation") == [(Decimal(-31),)]
    rows = query(f"{balances} from marts.fct_daily_balance where account_name = 'newest only' order by balance_date")
    assert [row[:3] for row in rows] == [
        (8, Decimal(-10), "backward"),
        (9, Decimal(-3), "backward"),
        (10, Decimal(-3), "reported"),
        (11, Decimal(-3), "forward"),
    ]
    assert query(
        "select day(balance_date), net_worth, assets, debts, accounts, is_complete, is_estimated"
        " from marts.fct_net_worth where balance_date >= date '2026-03-06' order by balance_date limit 3"
    ) == [
        (6, Decimal(99), Decimal(99), Decimal(0), 1, False, True),
        (7, Decimal(68), Decimal(68), Decimal(0), 1, False, True),
        (8, Decimal(58), Decimal(68), Decimal(-10), 2, True, False),
    ]

    # Coverage and the dimensions.
    assert query(
        "select account_name, last_outcome, covered_days, gaps, gap_days, longest_gap_days, unreadable_entries,"
        " failures_since,"
        " day(first_covered_date), day(last_covered_date), day(last_gap_date), day(last_asked_at),"
        " day(transactions_fetched_at) from marts.fct_coverage where account_name in ('gap', 'newest only') order by 1"
    ) == [
        ("gap", "ok", 8, 1, 3, 3, 1, 0, 1, 11, 7, 11, 11),
        ("newest only", "wait", 3, 0, 0, 0, 0, 1, 8, 10, None, 11, 10),
    ]
    assert query(
        "select account_name, consent_given_at::date, consent_ends_at::date, consent_days_left from marts.dim_account"
        " join marts.fct_coverage using (account_key, account_name) order by account_name"
    ) == [
        ("card", date(2026, 3, 6), date(2026, 6, 4), 87),
        ("gap", date(2026, 1, 1), None, None),
        ("green", date(2026, 3, 6), date(2026, 6, 4), 0),
        ("newest only", date(2026, 3, 1), date(2026, 6, 4), 85),
    ]
    assert query(
        "select institution_id, institution_name, bic, country, logo, history_days, accounts from marts.dim_institution"
    ) == [("BANK_BANKDEZZ", "The Bank", "BANKDEZZ", "DE", "https://l.test/b", 730, 4)]
    days = "count(*), min(calendar_date), max(calendar_date), count(*) filter (is_weekend and is_month_end)"
    assert query(f"select {days} from marts.dim_date") == [(730, date(2026, 1, 1), date(2027, 12, 31), 8)]
    week = "select iso_year, iso_week, day_name, week_start_date from marts.dim_date where calendar_date = '2027-01-01'"
    assert query(week) == [(2026, 53, "Friday", date(2026, 12, 28))]

    # The card's history goes on, and is no other card's.
    assert query(
        "select a.account_name, list(t.amount order by t.booking_date) from marts.dim_account as a"
        " join marts.fct_transactions as t using (account_key) where a.account_name in ('card', 'green')"
        " group by a.account_key, a.account_name order by 1"
    ) == [("card", [Decimal(-4), Decimal(-6), Decimal(-9)]), ("green", [Decimal(-6)])]
