"""The banks of the sandbox, and the dialect in which each tells the same things."""

from dataclasses import dataclass
from enum import StrEnum


class Dialect(StrEnum):
    """How a bank words its entries and which balances it gives."""

    SLIPS = "slips"  # card payments as bare slip text; closing balances
    NAMES = "names"  # names everywhere; a balance after each entry; intraday balances


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    """A bank as the list of institutions shows it."""

    institution_id: str
    name: str
    bic: str
    countries: tuple[str, ...]
    dialect: Dialect
    transaction_total_days: int = 730
    max_access_valid_for_days: int = 180

    def document(self) -> dict[str, object]:
        """Return the bank as the API gives it: numbers as text."""
        return {
            "id": self.institution_id,
            "name": self.name,
            "bic": self.bic,
            "transaction_total_days": str(self.transaction_total_days),
            "countries": list(self.countries),
            "logo": f"https://cdn-logos.gocardless.com/ais/{self.institution_id}.png",
            "max_access_valid_for_days": str(self.max_access_valid_for_days),
            "supported_features": ["card_accounts", "pending_transactions", "private_accounts"],
            "identification_codes": [],
        }


NORDLICHT = Institution(
    institution_id="NORDLICHT_NOLIDEZZ",
    name="Nordlicht Bank",
    bic="NOLIDEZZ",
    countries=("DE",),
    dialect=Dialect.SLIPS,
)
HARBOUR = Institution(
    institution_id="HARBOUR_HBRSIEZZ",
    name="Harbour Bank",
    bic="HBRSIEZZ",
    countries=("IE",),
    dialect=Dialect.NAMES,
)
SANDBOX_FINANCE = Institution(
    institution_id="SANDBOXFINANCE_SFIN0000",
    name="Sandbox Finance",
    bic="SFIN0000",
    countries=("XX",),  # as at GoCardless: in no country's list, only by its id
    dialect=Dialect.NAMES,
)
INSTITUTIONS = {bank.institution_id: bank for bank in (NORDLICHT, HARBOUR, SANDBOX_FINANCE)}

# fmt: off
COUNTRIES = frozenset({
    "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IS", "IE", "IT",
    "LV", "LI", "LT", "LU", "MT", "NL", "NO", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "GB",
})
# fmt: on
