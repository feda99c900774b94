"""The accounts of the published books, and the names that their owner gives them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from farthing.assembly import PROVIDER
from farthing.errors import FarthingError
from farthing.lake.catalogue import open_catalogue
from farthing.lake.reference import name_account, read_names
from farthing.lake.store import open_store
from farthing.settings import Settings


class UnknownAccountError(FarthingError):
    """There is no such account among the published ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedAccount:
    """An account as the marts name it.

    :ivar account_ids: the provider's ids of its links, the newest first.
    :ivar given_name: the owner's name for it, which the marts may not have yet; empty if there is none.
    """

    account_ids: tuple[str, ...]
    name: str
    given_name: str
    iban_masked: str | None


def list_accounts(settings: Settings) -> list[PublishedAccount]:
    """List the published accounts by name; none where nothing is published or the lake does not answer."""
    try:
        with open_catalogue(settings) as catalogue:
            rows = catalogue.execute(
                "select account_ids, account_name, iban_masked from marts.dim_account"
                " order by account_name, account_key"
            ).fetchall()
        given = read_names(open_store(settings))
    except FarthingError:
        return []
    return [
        PublishedAccount(
            account_ids=tuple(account_ids),
            name=name,
            given_name=next((given[each] for each in account_ids if each in given), ""),
            iban_masked=iban_masked,
        )
        for account_ids, name, iban_masked in rows
    ]


def rename(settings: Settings, *, account_id: str, name: str, now: datetime) -> None:
    """Keep the owner's name of a published account, for the next build to show.

    :param account_id: any of the provider's ids of its links.
    :param name: an empty one brings the bank's back.
    :raises UnknownAccountError: if no published account has that id.
    :raises BadAccountNameError: if the name does not fit.
    """
    links = next((each.account_ids for each in list_accounts(settings) if account_id in each.account_ids), None)
    if links is None:
        raise UnknownAccountError("There is no such account: the accounts' page lists those there are.")
    name_links(settings, dict.fromkeys(links, name), now=now)  # all of them, so that no older one says otherwise


def name_links(settings: Settings, names: Mapping[str, str], *, now: datetime) -> None:
    """Keep the owner's names by account id, of accounts that need not be published yet.

    :raises BadAccountNameError: if a name does not fit; those before it are kept.
    """
    store = open_store(settings)
    for account_id, name in names.items():
        name_account(store, provider=PROVIDER, account_id=account_id, name=name, named_at=now)
