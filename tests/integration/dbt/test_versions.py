"""What became of entries between one answer and the next: versions, retractions, and pending entries that booked."""

from ast import literal_eval
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import pytest
from jinja2 import Environment
from markupsafe import Markup

from farthing.gocardless.landing import COLUMNS

PROJECT = Path(__file__).parents[3] / "dbt_project"

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
    ) -> None: ...

    def build(self) -> Query: ...


def entry(amount: str, text: str, day: str | None = "2026-03-05", **fields: str) -> Row:
    """Make a booked entry; more fields are as landing names them."""
    return {
        "booking_status": "booked",
        "booking_date": day,
        "transaction_amount": amount,
        "transaction_currency": "EUR",
        "remittance_information_unstructured": text,
        **fields,
    }


def pending(amount: str, text: str, day: str | None = "2026-03-05", **fields: str) -> Row:
    """Make a pending entry."""
    return entry(amount, text, day, **fields) | {"booking_status": "pending"}


def answers(lake: Lake, account_id: str, *days: list[Row]) -> None:
    """Add an account, and what the bank answered on 5 March and each day after, always about all of March."""
    lake.add("accounts", account_id, "2026-03-05T08:00:00+00:00", [{"institution_id": "BANK_X", "name": account_id}])
    old = entry("-1.23", "Older than all", "2026-03-01")  # so that no answer is empty, which would be an outage
    older = entry("-4.56", "Older too", "2026-03-02")
    for number, rows in enumerate(days, start=5):
        day = f"2026-03-{number:02}"
        window = {"date_from": "2026-03-01", "date_to": day}
        lake.add("transactions", account_id, f"{day}T08:00:00+00:00", [old, older, *rows], **window)


# Account: the bank's answers, then each announcement's text, outcome, booked text and amount, and the reason.
type Links = list[tuple[object, ...]]
VANISHED = "no longer announced, and nothing like it was booked"
STILL = "the newest answer still announces it"
WORDS = "same amount and words"
FUEL = "IMAGINARY FUEL"
LIVES: dict[str, tuple[list[list[Row]], Links]] = {
    "other id and words": (
        [
            [pending("-9.90", "VORGEMERKT BÄCKEREI BLAU")],
            [entry("-9.90", "BAECKEREI BLAU 123//ORT", transaction_id="7")],
        ],
        [("VORGEMERKT BÄCKEREI BLAU", "booked", "BAECKEREI BLAU 123//ORT", Decimal("-9.90"), WORDS)],
    ),
    "placeholder": (
        [[pending("-9.90", "Umsatz vorgemerkt")], [entry("-9.90", "Shoe shop")]],
        [("Umsatz vorgemerkt", "booked", "Shoe shop", Decimal("-9.90"), "same amount, booked as it went")],
    ),
    "tip": (
        [[pending("-50.00", "Trattoria Luna")], [], [entry("-57.50", "TRATTORIA LUNA ROMA", "2026-03-07")]],
        [("Trattoria Luna", "booked", "TRATTORIA LUNA ROMA", Decimal("-57.50"), "same words, similar amount")],
    ),
    "pre-authorisation by id": (
        [[pending("-99.00", "Fuel", transaction_id="P-1")], [entry("-37.18", "Pump 4", transaction_id="P-1")]],
        [("Fuel", "booked", "Pump 4", Decimal("-37.18"), "same id, other amount")],
    ),
    "sign": (
        [[pending("20.00", "Purchase Taverna Nisos")], [entry("-20.00", "Taverna Nisos")]],
        [
            (
                "Purchase Taverna Nisos",
                "booked",
                "Taverna Nisos",
                Decimal("-20.00"),
                "same words and amount, but for the sign",
            )
        ],
    ),
    "card check": (
        [[pending("-1.00", "CARD CHECK HOTEL")], [], [entry("-1.00", "Toilet", "2026-03-07")]],
        [("CARD CHECK HOTEL", "vanished", None, None, VANISHED)],
    ),
    "booked before it was announced": (
        [[entry("-5.00", "Kiosk"), pending("-5.00", "Kiosk")], [entry("-5.00", "Kiosk")]],
        [("Kiosk", "vanished", None, None, VANISHED)],
    ),
    "other account's": ([[pending("-77.00", "Only here")], []], [("Only here", "vanished", None, None, VANISHED)]),
    "and its entry": ([[], [entry("-77.00", "Only here")]], []),
    "no day, not yet booked": (
        [[pending("-3.00", "Someday", None)], [pending("-3.00", "Someday", None)]],
        [("Someday", "pending", None, None, STILL)],
    ),
    "one for two": (  # one of two equals books, and an id that is no id ties nothing
        [
            [
                pending("-2.00", "Tram", transaction_id="NOTPROVIDED"),
                pending("-2.00", "Tram", transaction_id="NOTPROVIDED"),
            ],
            [entry("-2.00", "Tram", transaction_id="NOTPROVIDED")],
        ],
        [
            ("Tram", "booked", "Tram", Decimal("-2.00"), WORDS),
            ("Tram", "vanished", None, None, VANISHED),
        ],
    ),
}


@pytest.fixture
def query(lake: Lake) -> Query:
    for account, (days, _) in LIVES.items():
        answers(lake, account, *days)
    # The life of samples/14: an amount changes under one id, a hold vanishes, a debit is known days ahead.
    debit = pending("-120.00", "INVENTED ENERGY BILL", "2026-03-12")
    booked_fuel = entry("-37.18", "IMAGINARY FUEL 0001 NOWHERE GB", "2026-03-06", transaction_id="B-77001")
    answers(
        lake,
        "sample 14",
        [
            pending("-50.00", FUEL, transaction_id="P-1"),
            pending("-1.00", "CARD CHECK IMAGINARY HOTEL", "2026-03-04"),
            debit,
        ],
        [pending("-37.18", FUEL, "2026-03-06", transaction_id="P-1"), debit],
        [booked_fuel, debit],
        *[[booked_fuel, debit]] * 5,
        [booked_fuel, entry("-120.00", "BS INVENTED ENERGY BILL", "2026-03-12", transaction_id="B-77002")],
    )
    # The same coffee each day, booked the next day: each is its own.
    coffees = [entry("-3.20", "Café Krone", f"2026-03-{day:02}") for day in range(5, 10)]
    today = [[*coffees[:n], pending("-3.20", "Café Krone", f"2026-03-{n + 5:02}")] for n in range(5)]
    answers(lake, "coffees", *today, coffees)
    # An outage: nothing vanishes for it.
    answers(lake, "outage", [pending("-8.00", "Museum")])
    lake.add("transactions", "outage", "2026-03-06T08:00:00+00:00", date_from="2026-03-01", date_to="2026-03-06")
    # Versions and retractions.
    answers(
        lake,
        "changes",
        [entry("-10.00", "Rent", "2026-03-03", transaction_id="a"), entry("-20.00", "Lamp", transaction_id="l"),
         entry("-30.00", "Gone", "2026-03-04"),
         entry("-40.00", "Bonus card", "2026-03-04", internal_transaction_id="i")],
        [entry("-10.00", "Rent March", "2026-03-03", transaction_id="b"), entry("-20.00", "Lamp", "2026-03-06"),
         entry("-41.00", "Corrected", "2026-03-04", internal_transaction_id="i")],
        [entry("-10.00", "Rent March", "2026-03-03", transaction_id="b"), entry("-20.00", "Lamp", "2026-03-06"),
         entry("-41.00", "Corrected", "2026-03-04", internal_transaction_id="i")],
    )  # fmt: skip
    return lake.build()


def test_tells_what_became_of_entries(query: Query) -> None:
    rows = query(
        "select a.account_name, l.description, l.outcome, t.description, t.amount, l.reason"
        " from marts.fct_pending_links as l join marts.dim_account as a using (account_key)"
        " left join marts.fct_transactions as t using (transaction_key)"
    )
    found: dict[object, Counter[tuple[object, ...]]] = defaultdict(Counter)
    for account, *link in rows:
        found[account][tuple(link)] += 1
    expected = {account: Counter(links) for account, (_, links) in LIVES.items() if links}
    expected["sample 14"] = Counter(
        [
            (FUEL, "booked", "IMAGINARY FUEL 0001 NOWHERE GB", Decimal("-37.18"), WORDS),
            ("CARD CHECK IMAGINARY HOTEL", "vanished", None, None, VANISHED),
            ("INVENTED ENERGY BILL", "booked", "BS INVENTED ENERGY BILL", Decimal(-120), WORDS),
        ]
    )
    expected["outage"] = Counter([("Museum", "pending", None, None, STILL)])
    expected["coffees"] = Counter([("Café Krone", "booked", "Café Krone", Decimal("-3.2"), WORDS)] * 5)
    assert found == expected

    fuel = (
        "select first_amount, amount, booked_amount from marts.fct_pending_links where description = 'IMAGINARY FUEL'"
    )
    assert query(fuel) == [(Decimal("-50.0000"), Decimal("-37.1800"), Decimal("-37.1800"))]
    coffee = "description = 'Café Krone' and booking_date = expected_date and score > 0.9"
    assert query(f"select count(*), count(distinct transaction_key) from marts.fct_pending_links where {coffee}") == [
        (5, 5)
    ]

    assert query(
        "select version, versions, description, changed_fields, answers, is_current, cast(first_seen_at as date),"
        " cast(last_seen_at as date) from marts.fct_transaction_versions where description like 'Rent%' order by 1"
    ) == [
        (1, 2, "Rent", None, 1, False, date(2026, 3, 5), date(2026, 3, 5)),
        (
            2,
            2,
            "Rent March",
            ["transaction_id", "remittance_information_unstructured"],
            2,
            True,
            date(2026, 3, 6),
            date(2026, 3, 7),
        ),
    ]
    assert query(
        "select r.description, t.amount, t.booking_date, r.reason, cast(r.last_settled_at as date),"
        " cast(r.retracted_at as date), r.last_extract_id, r.retracting_extract_id"
        " from marts.fct_retractions as r left join marts.fct_transactions as t"
        " on r.successor_transaction_key = t.transaction_key order by 1"
    ) == [
        (text, amount, day, reason, date(2026, 3, 5), date(2026, 3, 6), _answer(5), _answer(6))
        for text, amount, day, reason in [
            ("Bonus card", Decimal("-41.0000"), date(2026, 3, 4), "changed: same id, other amount"),
            ("Gone", None, None, "withdrawn: nothing like it came instead"),
            ("Lamp", Decimal("-20.0000"), date(2026, 3, 6), "moved: same amount and words, other date or id"),
        ]
    ]


def test_versions_look_at_every_field_that_lands() -> None:
    environment = Environment(extensions=["jinja2.ext.do"], autoescape=True)
    environment.globals["return"] = Markup
    macros = environment.from_string((PROJECT / "macros" / "entry_versions.sql").read_text())
    fields = literal_eval(str(macros.module.landed_entry_fields()))  # type: ignore[attr-defined]  # the template's own
    assert sorted(fields) == sorted(set(COLUMNS["transactions"]) - {"booking_status", "entry_index"})


def _answer(day: int) -> str:
    return f"transactions-changes-2026-03-{day:02}T08:00:00+00:00"
