"""The banks of the sandbox, each with its habits: the quirks that clients meet at real banks, by number."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

FEATURES = (
    "access_scopes",
    "account_selection",
    "business_accounts",
    "card_accounts",
    "corporate_accounts",
    "pending_transactions",
    "private_accounts",
    "read_debtor_account",
    "read_refund_account",
    "separate_continuous_history_consent",
    "ssn_verification",
)
_USUAL = ("pending_transactions", "private_accounts")


class Dialect(StrEnum):
    """How a bank words its entries and which balances it gives."""

    SLIPS = "slips"  # card payments as bare slip text; closing balances
    NAMES = "names"  # names everywhere; a balance after each entry; intraday balances
    PLAIN = "plain"  # as the standard means it: names, texts and both dates; closing and intraday balances
    SANDBOX = "sandbox"  # as GoCardless's own sandbox bank


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    """A bank as the list of institutions shows it, and its habits.

    :ivar quirks: numbers of :data:`farthing.sandbox.quirks.QUIRKS`.
    :ivar scopes_together: scopes of which an agreement must have all or none.
    :ivar only_balance: the type of the one that it gives, of those whose habit it is to give only one.
    :ivar has_internal_ids: whether its booked entries have the internalTransactionId that GoCardless makes up.
    :ivar has_single_consent: whether a consent ends those that the account holder gave before.
    :ivar is_thorough: whether it fills in every field that the API knows.
    :ivar reconfirmable_days: the longest access where a consent can be confirmed half-way, None where it cannot.
    :ivar successor: the day from which the bank has another id and name.
    :ivar formerly: the id before that day.
    """

    institution_id: str
    name: str
    bic: str
    countries: tuple[str, ...]
    dialect: Dialect = Dialect.PLAIN
    quirks: frozenset[int] = frozenset()
    features: tuple[str, ...] = _USUAL
    transaction_total_days: int = 730
    max_access_valid_for_days: int = 180
    scopes_together: tuple[str, ...] = ()
    only_balance: str = "interimBooked"
    has_internal_ids: bool = True
    has_single_consent: bool = False
    is_thorough: bool = False
    reconfirmable_days: int | None = None
    successor: tuple[date, str, str] | None = None
    formerly: str | None = None

    @property
    def key(self) -> str:
        """The id under which its accounts are kept, whatever it is called today."""
        return self.formerly or self.institution_id

    def on(self, day: date) -> "Institution":
        """Return the bank as it is called on a day."""
        if self.successor is None or day < self.successor[0]:
            return self
        _, institution_id, name = self.successor
        return replace(self, institution_id=institution_id, name=name, formerly=self.institution_id, successor=None)

    def document(self) -> dict[str, object]:
        """Return the bank as the API gives it: numbers as text."""
        reconfirmable = [] if self.reconfirmable_days is None else ["reconfirmation_of_consent"]
        document: dict[str, object] = {
            "id": self.institution_id,
            "name": self.name,
            "bic": self.bic,
            "transaction_total_days": str(self.transaction_total_days),
            "countries": list(self.countries),
            "logo": f"https://cdn-logos.gocardless.com/ais/{self.institution_id}.png",
            "max_access_valid_for_days": str(self.max_access_valid_for_days),
            "supported_features": sorted([*self.features, *reconfirmable]),
            "identification_codes": [],
        }
        if self.reconfirmable_days is not None:
            document["max_access_valid_for_days_reconfirmation"] = str(self.reconfirmable_days)
        if self.dialect is Dialect.SANDBOX:
            document["supported_payments"] = {}
        return document


def _bank(institution_id: str, name: str, country: str, *quirks: int, **traits: object) -> Institution:
    bic = institution_id.rpartition("_")[2]
    known = {"institution_id": institution_id, "name": name, "bic": bic, "countries": (country,)}
    return Institution(**known, quirks=frozenset(quirks), **traits)  # type: ignore[arg-type]  # checked by a test


NORDLICHT = _bank(
    "NORDLICHT_NOLIDEZZ",
    "Nordlicht Bank",
    "DE",
    *(8, 9, 10),
    dialect=Dialect.SLIPS,
    features=("card_accounts", *_USUAL),
)
HARBOUR = _bank(
    "HARBOUR_HBRSIEZZ",
    "Harbour Bank",
    "IE",
    *(9, 10, 23, 30),
    dialect=Dialect.NAMES,
    features=("account_selection", "card_accounts", *_USUAL),
)
SANDBOX_FINANCE = Institution(
    institution_id="SANDBOXFINANCE_SFIN0000",
    name="Sandbox Finance",
    bic="SFIN0000",
    countries=("XX",),  # as at GoCardless: in no country's list, only by its id
    dialect=Dialect.SANDBOX,
    quirks=frozenset({9, 10}),
    features=(),
    transaction_total_days=90,
)
_CARDS = ("card_accounts", *_USUAL)
_CHOICE = ("account_selection", *_CARDS)
_SEPARATE = ("separate_continuous_history_consent", *_USUAL)
BANKS = (
    NORDLICHT,
    HARBOUR,
    SANDBOX_FINANCE,
    _bank("SPARSTRUMPF_SPASDEZZ", "Sparkasse Sparstrumpf", "DE", 9, 14, 29, 39, 44),
    _bank("WABENBANK_WABEDEZZ", "Wabenbank", "DE", 9, 28, 31, 35, 36, 55, features=_CHOICE, has_single_consent=True),
    _bank("PLASTIKGELD_PLASDEZZ", "Plastikgeld Card Service", "DE", 9, 28, 48, features=_CARDS),
    _bank("MURMELTIER_MURMATZZ", "Murmeltier Bank", "AT", 9, 40, 50, is_thorough=True),
    _bank(
        *("OTTERMERE_OTTEGBZZ", "Ottermere Building Society", "GB", 3, 6, 9, 12, 22, 27),
        features=_CHOICE,
        max_access_valid_for_days=90,
        reconfirmable_days=180,
    ),
    _bank("KLOMPEN_KLOMNLZZ", "Klompenbank", "NL", 9, 19, 30, 33, 37),
    _bank("FJORDKATT_FJKANOZZ", "Fjordkatt Sparebank", "NO", 5, 9, 15, 16, 18, features=("ssn_verification", *_USUAL)),
    _bank("SMULTRONKORT_SMULSEZZ", "Smultron Kort", "SE", 9, 16, 24, 25, 28, features=_CARDS),
    _bank(
        *("KLAPHAT_KLAPDKZZ", "Klaphat Bank", "DK", 9, 11, 18, 29, 41, 45),
        only_balance="interimAvailable",
        has_internal_ids=False,
    ),
    _bank(
        *("PIEROGI_PIERPLZZ", "Bank Pierogi", "PL", 9, 29, 43, 53),
        features=("access_scopes", *_USUAL),
        scopes_together=("details", "balances"),
    ),
    _bank("CROUTON_CROUFRZZ", "Banque du Croûton", "FR", 1, 9, 21, 38, 47, features=("business_accounts", *_USUAL)),
    _bank("FRIETKOT_FRIEBEZZ", "Frietkot Bank", "BE", 3, 9, 16, 42, 43),
    _bank("GELATERIA_GELAITZZ", "Banca Gelateria", "IT", 7, 8, 9, 19, 20, 46, features=_CHOICE),
    _bank(
        *("SOBREMESA_SOBRESZZ", "Caja Sobremesa", "ES", 9, 31, 34, 45, 52),
        successor=(date(2027, 1, 1), "SIESTA_SIESESZZ", "Banco Siesta (antes Caja Sobremesa)"),
    ),
    _bank("KILUPANK_KILUEEZZ", "Kilupank", "EE", 9, 17, 26, 32, features=_SEPARATE),
    _bank("BURSUC_BURSROZZ", "Banca Bursuc", "RO", 4, 9, 48, 49),
    _bank("MELITZANA_MELIGRZZ", "Trapeza Melitzana", "GR", 9, 13, 29, 51),
    _bank("PAYFERRET_PAYFLUZZ", "Payferret", "LU", 2, 9, 10, 51, 54, transaction_total_days=365),
)

# fmt: off
COUNTRIES = frozenset({
    "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IS", "IE", "IT",
    "LV", "LI", "LT", "LU", "MT", "NL", "NO", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "GB",
})
# fmt: on
