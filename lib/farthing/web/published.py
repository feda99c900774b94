"""The accounts of the published books."""

from dataclasses import dataclass

from farthing.errors import FarthingError
from farthing.lake.catalogue import open_catalogue
from farthing.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedAccount:
    """An account as the marts name it."""

    name: str
    iban_masked: str | None


def list_accounts(settings: Settings) -> list[PublishedAccount]:
    """List the published accounts by name; none where nothing is published or the lake does not answer."""
    try:
        with open_catalogue(settings) as catalogue:
            rows = catalogue.execute(
                "select account_name, iban_masked from marts.dim_account order by account_name, account_key"
            ).fetchall()
    except FarthingError:
        return []
    return [PublishedAccount(name=name, iban_masked=iban_masked) for name, iban_masked in rows]
