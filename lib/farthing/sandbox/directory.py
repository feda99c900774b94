"""The list of institutions as it stands today."""

from collections.abc import Callable, Mapping
from datetime import datetime

from farthing.sandbox import refusals
from farthing.sandbox.institutions import BANKS, COUNTRIES, FEATURES, Institution
from farthing.sandbox.refusals import fault, field_refusal

FILTERS = {f"{feature}_supported": feature for feature in FEATURES}


class Directory:
    """The banks by the ids they have today."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def banks(self) -> list[Institution]:
        """Return all banks."""
        today = self._clock().date()
        return [bank.on(today) for bank in BANKS]

    def find(self, institution_id: str) -> Institution | None:
        """Return the bank of an id, None if there is none today."""
        return next((bank for bank in self.banks() if bank.institution_id == institution_id), None)

    def once(self, institution_id: str) -> Institution:
        """Return the bank that has or had an id."""
        return next(bank for bank in self.banks() if institution_id in (bank.institution_id, bank.key))

    def of_key(self, key: str) -> Institution:
        """Return the bank that keeps its accounts under a key."""
        return next(bank for bank in self.banks() if bank.key == key)

    def get(self, institution_id: str) -> Institution:
        """Return the bank of an id.

        :raises Refusal: if there is none.
        """
        bank = self.find(institution_id)
        if bank is None:
            raise refusals.not_found()
        return bank

    def chosen(self, institution_id: str) -> Institution:
        """Return the bank named in a body.

        :raises Refusal: if there is none, about that field.
        """
        bank = self.find(institution_id)
        if bank is None:
            raise field_refusal(institution_id=unknown_institution(institution_id))
        return bank

    def search(self, query: Mapping[str, str]) -> list[Institution]:
        """Return the banks that a query asks for: by country, and by features they have or lack.

        :raises Refusal: if the query is not one that the API knows.
        """
        if unknown := [name for name in query if name != "country" and name not in FILTERS]:
            raise refusals.unknown_fields(unknown, "query")
        banks = self.banks()
        if (country := query.get("country")) is not None:
            if country.upper() not in COUNTRIES:
                raise refusals.refusal(400, "Invalid country choice.", f"{country} is not a valid choice.")
            banks = [bank for bank in banks if country.upper() in bank.countries]
        for name, wanted in query.items():
            if name == "country":
                continue
            if wanted.lower() not in ("true", "false"):
                raise field_refusal(**{name: ["Must be a valid boolean."]})
            banks = [bank for bank in banks if (FILTERS[name] in bank.features) == (wanted.lower() == "true")]
        return banks


def unknown_institution(institution_id: str) -> dict[str, object]:
    """Say of a field that it names no bank of today."""
    detail = "Get Institution IDs from /institutions/?country={$COUNTRY_CODE}"
    return fault(f"Unknown Institution ID {institution_id}", detail)
