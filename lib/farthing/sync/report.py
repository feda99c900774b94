"""A run told in Markdown: counts and keys, nothing of anyone's data."""

from collections.abc import Sequence

from farthing.provider import Outcome
from farthing.sync.plan import Step
from farthing.sync.pull import Pulled

_NEXT = {
    Outcome.RETRY: "the bank failed; the next sync asks again",
    Outcome.WAIT: "the bank's allowance is spent; wait",
    Outcome.NOT_READY: "the bank is still delivering; sync again in some minutes",
    Outcome.RELINK: "the consent lapsed; connect the bank anew",
    Outcome.SKIP: "the bank never gives this for the account",
    Outcome.CONFIGURE: "check the settings",
    Outcome.UNEXPECTED: "an answer nobody has met; please report it",
}


def markdown(steps: Sequence[Step], pulled: Sequence[Pulled], *, build_id: str) -> str:
    """Write the report of a run."""
    good = sum(answer.outcome is Outcome.OK for answer in pulled)
    lines = [
        f"**{good}** of {len(pulled)} questions answered, {sum(step.skipped is not None for step in steps)} not asked.",
        f"Published build `{build_id}`.",
        "",
        "| account | endpoint | result |",
        "| --- | --- | --- |",
    ]
    outcomes = {tuple(answer.key.split("/")[i] for i in (2, 4)): answer.outcome for answer in pulled}
    for step in steps:
        outcome = outcomes.get((step.ask.endpoint.value, f"account={step.ask.account_id}"))
        result = step.skipped or (_NEXT.get(outcome, "answered") if outcome else "no answer was kept")
        lines.append(f"| {step.ask.account_id[:8]} | {step.ask.endpoint} | {result} |")
    return "\n".join(lines)
