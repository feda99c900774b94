"""Whom entries name, which category they get, and why."""

from collections.abc import Callable
from datetime import date
from typing import Protocol

import pytest

pytestmark = pytest.mark.integration

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

    def build(self) -> Callable[[str], list[tuple[object, ...]]]: ...


def slip(text: str | None, day: str = "2026-03-05", amount: str = "-5.00", **fields: str) -> Row:
    """Make a booked entry of which little more than a text is known."""
    return {
        "booking_status": "booked",
        "booking_date": day,
        "transaction_amount": amount,
        "transaction_currency": "EUR",
        "remittance_information_unstructured": text,
        **fields,
    }


@pytest.fixture
def slips(lake: Lake) -> Lake:
    """One account, whose bank says things in many ways."""
    asked = "2026-03-10T08:00:00+00:00"
    lake.add("accounts", "a", asked, [{"institution_id": "BANK_X"}])
    lake.add("details", "a", asked, [{"currency": "EUR", "name": "Everyday"}])
    rows: list[Row] = [
        slip("Kartenzahlung REWE Musterau 1234//MUSTERAU/DE 2026-03-05T11:36:01", "2026-03-01"),
        slip("REWE SAGT DANKE 55555", "2026-03-04"),
        slip(None, creditor_name="PAYPAL *BUCHLADEN LUFT", merchant_category_code="5942"),
        slip(None, creditor_name="Sparkasse Musterau"),
        slip(None, creditor_name="Sparkasse Musterau", bank_transaction_code="ACMT-MDOP-CHRG"),
        slip("Miete 03/2026", creditor_name="Ola Przykład"),
        slip("Gehalt 03/2026", amount="2000.00", debtor_name="Restaurant Nirgendwo"),
        slip("Gehalt 03/2026", amount="-2000.00", creditor_name="Ola Przykład"),
        slip(None, creditor_name="Zmyślony", merchant_category_code="3005"),
        slip(None, amount="1.00", debtor_name="Phantasie", purpose_code="PENS"),
        {**slip("Vorgemerkt: Apotheke Nirgendwo"), "booking_status": "pending", "booking_date": None},
    ]
    lake.add("transactions", "a", asked, rows, date_from="2026-03-01", date_to="2026-03-10")
    return lake


def test_says_why_an_entry_has_its_category(slips: Lake) -> None:
    query = slips.build()

    told = query("select merchant, category, category_reason from marts.fct_transactions order by all")
    assert told == [
        ("Buchladen Luft", "Books & press", "mcc rule 400 “5942”"),
        ("Ola Przykład", "Rent", "word rule 520 “miete” in the text"),
        ("Ola Przykład", "Uncategorised", "no rule"),  # what is paid out is no salary of ours
        ("Phantasie", "Pension", "purpose code rule 100 “PENS”"),
        ("REWE", "Groceries", "merchant rule 200 “REWE” in the name"),
        ("REWE", "Groceries", "merchant rule 200 “^REWE$” in the name"),
        ("Restaurant Nirgendwo", "Salary", "word rule 300 “*gehalt” in the text"),
        ("Sparkasse Musterau", "Bank charges", "bank code rule 100 “*-CHRG”"),
        ("Sparkasse Musterau", "Uncategorised", "no rule"),  # spar is no part of the word
        ("Zmyślony", "Flights", "mcc rule 400 “3000-3350”"),
    ]
    assert query("select merchant_key, merchant, category, category_group from marts.fct_pending") == [
        ("apotheke nirgendwo", "Apotheke Nirgendwo", "Pharmacy", "Health")
    ]
    assert query(
        "select merchant_key, merchant, category, transactions, first_booking_date, last_booking_date"
        " from marts.dim_merchant where merchant in ('REWE', 'Apotheke Nirgendwo') order by all"
    ) == [
        ("apotheke nirgendwo", "Apotheke Nirgendwo", "Pharmacy", 0, None, None),
        ("rewe", "REWE", "Groceries", 2, date(2026, 3, 1), date(2026, 3, 4)),
    ]
    assert query("select sum(transactions) from marts.dim_merchant") == [(10,)]
