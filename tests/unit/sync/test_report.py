import pytest

from farthing.errors import ConfigurationError
from farthing.provider import Ask, Endpoint, Outcome
from farthing.sync.pull import Pulled
from farthing.sync.questions import Step
from farthing.sync.report import NEXT_STEP, failures, markdown, sentence

ASKED = Step(ask=Ask(endpoint=Endpoint.BALANCES, account_id="0123456789"))
SKIPPED = Step(ask=Ask(endpoint=Endpoint.DETAILS, account_id="0123456789"), skipped="not due before Monday")


def pulled(outcome: Outcome) -> Pulled:
    return Pulled(ask=ASKED.ask, keys=("raw/bank/balances/x.json.gz",), outcome=outcome)


@pytest.mark.parametrize(
    ("steps", "answers", "said"),
    [
        pytest.param([], [], "0 of 0 questions answered.", id="no-account"),
        pytest.param([ASKED], [pulled(Outcome.OK)], "1 of 1 question answered.", id="all-well"),
        pytest.param([ASKED, SKIPPED], [pulled(Outcome.OK)], "1 of 1 question answered. 1 not due.", id="some-not-due"),
        pytest.param(
            [ASKED, ASKED],
            [pulled(Outcome.OK), pulled(Outcome.RELINK)],
            "1 of 2 questions answered. 1 failed: the consent lapsed; `farthing renew` asks the account holder.",
            id="one-to-relink",
        ),
        pytest.param(
            [ASKED], [], "0 of 1 question answered. 1 without an answer: the run's log says why.", id="one-lost"
        ),
    ],
)
def test_says_what_became_of_the_questions(steps: list[Step], answers: list[Pulled], said: str) -> None:
    assert sentence(steps, answers) == said


def test_lists_what_was_not_answered_well_with_what_to_do() -> None:
    asks = [ASKED.ask] * 5
    became: list[Pulled | BaseException] = [
        *(pulled(outcome) for outcome in (Outcome.OK, Outcome.RELINK, Outcome.SKIP)),
        ConfigurationError("Correct the secret."),
        OSError("a detail"),
    ]

    told = [(each.happened, each.next_step) for each in failures(asks, became)]

    assert told == [
        ("the consent lapsed", "`farthing renew` asks the account holder"),
        ("the bank never gives this for the account", "nothing to do"),
        ("no answer was kept", "Correct the secret."),
        ("no answer was kept", "the run's log says why"),
    ]


def test_a_bank_that_is_known_no_more_is_no_failure() -> None:
    ask = Ask(endpoint=Endpoint.INSTITUTIONS, account_id="0123456789", institution_id="MERGED_BANK")

    assert failures([ask], [pulled(Outcome.SKIP)]) == []
    assert len(failures([ask, ASKED.ask], [pulled(Outcome.RETRY), pulled(Outcome.SKIP)])) == 2


def test_every_failure_has_a_next_step() -> None:
    assert set(NEXT_STEP) == set(Outcome) - {Outcome.OK}


def test_the_report_has_a_line_a_step_and_shortens_ids() -> None:
    text = markdown([ASKED, SKIPPED], [pulled(Outcome.WAIT)], published="Published as b1.")

    assert "| 01234567 | balances | the bank's allowance is spent; wait |" in text
    assert "| 01234567 | details | not due before Monday |" in text
    assert "Published as b1." in text
    assert "0123456789" not in text
