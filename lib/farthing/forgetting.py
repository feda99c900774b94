"""Letting go of a bank for good: its consents, its answers, and every build that shows them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from farthing import summary
from farthing.assembly import PROVIDER, sessions, source_of
from farthing.explore.books import forget_copies
from farthing.lake.catalogue import NothingPublishedError, open_catalogue
from farthing.lake.forget import Forgotten, forget, purge_builds
from farthing.lake.store import open_store
from farthing.settings import Settings
from farthing.state.operations import delete_requisitions
from farthing.state.queries import requisitions
from farthing.sync.pull import outbox_of, send
from farthing.writing import sole_writer


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenBank:
    """How much of a bank was removed: accounts (by every id they were linked under), consents, objects, builds."""

    account_ids: int
    consents: int
    lake: Forgotten
    build_objects: int


def account_ids_of(settings: Settings, institution_id: str) -> set[str]:
    """List every id under which accounts of a bank were linked, by our records and by the published marts."""
    with sessions(settings) as new_session, new_session() as session:
        linked = {
            account_id
            for known in requisitions(session)
            if known.provider == source_of(settings) and known.institution_id == institution_id
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


def forget_bank(settings: Settings, institution_id: str, *, build: Callable[[], str]) -> ForgottenBank:
    """Remove all that is kept of a bank; its consents must be over. Interrupted, it is finished by doing it again.

    :param build: builds and publishes the marts, and returns the build's id.
    :raises LeaseLostError: if another run may be writing to the lake by now; nothing more is removed then.
    """
    account_ids = account_ids_of(settings, institution_id)
    keys = keys_of(settings, account_ids)
    store = open_store(settings)
    with sole_writer(settings, "forget") as held:
        send(outbox_of(settings), store)  # what the lake has not taken yet, to be removed with the rest
        removed = forget(store, provider=PROVIDER, account_ids=account_ids, keys=keys, check=held.check)
        build_objects = purge_builds(store, build(), check=held.check)
    forget_copies(settings)
    # Last, because these records tell which accounts to look for.
    with sessions(settings) as new_session, new_session.begin() as session:
        consents = delete_requisitions(session, provider=source_of(settings), institution_id=institution_id)
    return ForgottenBank(account_ids=len(account_ids), consents=consents, lake=removed, build_objects=build_objects)
