"""A run told in words: counts and keys, nothing of anyone's data."""

from collections import Counter
from collections.abc import Sequence

from farthing.provider import Outcome
from farthing.sync.plan import Step
from farthing.sync.pull import Pulled

NEXT_STEP = {
    Outcome.RETRY: "the bank or the network failed; the next sync asks again",
    Outcome.RETRY_SPARINGLY: "the bank failed; it is asked again with care, for many failures suspend the account",
    Outcome.WAIT: "the bank's allowance is spent; wait",
    Outcome.NOT_READY: "the bank is still delivering; sync again in some minutes",
    Outcome.RELINK: "the consent lapsed; `farthing renew` asks the account holder",
    Outcome.SKIP: "the bank never gives this for the account",
    Outcome.CONFIGURE: "GoCardless refused the call; check the secret in the settings",
    Outcome.UNEXPECTED: "an answer nobody has met; please report it",
}


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
