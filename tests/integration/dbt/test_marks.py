"""What the owner decides shows in the marts, in its order, and outlives new ids and a new link."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from farthing.lake.reference import (
    Budget,
    CategoryOverride,
    Goal,
    ManualAccount,
    ManualBalance,
    Note,
    Part,
    RefundDecision,
    Rule,
    Split,
    Tag,
    TransferDecision,
    decide,
)
from farthing.rates import shipped_rates

pytestmark = pytest.mark.integration

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OURS, SAVINGS = "DE89370400440532013000", "DE02120300000000202051"
MONTH = Decimal("0.0645")  # two days of 31
EXPLAINED = "select counterparty, category, category_source from marts.fct_transactions order by counterparty"


def entry(
    transaction_id: str, amount: str, name: str, iban: str | None = None, *, currency: str = "EUR"
) -> dict[str, str | None]:
    """Make a booked entry of the second of January."""
    return {
        "booking_status": "booked",
        "transaction_id": transaction_id,
        "booking_date": "2026-01-02",
        "value_date": "2026-01-02",
        "transaction_amount": amount,
        "transaction_currency": currency,
        "creditor_name": name,
        "creditor_account_iban": iban,
    }


def answer(lake: Any, account_id: str, asked: str, prefix: str) -> None:
    """Let the bank tell of an account under a link's id, with ids of its own for the entries."""
    lake.add("accounts", account_id, asked, [{"iban": OURS, "institution_id": "BANK_X"}])
    lake.add("details", account_id, asked, [{"currency": "EUR", "name": "Everyday"}])
    entries = [
        entry(f"{prefix}1", "-10.00", "Corner Shop"),
        entry(f"{prefix}2", "-20.00", "Lidl"),
        entry(f"{prefix}3", "-30.00", "Piano lessons"),
        entry(f"{prefix}4", "-40.00", "Savings", SAVINGS),
        entry(f"{prefix}5", "-50.00", "Savings of ours", SAVINGS),
        entry(f"{prefix}6", "-60.00", "Warehouse"),
        entry(f"{prefix}7", "-70.00", "Alpha Quux", currency="USD"),
        entry(f"{prefix}8", "-80.00", "Beta Quux", currency="XAU"),
    ]
    lake.add("transactions", account_id, asked, entries, date_from="2026-01-01", date_to="2026-01-03")


def test_decisions_win_in_their_order_and_outlive_a_new_link(lake: Any) -> None:
    answer(lake, "old", "2026-01-04T08:00:00+00:00", "a")
    lake.add("accounts", "savings", "2026-01-04T08:00:00+00:00", [{"iban": SAVINGS, "institution_id": "BANK_X"}])
    query: Callable[[str], list[tuple[Any, ...]]] = lake.build()
    before = {name: (category, source) for name, category, source in query(EXPLAINED)}
    assert before["Lidl"] == ("Groceries", "shipped rule")
    assert before["Savings"] == before["Savings of ours"] == ("Own transfer", "accounts")
    assert before["Warehouse"] == ("Uncategorised", "none")
    keys = dict(query("select counterparty, transaction_key from marts.fct_transactions"))

    split = Split(
        transaction_key=keys["Warehouse"],
        amount=Decimal("-60.00"),
        parts=(
            Part(amount=Decimal("-45.50"), category="Groceries"),
            Part(amount=Decimal("-14.50"), category="Home & garden", note="a lamp"),
        ),
    )
    decisions = [
        CategoryOverride(transaction_key=keys["Corner Shop"], category="Restaurants"),
        CategoryOverride(transaction_key=keys["Savings"], category="Investments"),
        Rule(pattern="corner shop", category="Groceries"),
        Rule(pattern="lidl", category="Home & garden", priority=60),
        Rule(pattern="savings of ours", category="School & education"),
        Rule(pattern="piano*", category="School & education", priority=40),
        Tag(transaction_key=keys["Lidl"], tag="party"),
        Tag(transaction_key=keys["Lidl"], tag="2026"),
        Note(transaction_key=keys["Lidl"], note="for the neighbours"),
        split,
        Budget(scope="group", name="Housing", currency="EUR", month=date(2026, 1, 1), amount=Decimal(30)),
        Budget(scope="category", name="Groceries", currency="EUR", month=date(2025, 11, 1), amount=Decimal(400)),
        Budget(scope="category", name="Groceries", currency="EUR", month=date(2026, 1, 1), amount=Decimal(910)),
        ManualAccount(account_key="cash", account_name="Cash box", kind="cash", currency="EUR"),
        ManualBalance(account_key="cash", balance_date=date(2026, 1, 1), amount=Decimal("1.50")),
        ManualBalance(account_key="cash", balance_date=date(2026, 1, 3), amount=Decimal("2.50")),
        ManualBalance(account_key="cash", balance_date=date(2030, 1, 1), amount=Decimal(9)),
        # Money abroad, some of it in a currency that nobody quotes.
        ManualAccount(account_key="safe", account_name="Safe", kind="cash", currency="USD"),
        ManualBalance(account_key="safe", balance_date=date(2026, 1, 2), amount=Decimal("-70.00")),
        ManualAccount(account_key="coins", account_name="Coins", kind="other", currency="XAU"),
        ManualBalance(account_key="coins", balance_date=date(2026, 1, 2), amount=Decimal("3.00")),
        Goal(goal="boat", account_key="cash", amount=Decimal(10), currency="EUR", target_date=date(2026, 4, 3)),
    ]
    decide(lake.store, decisions, decided_at=NOON)
    answer(lake, "new", "2026-01-05T08:00:00+00:00", "b")
    query = lake.build()

    assert {name: (category, source) for name, category, source in query(EXPLAINED)} == {
        "Alpha Quux": ("Uncategorised", "none"),
        "Beta Quux": ("Uncategorised", "none"),
        "Corner Shop": ("Restaurants", "person"),
        "Lidl": ("Home & garden", "own rule"),
        "Piano lessons": ("School & education", "own rule"),
        "Savings": ("Investments", "person"),
        "Savings of ours": ("School & education", "own rule"),
        "Warehouse": ("Uncategorised", "none"),
    }
    assert query(
        "select transaction_id, category_reason, note, tags from marts.fct_transactions where counterparty = 'Lidl'"
    ) == [("b2", "your word rule 60 “lidl” in the name", "for the neighbours", ["2026", "party"])]
    assert query(
        "select category, amount, note from marts.fct_transaction_parts where is_split order by part_number"
    ) == [
        ("Groceries", Decimal("-45.5000"), None),
        ("Home & garden", Decimal("-14.5000"), "a lamp"),
    ]
    assert query(
        "select category, amount, transactions from marts.fct_daily_totals"
        " where merchant in (select merchant from marts.fct_transaction_parts where is_split) order by category"
    ) == [("Groceries", Decimal("-45.5000"), 1), ("Home & garden", Decimal("-14.5000"), 1)]
    assert query(
        "select category, sum(spent) from marts.fct_monthly_spending where currency = 'EUR' group by all order by all"
    ) == [
        ("Groceries", Decimal("45.5000")),
        ("Home & garden", Decimal("34.5000")),
        ("Restaurants", Decimal("10.0000")),
        ("School & education", Decimal("80.0000")),
    ]
    assert query(
        "select category, -sum(amount) from marts.fct_daily_totals"
        " where currency = 'EUR' and category_kind = 'spending' group by all order by all"
    ) == query(
        "select category, sum(spent) from marts.fct_monthly_spending where currency = 'EUR' group by all order by all"
    )
    # 70 dollars at the rate of the day; nobody quotes gold.
    [per_euro] = shipped_rates().filter(rate_date="2026-01-02", currency="USD")["rate"]
    rate = (1 / Decimal(per_euro)).quantize(Decimal("1e-12"), ROUND_HALF_UP)
    dollars = (-70 * rate).quantize(Decimal("1e-4"), ROUND_HALF_UP)
    assert query(
        "select currency, base_amount, rate, rate_date from marts.fct_transactions"
        " where counterparty in ('Alpha Quux', 'Beta Quux', 'Lidl') order by currency"
    ) == [
        ("EUR", Decimal("-20.0000"), Decimal(1), date(2026, 1, 2)),
        ("USD", dollars, rate, date(2026, 1, 2)),
        ("XAU", None, None, None),
    ]
    assert query("select currency, transactions, unconverted from marts.fct_rate_coverage order by all") == [
        ("EUR", 6, 0),
        ("USD", 1, 0),
        ("XAU", 1, 1),
    ]
    assert query(
        "select currency, income, spending, saved, transfers, unconverted, is_converted from marts.fct_cash_flow"
        " order by is_converted, currency"
    ) == [
        ("EUR", 0, 170, -170, -40, 0, False),
        ("USD", 0, 70, -70, 0, 0, False),
        ("XAU", 0, 80, -80, 0, 0, False),
        ("EUR", 0, 170 - dollars, -170 + dollars, -40, 1, True),
    ]
    assert query(
        "select source_level, source, target_level, target, amount from marts.fct_cash_flow_edges"
        " where currency = 'USD' order by source_level"
    ) == [
        (1, "From balances", 2, "Accounts", 70),
        (2, "Accounts", 3, "Other", 70),
        (3, "Other", 4, "Uncategorised", 70),
    ]
    assert query(
        "select name, budget_month, budget, spent, remaining, spent_share, month_share, is_over, is_ahead_of_pace"
        " from marts.fct_budget order by name, budget_month"
    ) == [
        ("Groceries", date(2025, 11, 1), 400, 0, 400, 0, 1, False, False),
        ("Groceries", date(2025, 12, 1), 400, 0, 400, 0, 1, False, False),
        ("Groceries", date(2026, 1, 1), 910, Decimal("45.5"), Decimal("864.5"), Decimal("0.05"), MONTH, False, False),
        ("Housing", date(2026, 1, 1), 30, Decimal("34.5"), Decimal("-4.5"), Decimal("1.15"), MONTH, True, True),
    ]
    assert query(
        "select account_name, balance, unexplained, balance_source, is_estimated, is_manual, balance_date"
        " from marts.fct_daily_balance where account_key = 'cash' order by balance_date"
    ) == [
        ("Cash box", Decimal("1.5"), 0, "reported", False, True, date(2026, 1, 1)),
        ("Cash box", Decimal("1.5"), 0, "forward", False, True, date(2026, 1, 2)),
        ("Cash box", Decimal("2.5"), 0, "reported", False, True, date(2026, 1, 3)),
    ]
    # Each currency at the rate of the day, which is that of the last day with one; none is worth itself for lack of it.
    assert query(
        "select currency, net_worth, base_net_worth, base_assets, base_debts, rate, is_converted, balance_date,"
        " rate_date from marts.fct_net_worth order by currency, balance_date"
    ) == [
        *(
            (
                "EUR",
                Decimal(amount),
                Decimal(amount),
                Decimal(amount),
                0,
                1,
                True,
                date(2026, 1, day),
                date(2026, 1, day),
            )
            for day, amount in ((1, "1.5"), (2, "1.5"), (3, "2.5"))
        ),
        ("USD", -70, dollars, 0, dollars, rate, True, date(2026, 1, 2), date(2026, 1, 2)),
        ("USD", -70, dollars, 0, dollars, rate, True, date(2026, 1, 3), date(2026, 1, 2)),
        *(("XAU", 3, None, None, None, None, False, date(2026, 1, day), None) for day in (2, 3)),
    ]
    assert query(
        "select account_key, base_currency, base_balance, rate, rate_date from marts.fct_daily_balance"
        " where balance_date = date '2026-01-03' order by account_key"
    ) == [
        ("cash", "EUR", Decimal("2.5"), 1, date(2026, 1, 3)),
        ("coins", "EUR", None, None, None),
        ("safe", "EUR", dollars, rate, date(2026, 1, 2)),
    ]
    assert query(
        "select goal, balance, remaining, reached_share, needed_per_month, is_reached, is_missed from marts.fct_goals"
    ) == [("boat", Decimal("2.5"), Decimal("7.5"), Decimal("0.25"), Decimal("2.5"), False, False)]
    # Nothing near money is a float, in any mart.
    assert (
        query("select table_name, column_name from information_schema.columns where data_type in ('DOUBLE', 'FLOAT')")
        == []
    )


def test_decisions_go_along_with_entries_that_a_bank_moves(lake: Any) -> None:
    """A bank gives value dates later, then moves the bookings by a day: keys change twice, what was decided stays."""

    def tell(asked: str, **dates: str | None) -> Callable[[str], list[tuple[Any, ...]]]:
        fixed = [entry("f1", "-1.00", "Fixed shop")] * 3  # so that an answer in which entries move is no outage
        moving = [
            entry("1", "-10.00", "Corner Shop"),
            entry("2", "-60.00", "Warehouse"),
            entry("3", "-33.00", "Clockmaker"),
            entry("4", "33.00", "Clockmaker") | {"debtor_name": "Clockmaker", "creditor_name": None},
            entry("5", "-500.00", "Someone"),
        ]
        entries = fixed + [each | dates for each in moving]
        lake.add("transactions", "everyday", asked, entries, date_from="2026-01-01", date_to="2026-01-04")
        query: Callable[[str], list[tuple[Any, ...]]] = lake.build()
        return query

    lake.add("accounts", "everyday", "2026-01-04T08:00:00+00:00", [{"iban": OURS, "institution_id": "BANK_X"}])
    lake.add("accounts", "savings", "2026-01-04T08:00:00+00:00", [{"iban": SAVINGS, "institution_id": "BANK_X"}])
    came = entry("s1", "495.00", "Otherwise") | {"debtor_name": "Otherwise", "creditor_name": None}
    lake.add(
        "transactions", "savings", "2026-01-04T08:00:00+00:00", [came], date_from="2026-01-01", date_to="2026-01-04"
    )
    query = tell("2026-01-04T08:00:00+00:00", value_date=None)
    listed = "select counterparty || if(amount > 0, ' back', ''), transaction_key from marts.fct_transactions"
    first = dict(query(listed))

    def decide_on(keys: dict[str, str]) -> None:
        parts = (Part(amount=Decimal(-45), category="Groceries"), Part(amount=Decimal(-15), category="Home & garden"))
        decisions = [
            CategoryOverride(transaction_key=keys["Corner Shop"], category="Restaurants"),
            Tag(transaction_key=keys["Corner Shop"], tag="party"),
            Note(transaction_key=keys["Corner Shop"], note="for the neighbours"),
            Split(transaction_key=keys["Warehouse"], amount=Decimal(-60), parts=parts),
            RefundDecision(
                purchase_transaction_key=keys["Clockmaker"],
                refund_transaction_key=keys["Clockmaker back"],
                decision="rejected",
            ),
            TransferDecision(
                outflow_transaction_key=keys["Someone"],
                inflow_transaction_key=keys["Otherwise back"],
                decision="confirmed",
            ),
        ]
        decide(lake.store, decisions, decided_at=NOON)

    shown = (
        "select category, category_source, note, tags,"
        " (select count(*) from marts.fct_transaction_parts where is_split), (select count(*) from marts.fct_refunds),"
        " (select count(*) from marts.fct_transfers)"
        " from marts.fct_transactions where counterparty = 'Corner Shop'"
    )
    assert query(shown) == [("Kiosks & convenience", "shipped rule", None, [], 0, 1, 0)]
    decide_on(first)
    decided = [("Restaurants", "person", "for the neighbours", ["party"], 2, 0, 1)]

    second = dict(tell("2026-01-05T08:00:00+00:00", value_date="2026-01-02")(listed))
    query = tell("2026-01-06T08:00:00+00:00", value_date="2026-01-03", booking_date="2026-01-03")
    third = dict(query(listed))
    assert len({first["Corner Shop"], second["Corner Shop"], third["Corner Shop"]}) == 3
    assert query(shown) == decided


def test_refunds_are_taken_off_what_was_spent(lake: Any) -> None:
    """Of merchants that no rule knows, of pairs that the owner made, and in the category that the owner gave."""

    def back(transaction_id: str, amount: str, name: str) -> dict[str, str | None]:
        return entry(transaction_id, amount, name) | {"debtor_name": name, "creditor_name": None}

    entries = [
        entry("1", "-33.00", "Alpha Quux"),
        back("2", "33.00", "Alpha Quux"),
        entry("3", "-70.00", "Beta Quux"),
        back("4", "20.00", "Gamma Quux"),
        entry("5", "-15.00", "Delta Quux"),
        back("6", "15.00", "Delta Quux"),
        entry("7", "-25.00", "Epsilon Quux"),
        back("8", "25.00", "Epsilon Quux"),
    ]
    asked = "2026-01-04T08:00:00+00:00"
    lake.add("accounts", "everyday", asked, [{"iban": OURS, "institution_id": "BANK_X"}])
    more = [entry(f"m{number}", "-1.00", "Fixed shop") for number in range(2)]
    lake.add("transactions", "everyday", asked, entries + more, date_from="2026-01-01", date_to="2026-01-03")
    query: Callable[[str], list[tuple[Any, ...]]] = lake.build()
    keys = dict(query("select transaction_id, transaction_key from marts.fct_transactions"))
    decisions = [
        RefundDecision(purchase_transaction_key=keys["3"], refund_transaction_key=keys["4"], decision="confirmed"),
        CategoryOverride(transaction_key=keys["5"], category="Home & garden"),
        CategoryOverride(transaction_key=keys["8"], category="Other income"),
    ]
    decide(lake.store, decisions, decided_at=NOON)
    query = lake.build()

    assert query(
        "select transaction_id, category, category_source, category_reason, rules_version is null"
        " from marts.fct_transactions where amount > 0 order by transaction_id"
    ) == [
        ("2", "Uncategorised", "refund", "refund of a purchase", True),
        ("4", "Uncategorised", "refund", "refund of a purchase", True),
        ("6", "Home & garden", "refund", "refund of a purchase", True),
        ("8", "Other income", "person", "you chose it", True),
    ]
    assert query("select income, spending from marts.fct_cash_flow where not is_converted") == [(25, 77)]
    assert query("select spent from marts.fct_monthly_spending where category = 'Home & garden'") == [(0,)]
