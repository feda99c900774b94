"""Raw answers of many households, as syncs of all their accounts would have left them in a lake."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from farthing import __version__
from farthing.lake.raw import make_extract, write_raw
from farthing.lake.store import ObjectStore
from farthing.provider import Answer, Ask, Endpoint
from farthing.sandbox.answers import Answers, answers
from farthing.sandbox.books import Books
from farthing.sandbox.documents import metadata, to_json
from farthing.sandbox.institutions import Institution

_PROVIDER = "gocardless"


def write_answers(
    store: ObjectStore,
    books: Books,
    banks: Sequence[Institution],
    *,
    households: int,
    asked_at: datetime,
    endpoints: Sequence[Endpoint] = tuple(Endpoint),
) -> Iterator[int]:
    """Ask each bank once about each account of its households, for all it tells, and store what it answers.

    Each household is a run of its own. It is made from its number alone and let go, so memory does not grow with them.

    :param households: how many of each bank, from number 0; banks written by hand have one.
    :param asked_at: when, by the bank's clock.
    :returns: the number of entries of each account, once its answers are stored.
    """
    today = asked_at.date()
    with _no_cycles():
        for bank in banks:
            first = today - timedelta(days=bank.transaction_total_days)
            numbers = range(1 if books.is_by_hand(bank.key) else households)
            to_ask = tuple(endpoints)
            for told in answers(books, bank, numbers, first=first, at=asked_at):
                account_id = str(told.account_id)
                run_id = uuid5(NAMESPACE_URL, f"farthing/{told.statement.account.key.rpartition('/')[0]}/{asked_at}")
                for endpoint in to_ask:
                    is_list = endpoint is Endpoint.TRANSACTIONS
                    ask = Ask(
                        endpoint=endpoint,
                        account_id=account_id,
                        date_from=first if is_list else None,
                        date_to=today if is_list else None,
                        institution_id=told.statement.bank.institution_id,
                    )
                    body, quoted_body = _body(told, endpoint, asked_at)
                    _store(store, ask, run_id, body, asked_at, quoted_body=quoted_body)
                to_ask = tuple(each for each in to_ask if each is not Endpoint.INSTITUTIONS)  # a bank is told of once
                yield told.entries


def _body(told: Answers, endpoint: Endpoint, asked_at: datetime) -> tuple[bytes, bytes | None]:
    """Return an answer's body: as it is, or else, empty here, as a text within JSON."""
    statement = told.statement
    match endpoint:
        case Endpoint.TRANSACTIONS:
            return b"", told.quoted
        case Endpoint.BALANCES:
            return to_json({"balances": statement.balances()}), None
        case Endpoint.DETAILS:
            return to_json({"account": statement.details()}), None
        case Endpoint.ACCOUNTS:
            account, bank = statement.account, statement.bank
            return to_json(metadata(account, bank, told.account_id, created=asked_at, status="READY")), None
        case Endpoint.INSTITUTIONS:
            return to_json(statement.bank.document()), None


def _store(
    store: ObjectStore, ask: Ask, run_id: UUID, body: bytes, asked_at: datetime, *, quoted_body: bytes | None
) -> None:
    is_of_bank = ask.endpoint is Endpoint.INSTITUTIONS
    path = f"institutions/{ask.institution_id}/" if is_of_bank else f"accounts/{ask.account_id}/"
    days = {"date_from": ask.date_from, "date_to": ask.date_to}
    answer = Answer(
        method="GET",
        path=path if is_of_bank or ask.endpoint is Endpoint.ACCOUNTS else f"{path}{ask.endpoint}/",
        params={name: day.isoformat() for name, day in days.items() if day},
        started_at=asked_at,
        ended_at=asked_at,
        status=200,
        body=body,
    )
    extract = make_extract(
        provider=_PROVIDER, ask=ask, run_id=run_id, attempt=1, requested_at=asked_at, version=__version__
    )
    write_raw(store, extract, answer, quoted_body=quoted_body)


@contextmanager
def _no_cycles() -> Iterator[None]:
    """Spare the search for cycles among millions of entries: there is none, and it takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
