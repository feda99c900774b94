"""What the API would send about many households, without a server: for lakes of any size."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched
from uuid import UUID

import orjson
import polars as pl

from farthing.sandbox.books import Books
from farthing.sandbox.documents import timestamp, to_json
from farthing.sandbox.institutions import Institution
from farthing.sandbox.state import BankAccount
from farthing.sandbox.statement import Statement, booked_on, pending_on

_AT_ONCE = 32  # households: enough to make light of what each step costs by itself, some 25 MB of answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """All that a bank tells of an account on a day.

    :ivar entries: how many entries there are in the list.
    :ivar quoted: the body of that answer as a text within JSON, as raw answers have it: it is made as such, since to
        escape each of its quotes in the end takes longer.
    """

    account_id: UUID
    statement: Statement
    entries: int
    quoted: bytes

    @property
    def transactions(self) -> bytes:
        """The body of that answer."""
        body: str = orjson.loads(self.quoted)
        return body.encode()


def answers(books: Books, bank: Institution, numbers: Iterable[int], *, first: date, at: datetime) -> Iterator[Answers]:
    """Make the answers about the accounts of some households at a bank, household after household.

    Each comes byte for byte as the API would give it; in memory is a handful of households.

    :param numbers: of the households; a bank written by hand has one household only, whatever the number.
    :param first: the day from which on entries are wanted.
    :param at: when the banks are asked, UTC.
    """
    today = at.date()
    without = to_json({"transactions": {"booked": [], "pending": []}, "last_updated": timestamp(at)})
    opening, between, closing = orjson.dumps(without.decode()).split(b"]")
    for some in batched(numbers, _AT_ONCE):
        ledger = books.together(bank.key, some)
        statements = [
            Statement(account=account, ledger=ledger, bank=bank, befallen=BankAccount(), today=today)
            for number in some
            for account in books.accounts(bank.key, user=str(number))
        ]
        booked = _by_place(booked_on(statements, first, today, undated=True, is_quoted=True))
        pending = _by_place(pending_on(statements, is_quoted=True))
        for statement in statements:
            place = ledger.place(statement.account)
            told, waiting = booked.get(place, _NONE), pending.get(place, _NONE)
            yield Answers(
                account_id=books.account_id(statement.account),
                statement=statement,
                entries=len(told) + len(waiting),
                quoted=b"".join([opening, _list(told), b"]", between, _list(waiting), b"]", closing]),
            )


_NONE = pl.Series(dtype=pl.String)


def _by_place(objects: pl.DataFrame) -> dict[int, pl.Series]:
    """Return the JSON objects at each place that has any; those of a place come in a row."""
    end = 0
    found: dict[int, pl.Series] = {}
    for count, place in objects["place"].rle().struct.unnest().iter_rows():
        found[place] = objects["json"].slice(end, count)
        end += count
    return found


def _list(objects: pl.Series) -> memoryview:
    """Return JSON objects, each with its comma, as a list of them: Arrow puts them next to each other."""
    return memoryview(objects.to_arrow(compat_level=pl.CompatLevel.oldest()).buffers()[-1])[:-1]
