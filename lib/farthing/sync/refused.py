"""Which accounts say that their consent is over, by what their banks answered last."""

from datetime import datetime

import polars as pl

from farthing.provider import Endpoint, Outcome
from farthing.sync.questions import OF_BANK


def refused_and_closed(extracts: pl.DataFrame) -> tuple[dict[str, datetime], frozenset[str]]:
    """Judge accounts by the newest run that asked their banks; one that was not asked since stands as it stood.

    :param extracts: landed extracts, as :func:`farthing.lake.landing.read_extracts` gives them.
    :returns: when each account was asked that answered with the end of its consent, and the accounts that are closed,
        which tell nothing of it.
    """
    told = extracts.filter(pl.col("endpoint").is_in([each.value for each in OF_BANK]))
    newest = told.filter(pl.col("requested_at") == pl.col("requested_at").max().over("account_id"))
    refused: dict[str, datetime] = {}
    closed: set[str] = set()
    for (account_id,), answers in newest.group_by("account_id"):
        outcomes, endpoints = set(answers["outcome"]), set(answers["endpoint"])
        if Outcome.RELINK in outcomes:
            refused[str(account_id)] = datetime.fromisoformat(answers["requested_at"][0])
        elif outcomes == {Outcome.SKIP} and Endpoint.TRANSACTIONS in endpoints:
            closed.add(str(account_id))
    return refused, frozenset(closed)
