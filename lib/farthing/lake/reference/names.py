"""What the owner calls accounts: keyed by the provider's id of a link, for a name can come before the first build."""

import io
from datetime import UTC, datetime

import polars as pl

from farthing.errors import FarthingError
from farthing.lake import layout
from farthing.lake.reference.faults import Fault
from farthing.lake.reference.texts import is_one_line
from farthing.lake.store import ObjectStore
from farthing.lake.tables import put_table

NAME_LENGTH = 80

COLUMNS = ("provider", "account_id", "name", "named_at")


class BadAccountNameError(FarthingError, ValueError):
    """The name does not fit: ask for another one."""


def name_account(store: ObjectStore, *, provider: str, account_id: str, name: str, named_at: datetime) -> None:
    """Give an account the owner's name, which is read in place of the bank's from the next build on.

    :param account_id: the provider's id of any link to the account; later links of the account bear the name too.
    :param name: blanks at its ends are dropped; an empty one takes the name back that was given.
    :param named_at: the moment of naming, with its time zone; the newest name counts.
    :raises BadAccountNameError: if the name is longer than 80 characters or has control characters.
    """
    row = (provider, account_id, _checked(name), _moment(named_at))
    key = layout.account_name_key(provider=provider, account_id=account_id, named_at=named_at)
    put_table(store, key, _table([row]))


def read_names(store: ObjectStore) -> dict[str, str]:
    """Read the owner's names by account id: the newest of each, without those that were taken back."""
    namings, _ = read_namings(store)
    newest = dict(namings.sort("named_at").select("account_id", "name").iter_rows())
    return {account_id: name for account_id, name in newest.items() if name}


def read_namings(store: ObjectStore) -> tuple[pl.DataFrame, list[Fault]]:
    """Read every naming that there ever was, and what is wrong with objects and rows, which are passed over."""
    rows: list[tuple[str, str, str, str]] = []
    faults: list[Fault] = []
    keys = [key for key in store.keys(layout.ACCOUNT_NAMES) if not layout.is_leftover(key)]
    for key, content in store.get_many(keys).items():
        try:
            table = pl.read_parquet(io.BytesIO(content)).select(COLUMNS).cast(pl.String)
        except pl.exceptions.PolarsError:
            faults.append(_fault(key, None, "the object is no Parquet file of account names"))
            continue
        for number, (provider, account_id, name, named_at) in enumerate(table.iter_rows(), start=1):
            try:
                at = datetime.fromisoformat(named_at or "")
                rows.append((provider, account_id, _checked(name or ""), _moment(at)))
            except BadAccountNameError as exc:
                faults.append(_fault(key, number, f"name: {exc}"))
            except ValueError:
                mistake = "named_at: it should be a moment such as 2026-03-02T08:00:00+00:00"
                faults.append(_fault(key, number, mistake))
    return _table(rows), faults


def _checked(name: str) -> str:
    stripped = name.strip()
    if len(stripped) > NAME_LENGTH or not is_one_line(stripped):
        raise BadAccountNameError(
            f"An account's name is one line of at most {NAME_LENGTH} characters; an empty one brings the bank's back."
        )
    return stripped


def _moment(at: datetime) -> str:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="microseconds")


def _fault(key: str, number: int | None, mistake: str) -> Fault:
    return Fault(table="account_names", object_key=key, row_number=number, mistake=mistake)


def _table(rows: list[tuple[str, str, str, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
