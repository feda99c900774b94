"""From a transaction to the very words in which its bank told of it."""

import json
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from farthing.assembly import PROVIDER
from farthing.errors import FarthingError
from farthing.explore.books import Books
from farthing.lake import layout
from farthing.lake.raw import RawEnvelope, read_raw
from farthing.lake.store import ObjectStore, open_store
from farthing.provider import Endpoint
from farthing.settings import Settings


class NoRawAnswerError(FarthingError):
    """The answer that a transaction came from cannot be found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """An entry as it was sent, and the answer that it stood in.

    :ivar entry: the entry's own object, or the whole answer where it cannot be told from others.
    :ivar asked: method and path of the request.
    """

    entry: Any
    asked: str
    at: datetime
    key: str


def find_raw(books: Books, settings: Settings, transaction_key: str) -> RawEntry:
    """Read what the bank sent of a transaction, or last sent of one that it took back.

    :raises NoRawAnswerError: if the answer is not there.
    :raises ServiceDownError: if the lake does not answer.
    """
    rows = books.connection.execute(
        """
        select t.extract_id, v.last_settled_at, v.last_extract_id, v.last_seen_at, a.account_ids,
            v.transaction_id, v.internal_transaction_id
        from marts.fct_transaction_versions as v
        inner join marts.dim_account as a on v.account_key = a.account_key
        left join marts.fct_transactions as t on v.transaction_key = t.transaction_key
        where v.transaction_key = $1
        order by v.is_current desc, v.version desc
        limit 1
        """,
        [transaction_key],
    ).fetchall()
    store = open_store(settings)
    for settled_id, settled_at, seen_id, seen_at, account_ids, transaction_id, internal_id in rows:
        ids = {"transactionId": transaction_id, "internalTransactionId": internal_id}
        answers = [(settled_id, settled_at), (seen_id, seen_at)]
        for (extract_id, at), account_id in product(answers, account_ids):
            if extract_id and at is not None and (found := _read(store, account_id, extract_id, at)) is not None:
                key, envelope = found
                return RawEntry(
                    entry=_entry(envelope.answer.body, ids),
                    asked=f"{envelope.method} {envelope.path}",
                    at=envelope.started_at,
                    key=key,
                )
    raise NoRawAnswerError("The bank's answer that this entry came from is not in the lake.")


def _read(store: ObjectStore, account_id: str, extract_id: str, asked_at: datetime) -> tuple[str, RawEnvelope] | None:
    key = layout.raw_key(
        provider=PROVIDER,
        endpoint=Endpoint.TRANSACTIONS,
        day=asked_at.date(),
        account_id=account_id,
        extract_id=extract_id,
    )
    try:
        return key, read_raw(store, key)
    except FileNotFoundError:
        return None


def _entry(body: bytes, ids: dict[str, str | None]) -> Any:
    """Pick the entry that has these ids out of an answer."""
    answer = json.loads(body)
    booked = answer.get("transactions", {}).get("booked", []) if isinstance(answer, dict) else []
    known = {name: value for name, value in ids.items() if value}
    found = [entry for entry in booked if known and all(entry.get(name) == value for name, value in known.items())]
    return found[0] if len(found) == 1 else answer
