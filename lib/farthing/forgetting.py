"""Letting go of a bank or an account for good: consents, answers, and every build that shows them."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from farthing import summary
from farthing.assembly import PROVIDER, sessions, source_of
from farthing.explore.books import forget_copies
from farthing.lake import layout
from farthing.lake.catalogue import NothingPublishedError, open_catalogue
from farthing.lake.forget import Forgotten, forget, purge_builds
from farthing.lake.store import open_store
from farthing.settings import Settings
from farthing.state.models import Requisition, RequisitionStatus
from farthing.state.operations import delete_accounts, delete_requisitions
from farthing.state.queries import requisitions
from farthing.subjects import UnknownSubjectError
from farthing.sync.pull import outbox_of, waiting
from farthing.writing import sole_writer


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenAll:
    """How much was removed: accounts (by every id they were linked under), consents, objects, builds."""

    account_ids: int
    consents: int
    lake: Forgotten
    build_objects: int


def account_ids_of_one(settings: Settings, named: str) -> set[str]:
    """Find every id under which one account was linked, by its name, its key, or how one of its ids begins.

    :raises UnknownSubjectError: if there is no such account, or are several.
    """
    try:
        rows = summary.ask(settings, "select account_key, account_name, account_ids from marts.dim_account")
    except NothingPublishedError:
        rows = []
    known = [({key, name.casefold()}, set(ids)) for key, name, ids in rows]
    published = set[str]().union(*(ids for _, ids in known))
    with sessions(settings) as new_session, new_session() as session:
        linked = {account_id for each in _ours(session, settings) for account_id in each.account_ids}
    known += [(set(), {account_id}) for account_id in sorted(linked - published)]
    found = [
        ids
        for names, ids in known
        if named and (not names.isdisjoint({named, named.casefold()}) or any(each.startswith(named) for each in ids))
    ]
    if not found:
        raise UnknownSubjectError("There is no such account that a bank tells of: `farthing status` lists those.")
    if len(found) > 1:
        raise UnknownSubjectError("Several accounts are called so: write more of the id that `farthing status` shows.")
    return found[0]


def consents_of_none_else(settings: Settings, account_ids: Collection[str]) -> list[UUID]:
    """List the living consents that open these accounts alone, which are to be ended before they are forgotten."""
    with sessions(settings) as new_session, new_session() as session:
        return [
            each.id
            for each in _ours(session, settings)
            if each.status is RequisitionStatus.LINKED and set(each.account_ids) <= set(account_ids)
        ]


def account_ids_of(settings: Settings, institution_id: str) -> set[str]:
    """List every id under which accounts of a bank were linked, by our records and by the published marts."""
    with sessions(settings) as new_session, new_session() as session:
        linked = {
            account_id
            for known in _ours(session, settings)
            if known.institution_id == institution_id
            for account_id in known.account_ids
        }
    try:
        published = summary.ask(settings, "select account_ids from marts.dim_account")
    except NothingPublishedError:
        return linked
    # An account may have been linked under other ids before our records begin.
    return linked.union(*(ids for (ids,) in published if linked.intersection(ids)))


def keys_of(settings: Settings, account_ids: Collection[str]) -> set[str]:
    """List the keys of accounts in the published marts, and those of all rows that belong to them."""
    try:
        with open_catalogue(settings) as catalogue:
            accounts = {
                key
                for key, ids in catalogue.execute("select account_key, account_ids from marts.dim_account").fetchall()
                if not set(account_ids).isdisjoint(ids)
            }
            columns = catalogue.execute(
                "select table_name, list(column_name) from information_schema.columns"
                # Not all that ends in _key: the other side of a transfer is another account's.
                " where table_schema = 'marts' and column_name in ('account_key', 'transaction_key', 'series_key')"
                " group by all"
            ).fetchall()
            found = {
                key
                for mart, names in columns
                if "account_key" in names
                for row in catalogue.execute(
                    f'select {", ".join(names)} from marts."{mart}" where list_contains($1, account_key)',  # noqa: S608 - names out of the catalogue itself
                    [sorted(accounts)],
                ).fetchall()
                for key in row
            }
    except NothingPublishedError:
        return set()
    return {key for key in found | accounts if key is not None}


def forget_bank(settings: Settings, institution_id: str, *, build: Callable[[], str]) -> ForgottenAll:
    """Remove all that is kept of a bank; its consents must be over. Interrupted, it is finished by doing it again.

    :param build: builds and publishes the marts, and returns the build's id.
    :raises LeaseLostError: if another run may be writing to the lake by now; nothing more is removed then.
    """
    account_ids = account_ids_of(settings, institution_id)
    with _forgotten(settings, account_ids, build) as (lake, build_objects, session):
        consents = delete_requisitions(session, provider=source_of(settings), institution_id=institution_id)
    return ForgottenAll(account_ids=len(account_ids), consents=consents, lake=lake, build_objects=build_objects)


def forget_account(settings: Settings, account_ids: Collection[str], *, build: Callable[[], str]) -> ForgottenAll:
    """Remove all that is kept of one account, and read it no more; for the rest see :func:`forget_bank`.

    The consents that open other accounts too go on for those. One that opens this account alone must be over.

    :param account_ids: every id under which it was linked.
    """
    with _forgotten(settings, account_ids, build) as (lake, build_objects, session):
        consents = delete_accounts(session, provider=source_of(settings), account_ids=account_ids)
    return ForgottenAll(account_ids=len(account_ids), consents=consents, lake=lake, build_objects=build_objects)


@contextmanager
def _forgotten(
    settings: Settings, account_ids: Collection[str], build: Callable[[], str]
) -> Iterator[tuple[Forgotten, int, Session]]:
    """Remove what the lake and this machine hold of accounts; the block removes our records of them, in a transaction.

    These are last, because they tell which accounts to look for, and before any other run may go by them.
    """
    keys = keys_of(settings, account_ids)
    store, outbox = open_store(settings), outbox_of(settings)
    with sole_writer(settings, "forget") as held:
        held.check()
        outbox.delete([key for key in waiting(outbox) if layout.account_of(key) in account_ids])
        lake = forget(store, provider=PROVIDER, account_ids=account_ids, keys=keys, check=held.check)
        build_objects = purge_builds(store, build(), check=held.check)
        forget_copies(settings)
        with sessions(settings) as new_session, new_session.begin() as session:
            yield lake, build_objects, session


def _ours(session: Session, settings: Settings) -> list[Requisition]:
    return [each for each in requisitions(session) if each.provider == source_of(settings)]
