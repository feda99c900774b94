"""What every action is."""

from abc import ABC, abstractmethod

from pydantic import BaseModel, ConfigDict

from farthing.errors import FarthingError
from farthing.sandbox.bank import Bank


class NothingToActOnError(FarthingError):
    """The action names something that is not there: name something else, or do it later."""


def key_of_institution(bank: Bank, institution_id: str) -> str:
    """Return the key of a bank by its id of today or by its first.

    :raises NothingToActOnError: if there is none.
    """
    for each in bank.directory.banks():
        if institution_id in (each.institution_id, each.key):
            return each.key
    raise NothingToActOnError("There is no such institution.")


class Action(BaseModel, ABC):
    """Base of every action."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    action: str

    @abstractmethod
    def apply(self, bank: Bank) -> None:
        """Make it happen.

        :raises NothingToActOnError: if what it names is not there.
        """
