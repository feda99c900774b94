"""Whether a bank has told all the history that a consent allows: its first answer may have been empty, or cut.

To ask for many days costs no more of the allowance than to ask for few, so a question that is due anyway is put about
the whole history once more where the answers leave a doubt. A link that gives nothing but its history is asked again
after pauses that grow.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from farthing.provider import Outcome
from farthing.sync.extracts import Extract, asked_at

_NEAR = timedelta(days=31)  # an account in use has an entry in so many days
_APART = timedelta(days=7)  # two answers that agree; a bank in trouble gives the same cut list for days
_AGAIN_AFTER = timedelta(days=1)
_REFUSED = {Outcome.RETRY, Outcome.RETRY_SPARINGLY, Outcome.UNEXPECTED}


def about_all(answers: Sequence[Extract], *, history_days: int) -> list[Extract]:
    """Keep what became of questions about the whole history.

    :param answers: about transactions, as landed extracts.
    :param history_days: how many days the consent allows.
    """
    return [each for each in answers if _first_day(each) <= asked_at(each).date() - timedelta(days=history_days)]


def is_whole(answers: Sequence[Extract]) -> bool:
    """Tell whether answers about the whole history hold all that the bank has of it.

    One does whose oldest entry lies near the first day asked for, and its newest near the last; else two that begin on
    the same day, a week apart.
    """
    told = [each for each in answers if has_entries(each)]
    first = min((str(each["oldest_entry_date"]) for each in told), default="")
    moments = [asked_at(each) for each in told if each["oldest_entry_date"] == first]
    return any(_is_long(each) for each in told) or (bool(moments) and max(moments) - min(moments) >= _APART)


def again_at(answers: Sequence[Extract], *, linked_at: datetime) -> datetime:
    """Say when the whole history may be asked for again: after as long as it has been asked for in vain, or a day.

    :param answers: about the whole history, newest first.
    :param linked_at: a new consent may open what was shut, so it is asked for at once.
    """
    newest, oldest = asked_at(answers[0]), asked_at(answers[-1])
    return newest + max(_AGAIN_AFTER, newest - max(linked_at, oldest))


def is_refused(answer: Extract) -> bool:
    """Tell whether a bank failed over a question, which it may have found too much."""
    return answer["outcome"] in _REFUSED


def has_entries(answer: Extract) -> bool:
    """Tell whether an answer is good and has booked entries: what is pending can stand alone while a bank is out."""
    return answer["outcome"] == Outcome.OK and answer["oldest_entry_date"] is not None


def _is_long(answer: Extract) -> bool:
    oldest, newest, first = (_day(answer[name]) for name in ("oldest_entry_date", "newest_entry_date", "date_from"))
    if first is None:
        return True
    return bool(oldest and newest and oldest <= first + _NEAR and newest >= asked_at(answer).date() - _NEAR)


def _first_day(answer: Extract) -> date:
    return _day(answer["date_from"]) or date.min


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
