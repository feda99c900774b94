"""The payloads of GoCardless that Farthing acts on.

Unknown keys are kept, and stay out of ``repr`` with what is private.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr


class ApiModel(BaseModel):
    """Base of every payload: unknown fields kept, values never quoted in errors."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """Leave out the fields nobody has looked at: they may be anyone's data."""
        known = type(self).model_fields
        return ((name, value) for name, value in super().__repr_args__() if name in known)


class TokenAnswer(BaseModel):
    """A new pair, or a new access token alone; lives are in seconds."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    access: SecretStr
    access_expires: int
    refresh: SecretStr | None = None
    refresh_expires: int | None = None


class Tokens(BaseModel):
    """An access token and the refresh token that renews it, with the times (UTC) at which they lapse."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    access: SecretStr
    access_expires_at: AwareDatetime
    refresh: SecretStr
    refresh_expires_at: AwareDatetime

    def renewed(self, answer: TokenAnswer, at: datetime) -> Self:
        """Put a new access token in the old one's place; the refresh token stays, for none is sent with it."""
        return self.model_copy(
            update={
                "access": answer.access,
                "access_expires_at": at + timedelta(seconds=answer.access_expires),
            }
        )


class Institution(ApiModel):
    """A bank. Its numbers come as text; the features are sure only where one bank was asked for."""

    id: str
    name: str
    bic: str | None = None
    countries: tuple[str, ...] = ()
    logo: str | None = None
    transaction_total_days: int = 90
    max_access_valid_for_days: int | None = None
    supported_features: tuple[str, ...] | None = None


class Agreement(ApiModel):
    """What an account holder allows: scopes, days of history, days of access. ``accepted`` is null until then."""

    id: str
    institution_id: str
    created: datetime | None = None
    max_historical_days: int | None = None
    access_valid_for_days: int | None = None
    access_scope: tuple[str, ...] = ()
    accepted: datetime | None = None


class Requisition(ApiModel):
    """One attempt to link accounts; ``status`` is a code such as ``LN``, and codes nobody documents occur."""

    id: str
    status: str
    institution_id: str | None = None
    created: datetime | None = None
    agreement: str | None = None
    reference: str | None = None
    redirect: str | None = None
    link: str | None = Field(default=None, repr=False)  # whoever has it can answer for the account holder
    accounts: tuple[str, ...] = ()


class Account(ApiModel):
    """An account's metadata; the bank is not asked for it."""

    id: str
    status: str | None = None
    institution_id: str | None = None
    created: datetime | None = None
    last_accessed: datetime | None = None
    iban: str | None = Field(default=None, repr=False)
    bban: str | None = Field(default=None, repr=False)
    owner_name: str | None = Field(default=None, repr=False)
    name: str | None = Field(default=None, repr=False)
