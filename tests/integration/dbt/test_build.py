"""What ``dbt build`` makes of a small lake, to the last farthing."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

import pytest

from farthing.lake.forget import forget
from farthing.lake.store import ObjectStore

pytestmark = pytest.mark.integration

IBAN, SAVINGS_IBAN = "DE89370400440532013000", "DE02120300000000202051"

type Row = dict[str, str | None]


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
    ) -> None: ...

    def name(self, account_id: str, name: str, named: str) -> None: ...

    @property
    def store(self) -> ObjectStore: ...

    def land(self) -> None: ...

    def build(self, *, with_unit_tests: bool = ...) -> Callable[[str], list[tuple[Any, ...]]]: ...


def entry(day: str, amount: str, name: str, *, iban: str | None = None, after: str | None = None) -> Row:
    """Make a booked entry; ``after`` is the balance that it left."""
    side = "creditor" if amount.startswith("-") else "debtor"
    return {
        "booking_status": "booked",
        "booking_date": day,
        "value_date": day,
        "transaction_amount": amount,
        "transaction_currency": "EUR",
        f"{side}_name": name,
        f"{side}_account_iban": iban,
        "balance_after_transaction_amount": after,
        "balance_after_transaction_currency": "EUR",
    }


def link(lake: Lake, account_id: str, iban: str, name: str, *, asked: str = "2026-01-04T08:00:00+00:00") -> None:
    """Add what a bank says about an account."""
    lake.add("accounts", account_id, asked, [{"iban": iban, "institution_id": "BANK_X"}])
    lake.add("details", account_id, asked, [{"currency": "EUR", "name": name, "product": "Giro"}])


@pytest.fixture
def household(lake: Lake) -> Lake:
    """Two accounts; the current one was fetched twice, relinked in between, and then failed."""
    link(lake, "current", IBAN, "Everyday")
    link(lake, "relinked", IBAN, "Everyday")
    link(lake, "savings", SAVINGS_IBAN, "Rainy day")
    lake.add(
        "transactions",
        "current",
        "2026-01-04T08:00:00+00:00",
        [  # newest first
            entry("2026-01-03", "-3.20", "Bäckerei Blau", after="1886.80"),
            entry("2026-01-02", "-10.00", "Markt am Tor", after="1890.00"),
            entry("2026-01-01", "-100.00", "Own savings", iban=SAVINGS_IBAN, after="1900.00"),
            {"booking_status": "pending", "transaction_amount": "-7", "transaction_currency": "EUR"},
        ],
        date_from="2026-01-01",
        date_to="2026-01-04",
    )
    lake.add(
        "transactions",
        "relinked",
        "2026-01-06T08:00:00+00:00",
        [  # oldest first; the baker's entry was a copy short
            entry("2026-01-02", "-10.00", "MARKT AM TOR 00123", after="1890.00"),
            entry("2026-01-03", "-3.20", "Bäckerei Blau", after="1886.80"),
            entry("2026-01-03", "-3.20", "Bäckerei Blau", after="1883.60"),
            entry("2026-01-05", "2500.00", "ACME Payroll", after="4383.60"),
            entry("2026-01-05", "4.00", "Markt am Tor", after="4387.60"),
            {"booking_status": "pending", "transaction_amount": "-8.5", "transaction_currency": "EUR"},
        ],
        date_from="2026-01-02",
        date_to="2026-01-06",
    )
    lake.add("transactions", "relinked", "2026-01-07T08:00:00+00:00", date_from="2026-01-02", outcome="retry")
    lake.add("transactions", "relinked", "2026-01-08T08:00:00+00:00", date_from="2026-01-02")  # an outage's empty list
    balances = [("interimAvailable", "4500.00", None), ("closingBooked", "4387.60", "2026-01-05")]
    lake.add(
        "balances",
        "relinked",
        "2026-01-06T08:00:00+00:00",
        [
            {"balance_type": kind, "balance_amount": amount, "balance_currency": "EUR", "reference_date": day}
            for kind, amount, day in balances
        ],
    )
    return lake


def test_builds_marts_that_agree_with_the_bank(household: Lake) -> None:
    query = household.build()

    assert query("select booking_date, amount, category, is_own_transfer from marts.fct_transactions order by all") == [
        (date(2026, 1, 1), Decimal("-100.0000"), "Own transfer", True),
        (date(2026, 1, 2), Decimal("-10.0000"), "Groceries", False),
        (date(2026, 1, 3), Decimal("-3.2000"), "Bakeries & specialities", False),
        (date(2026, 1, 3), Decimal("-3.2000"), "Bakeries & specialities", False),
        (date(2026, 1, 5), Decimal("4.0000"), "Groceries", False),
        (date(2026, 1, 5), Decimal("2500.0000"), "Salary", False),
    ]
    assert query("select merchant, spent, transactions from marts.fct_monthly_spending order by all") == [
        ("Bäckerei Blau", Decimal("6.4000"), 2),
        ("Markt am Tor", Decimal("6.0000"), 2),  # paid, shouted on the slip, and given back in part
    ]
    # What an outage's empty list does not tell of is still pending.
    assert query("select amount from marts.fct_pending") == [(Decimal("-8.5000"),)]
    assert query(
        "select opening_date, closing_date, movement, entries, difference, is_reconciled"
        " from marts.fct_reconciliation order by all"
    ) == [
        (date(2026, 1, 1), date(2026, 1, 2), Decimal("-10.0000"), 1, Decimal("0.0000"), True),
        (date(2026, 1, 2), date(2026, 1, 3), Decimal("-6.4000"), 2, Decimal("0.0000"), True),
        (date(2026, 1, 3), date(2026, 1, 5), Decimal("2504.0000"), 2, Decimal("0.0000"), True),
    ]
    assert query(
        "select account_name, iban_masked, ledger_balance, ledger_balance_date, available_balance, transactions"
        " from marts.dim_account order by all"
    ) == [
        ("Everyday", "DE •••• 3000", Decimal("4387.6000"), date(2026, 1, 5), Decimal("4500.0000"), 6),
        ("Rainy day", "DE •••• 2051", None, None, None, 0),
    ]


def test_calls_an_account_what_its_owner_does_over_all_its_links(lake: Lake) -> None:
    namings_and_expected: dict[str, tuple[list[tuple[str, str]], str]] = {
        "DE89370400440532013000": ([("old", "Joint")], "Joint"),
        "DE02120300000000202051": ([("new", "Joint")], "Joint"),
        "DE02500105170137075030": ([("new", "Joint"), ("old", "Ours")], "Ours"),  # the newest of any link
        "DE02100500000054540402": ([("old", "Joint"), ("new", "")], "Bank's"),  # taken back
        "DE02300209000106531065": ([], "Bank's"),
    }
    for iban, (namings, _) in namings_and_expected.items():
        link(lake, f"{iban}-old", iban, "Bank's", asked="2026-01-04T08:00:00+00:00")
        link(lake, f"{iban}-new", iban, "Bank's", asked="2026-01-05T08:00:00+00:00")
        lake.add("transactions", f"{iban}-new", "2026-01-05T08:00:00+00:00", [entry("2026-01-03", "-3.20", "Markt")])
        for day, (which, name) in enumerate(namings, start=1):
            lake.name(f"{iban}-{which}", name, f"2026-02-0{day}T08:00:00+00:00")
    lake.name("of a link that was never fetched", "Nobody's", "2026-03-01T08:00:00+00:00")

    query = lake.build()

    expected = {(f"{iban}-new", f"{iban}-old"): name for iban, (_, name) in namings_and_expected.items()}
    accounts = query("select account_key, account_ids, account_name from marts.dim_account")
    names = {key: name for key, _, name in accounts}
    assert {tuple(ids): name for _, ids, name in accounts} == expected
    assert dict(query("select account_key, account_name from marts.fct_transactions")) == names


def test_builds_without_an_account_that_is_forgotten(household: Lake) -> None:
    received = entry("2026-01-05", "100.00", "Own current", iban=IBAN)
    household.add("transactions", "savings", "2026-01-06T08:00:00+00:00", [received], date_from="2026-01-01")
    household.name("current", "Joint", "2026-02-01T08:00:00+00:00")
    household.land()
    forget(household.store, provider="gocardless", account_ids=["relinked", "current"])

    query = household.build()

    assert query("select account_ids, account_name, transactions from marts.dim_account") == [
        (["savings"], "Rainy day", 1)
    ]
    # What came from the account is a stranger's money now.
    assert query("select amount, is_own_transfer from marts.fct_transactions") == [(Decimal("100.0000"), False)]
    assert query("from marts.fct_reconciliation where account_key is not null") == []


def test_builds_an_empty_lake_and_passes_the_models_own_tests(lake: Lake) -> None:
    query = lake.build(with_unit_tests=True)

    assert query("from marts.fct_transactions") == []  # the file itself has no row
