"""What the review page foretells of a rule is what the next build does; its words on refunds count too."""

from datetime import UTC, datetime
from typing import Any

import pytest

from farthing.explore.books import Books
from farthing.explore.review import rules
from farthing.lake.reference import CategoryOverride, RefundDecision, Rule, decide_together

pytestmark = pytest.mark.integration

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
# Names, texts and amounts as banks write them: shouted, through payment services, with numbers, towns and legal forms.
ENTRIES = [
    ("Corner Shop GmbH", "POS 4711 CORNER SHOP", "-10.00"),
    ("CORNER SHOP", "card payment 12.01.2026", "-11.00"),
    ("Corner Shop GmbH", "refund", "4.00"),
    ("Bäckerei Müller", "Brötchen 4482", "-3.20"),
    ("BAECKEREI MUELLER", None, "-3.30"),
    (None, "PAYPAL *QUUXSOUND 35314369001", "-9.99"),
    ("PayPal *QUUXSOUND", "ref 99120038123", "-9.99"),
    ("REWE Markt Schmidt oHG", "REWE SAGT DANKE 44110", "-42.10"),
    ("Lidl", "LIDL 1234 BERLIN", "-20.00"),
    ("Piano Lessons Ltd", "lessons for march 2026", "-30.00"),
    ("Someone Else", "thanks for the piano", "-31.00"),
    ("Zebra Hall", "tickets", "-60.00"),
    ("Zebra Hall", "tickets", "-61.00"),
]
RULES = [
    Rule(pattern="corner shop", direction="out", category="Restaurants"),
    Rule(pattern="^baeckerei*", category="Cash"),
    Rule(pattern="quuxsound", category="Cinema & theatre"),
    Rule(pattern="schmidt", category="Gifts & flowers"),
    Rule(pattern="lidl 1234", category="Pets"),
    Rule(pattern="piano", category="School & education"),
    Rule(pattern="zebra hall$", category="Books & press"),
    Rule(pattern="nothing like it", category="Fuel"),
]


def test_a_build_moves_what_the_preview_foretold(lake: Any) -> None:
    lake.add(
        "accounts", "one", "2026-01-20T08:00:00+00:00", [{"iban": "DE89370400440532013000", "institution_id": "X"}]
    )
    lake.add("details", "one", "2026-01-20T08:00:00+00:00", [{"currency": "EUR", "name": "Everyday"}])
    entries = [
        {
            "booking_status": "booked",
            "transaction_id": f"t{number}",
            "booking_date": f"2026-01-{number + 2:02}",
            "transaction_amount": amount,
            "transaction_currency": "EUR",
            "creditor_name": name if amount.startswith("-") else None,
            "debtor_name": None if amount.startswith("-") else name,
            "remittance_information_unstructured": text,
        }
        for number, (name, text, amount) in enumerate(ENTRIES)
    ]
    lake.add("transactions", "one", "2026-01-20T08:00:00+00:00", entries, date_from="2026-01-01", date_to="2026-01-19")
    query = lake.build()
    keys = dict(query("select transaction_id, transaction_key from marts.fct_transactions"))
    [(purchase,)] = query("select refund_of_transaction_key from marts.fct_transactions where transaction_id = 't2'")
    assert purchase == keys["t1"]
    own_word = CategoryOverride(transaction_key=keys["t12"], category="Fuel")
    books = Books(connection=lake.connection, edition="", warning=None, marts=frozenset({"fct_transactions"}))
    foretold = {rule.category: rules.preview(books, rule, decided=[keys["t12"]]) for rule in RULES}

    refund = {"purchase_transaction_key": keys["t1"], "refund_transaction_key": keys["t2"]}
    words = [
        RefundDecision.model_validate({**refund, "decision": "rejected"}),
        RefundDecision.model_validate({**refund, "purchase_transaction_key": keys["t0"], "decision": "confirmed"}),
    ]
    decide_together(lake.store, [*RULES, own_word, *words], decided_at=NOON)
    query = lake.build()

    after = query(
        "select category, count(*), sum(amount) from marts.fct_transactions where category_source = 'own rule'"
        " group by all"
    )
    assert {category: (found.moved, found.amounts["EUR"]) for category, found in foretold.items() if found.moved} == {
        category: (count, amount) for category, count, amount in after
    }
    assert foretold["Books & press"].stays == {"your own word on the payment stays": 1}
    assert dict(query("select transaction_key, category from marts.fct_transactions"))[keys["t12"]] == "Fuel"
    assert query("select purchase_transaction_key, refund_transaction_key, score, reason from marts.fct_refunds") == [
        (keys["t0"], keys["t2"], 1, "confirmed by the owner; part of the amount")
    ]
