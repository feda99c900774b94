"""What can go wrong with the state, apart from Postgres being down."""

from farthing.errors import FarthingError


class VaultKeyError(FarthingError):
    """The key of the vault is missing, malformed or another one: set FARTHING_VAULT_KEY."""


class RequisitionNotFoundError(FarthingError):
    """No requisition is known by that id or reference: begin a new one."""

    def __init__(self) -> None:
        # Neither id nor reference is quoted: the reference is what lets a bank's callback in.
        super().__init__("This consent is not known here: begin a new one with `farthing connect`.")


class SchemaTooNewError(FarthingError):
    """The database was migrated by a newer Farthing: upgrade this one."""
