"""In which locale each account's amounts are written: the owner's, else that of the account's country.

An account is where its IBAN is from, else where its institution is, else where its currency is from. Amounts of several
accounts together are written as those of most of them are.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from farthing.explore.money import locale_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Locales:
    """The locale of each account.

    :ivar of: by account key.
    :ivar currencies: of each account, by its key.
    :ivar chosen: the owner's for all of them; null where the owner has chosen none.
    """

    of: Mapping[str, str] = field(default_factory=dict)
    currencies: Mapping[str, str] = field(default_factory=dict)
    chosen: str | None = None

    def for_all(self, currency: str, accounts: Collection[str] = ()) -> str:
        """Name the locale of amounts in a currency that are of several accounts.

        :param accounts: their keys; none for all that have the currency.
        """
        if self.chosen:
            return self.chosen
        keys = accounts or [key for key, own in self.currencies.items() if own == currency]
        counted = Counter(self.of[key] for key in keys if key in self.of)
        if counted:
            return min(counted, key=lambda each: (-counted[each], each))
        return locale_of(currency[:2])  # by which ISO 4217 names the country


def read_locales(accounts: Collection[tuple[str, str | None, str | None]], *, chosen: str | None) -> Locales:
    """Find the locale of each account.

    :param accounts: of each its key, its country and its currency, either of which may be null.
    :param chosen: the owner's for all of them.
    """
    return Locales(
        of={key: chosen or locale_of(country or (currency or "")[:2]) for key, country, currency in accounts},
        currencies={key: currency or "" for key, _, currency in accounts},
        chosen=chosen,
    )
