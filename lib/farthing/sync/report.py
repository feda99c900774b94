"""A run told in words: counts and keys, nothing of anyone's data."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from farthing.errors import FarthingError
from farthing.provider import Ask, Endpoint, Outcome
from farthing.sync.due import LAPSED
from farthing.sync.pull import Pulled
from farthing.sync.questions import Step

NEXT_STEP = {
    Outcome.RETRY: "the bank or the network failed; the next sync asks again",
    Outcome.RETRY_SPARINGLY: "the bank failed; it is asked again with care, for many failures suspend the account",
    Outcome.WAIT: "the bank's allowance is spent; wait",
    Outcome.NOT_READY: "the bank is still delivering, or its day has not begun yet; sync again in some minutes",
    Outcome.RELINK: LAPSED,
    Outcome.SKIP: "the bank never gives this for the account",
    Outcome.CONFIGURE: "GoCardless refused the call; check the secret in the settings",
    Outcome.UNEXPECTED: "an answer nobody has met; please report it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A question that was not answered well: what happened, and what is to be done about it."""

    account_id: str
    endpoint: Endpoint
    happened: str
    next_step: str


class NotAllPulledError(FarthingError):
    """The run is over and what came is published, but some questions were not answered well.

    :ivar failed: those questions.
    """

    def __init__(self, said: str, failed: Sequence[Failed] = ()) -> None:
        super().__init__(said)
        self.failed = tuple(failed)


def failures(asks: Sequence[Ask], pulled: Sequence[Pulled | BaseException]) -> list[Failed]:
    """List the questions that were not answered well.

    :param pulled: what became of each question, in their order: an answer, or why none was kept.
    """
    return [
        Failed(account_id=ask.account_id, endpoint=ask.endpoint, happened=happened, next_step=next_step)
        for ask, became in zip(asks, pulled, strict=True)
        if not (isinstance(became, Pulled) and _is_as_well(ask, became.outcome))
        for happened, next_step in [_told(became)]
    ]


def _is_as_well(ask: Ask, outcome: Outcome) -> bool:
    """Whether nobody has to do anything: a bank that merged is known by its old id no more, and what was told stays."""
    return outcome is Outcome.OK or (ask.endpoint is Endpoint.INSTITUTIONS and outcome is Outcome.SKIP)


def _told(became: Pulled | BaseException) -> tuple[str, str]:
    if isinstance(became, Pulled):
        happened, _, next_step = NEXT_STEP[became.outcome].partition("; ")
        return happened, next_step or "nothing to do"
    return "no answer was kept", str(became) if isinstance(became, FarthingError) else "the run's log says why"


def sentence(steps: Sequence[Step], pulled: Sequence[Pulled]) -> str:
    """Say how many questions were asked and what became of them, with what to do about each kind of failure."""
    asked = sum(step.skipped is None for step in steps)
    outcomes = Counter(answer.outcome for answer in pulled)
    parts = [f"{outcomes.pop(Outcome.OK, 0)} of {_questions(asked)} answered"]
    if asked < len(steps):
        parts.append(f"{len(steps) - asked} not due")
    parts += [f"{count} failed: {NEXT_STEP[outcome]}" for outcome, count in outcomes.most_common()]
    if lost := asked - len(pulled):
        parts.append(f"{lost} without an answer: the run's log says why")
    return f"{'. '.join(f'{part[0].upper()}{part[1:]}' for part in parts)}."


def markdown(steps: Sequence[Step], pulled: Sequence[Pulled], *, published: str) -> str:
    """Write the report of a run.

    :param published: what became of the build, in words.
    """
    lines = [
        sentence(steps, pulled),
        published,
        "",
        "| account | endpoint | result |",
        "| --- | --- | --- |",
    ]
    outcomes = {answer.ask: answer.outcome for answer in pulled}
    for step in steps:
        outcome = outcomes.get(step.ask)
        result = step.skipped or (NEXT_STEP.get(outcome, "answered") if outcome else "no answer was kept")
        lines.append(f"| {step.ask.account_id[:8]} | {step.ask.endpoint} | {result} |")
    return "\n".join(lines)


def _questions(count: int) -> str:
    return "1 question" if count == 1 else f"{count} questions"
