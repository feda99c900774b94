from dataclasses import replace

import pytest

from farthing.consent import Terms
from farthing.consent.wording import bank_in_words, history_in_words, terms_in_words
from farthing.state.models import Purpose
from tests.unit.web.made_up import ASH


@pytest.mark.parametrize(
    ("days", "expected"),
    [(1, "1 day"), (90, "90 days"), (364, "364 days"), (365, "1 year"), (730, "2 years"), (731, "731 days")],
)
def test_counts_history_in_days_or_whole_years(days: int, expected: str) -> None:
    assert history_in_words(days) == expected


def test_leaves_out_features_that_only_programs_need() -> None:
    bank = replace(ASH, features=("account_selection", "pending_transactions", "of_tomorrow"))

    assert bank_in_words(bank) == "2 years of history, access for 180 days · pending payments"


@pytest.mark.parametrize(
    ("terms", "says", "says_not"),
    [
        pytest.param(Terms(history_days=90, access_days=180), "for 180 days", "once", id="plain"),
        pytest.param(
            Terms(history_days=90, access_days=180, reconfirmation=True), "After 90 days", "only once", id="reconfirmed"
        ),
        pytest.param(
            Terms(history_days=730, access_days=90, purpose=Purpose.HISTORY), "only once", "90 days", id="history"
        ),
    ],
)
def test_says_what_a_consent_asks_for(terms: Terms, says: str, says_not: str) -> None:
    assert says in terms_in_words(terms)
    assert says_not not in terms_in_words(terms)
