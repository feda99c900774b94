from datetime import UTC, datetime

import polars as pl
import pytest

from farthing.sync.refused import refused_and_closed

MONDAY, TUESDAY = (datetime(2026, 3, day, 8, tzinfo=UTC) for day in (9, 10))

type Answers = list[tuple[datetime, str, str]]


@pytest.mark.parametrize(
    ("answers", "stands"),
    [
        pytest.param([(MONDAY, "transactions", "ok"), (TUESDAY, "transactions", "relink")], "refused", id="refuses"),
        pytest.param([(MONDAY, "transactions", "relink"), (TUESDAY, "transactions", "ok")], "open", id="answers-again"),
        pytest.param([(MONDAY, "transactions", "relink"), (TUESDAY, "accounts", "ok")], "refused", id="metadata-later"),
        pytest.param([(MONDAY, "details", "ok"), (TUESDAY, "transactions", "skip")], "closed", id="closed"),
        pytest.param([(MONDAY, "transactions", "skip"), (MONDAY, "balances", "ok")], "open", id="gives-balances-only"),
        pytest.param([(MONDAY, "transactions", "ok"), (TUESDAY, "details", "skip")], "open", id="never-gives-details"),
        pytest.param([(MONDAY, "balances", "skip"), (MONDAY, "transactions", "relink")], "refused", id="both"),
        pytest.param([(MONDAY, "transactions", "wait")], "open", id="allowance-spent"),
    ],
)
def test_judges_an_account_by_what_its_bank_answered_last(answers: Answers, stands: str) -> None:
    extracts = pl.DataFrame(
        [("a", endpoint, outcome, at.isoformat()) for at, endpoint, outcome in answers],
        schema=["account_id", "endpoint", "outcome", "requested_at"],
        orient="row",
    )

    refused, closed = refused_and_closed(extracts)

    assert ("refused" if refused else "closed" if closed else "open") == stands


def test_tells_when_an_account_refused() -> None:
    extracts = pl.DataFrame(
        {"account_id": "a", "endpoint": "balances", "outcome": "relink", "requested_at": [MONDAY.isoformat()]}
    )

    assert refused_and_closed(extracts) == ({"a": MONDAY}, frozenset())
