"""What keeps an account from being suspended: some failures are counted, and about ten in a row end its consent.

The supplier's own advice is to stop after two or three, to read the account's metadata, which no bank is asked for,
and not to insist where that says that the bank failed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

import polars as pl

from farthing.lake.landing import read_rows
from farthing.lake.store import ObjectStore
from farthing.provider import Endpoint, Outcome, Reader
from farthing.sync.extracts import Extract, ended_at

STOP_AFTER = 2  # failures in a row
GIVE_UP_AFTER = 6  # what is left of ten is for whoever mends it
TRIED_AGAIN_AFTER = timedelta(days=1)  # once, while the metadata tells of a failure: only a good answer ends that
_PROBED = "the bank failed: one question shows whether it still does"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """How an account whose bank fails is to be asked.

    :ivar calls: how many of the endpoints that reach the bank may be asked.
    :ivar reads_metadata: whether to read the metadata now, due or not.
    :ivar reason: why no more is asked.
    """

    calls: int
    reason: str
    reads_metadata: bool = False


def caution(
    answers: Iterable[Extract], metadata: Extract | None, *, tells_of_failure: bool, now: datetime
) -> Caution | None:
    """Judge an account by the answers of its bank.

    :param answers: what its bank answered since it was linked, newest first.
    :param metadata: the newest answer with its metadata, null if there is none.
    :param tells_of_failure: whether the metadata says that the bank failed.
    :returns: null where nothing stands against asking.
    """
    since_good = takewhile(lambda answer: answer["outcome"] != Outcome.OK, answers)
    failures = [answer for answer in since_good if answer["outcome"] == Outcome.RETRY_SPARINGLY]
    if not failures:
        return None
    if len(failures) < STOP_AFTER:
        return Caution(calls=STOP_AFTER - len(failures), reason=_PROBED)
    failed_at = ended_at(failures[0])
    if metadata is None or ended_at(metadata) < failed_at:
        return Caution(calls=0, reads_metadata=True, reason="the bank failed twice: the account's status is read first")
    return _go_by_metadata(len(failures), failed_at, now=now) if tells_of_failure else None


def _go_by_metadata(failures: int, failed_at: datetime, *, now: datetime) -> Caution:
    again_at = failed_at + TRIED_AGAIN_AFTER
    if failures >= GIVE_UP_AFTER:
        return Caution(calls=0, reason="the bank keeps failing; `farthing renew` asks the account holder")
    if now < again_at:
        reason = f"the bank failed, and more of it suspends the account; not asked before {again_at:%d %b %H:%M} UTC"
        return Caution(calls=0, reason=reason)
    return Caution(calls=1, reason=_PROBED)


def failing_accounts(store: ObjectStore, reader: Reader, extracts: pl.DataFrame) -> frozenset[str]:
    """List the accounts whose newest metadata says that their bank failed; looked up for those only where one did.

    :param extracts: landed extracts, as :func:`farthing.lake.landing.read_extracts` gives them.
    """
    suspects = extracts.filter(pl.col("outcome") == Outcome.RETRY_SPARINGLY)["account_id"].unique().implode()
    is_metadata = (pl.col("endpoint") == Endpoint.ACCOUNTS) & (pl.col("outcome") == Outcome.OK)
    told = extracts.filter(is_metadata & pl.col("account_id").is_in(suspects)).sort("ended_at")
    newest = told.unique("account_id", keep="last").iter_rows(named=True)
    return frozenset(str(extract["account_id"]) for extract in newest if _tells_of_failure(store, reader, extract))


def _tells_of_failure(store: ObjectStore, reader: Reader, extract: Extract) -> bool:
    """Read what metadata says; where it is folded away by now, the worse is taken for true."""
    entity = Endpoint.ACCOUNTS.value
    rows = read_rows(store, reader.name, entity, extract, columns=reader.columns[entity])
    return rows.is_empty() or any(reader.tells_of_failure(row) for row in rows.iter_rows(named=True))
