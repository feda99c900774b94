"""Landed extracts as planning reads them: rows whose values are texts, as landing keeps them."""

from collections.abc import Mapping
from datetime import datetime

type Extract = Mapping[str, str | None]


def asked_at(extract: Extract) -> datetime:
    """Return the moment as of which the question was asked, the same for all questions of a run."""
    return datetime.fromisoformat(str(extract["requested_at"]))


def ended_at(extract: Extract) -> datetime:
    """Return when the answer was there."""
    return datetime.fromisoformat(str(extract["ended_at"]))
