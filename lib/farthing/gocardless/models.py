"""The payloads of consents and accounts, and the base of all payloads.

Unknown keys are kept, and stay out of ``repr`` with what is private. A null where the schema says text, which
GoCardless sends often, is as if the key were absent.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, TypedDict

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


class ApiModel(BaseModel):
    """Base of every payload: unknown fields kept, values never quoted in errors."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or None not in data.values():
            return data
        known = {field.alias or name for name, field in cls.model_fields.items()}
        return {key: value for key, value in data.items() if value is not None or key not in known}

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """Leave out the fields nobody has looked at: they may be anyone's data."""
        known = type(self).model_fields
        return ((name, value) for name, value in super().__repr_args__() if name in known)


class Listed(ApiModel):
    """Base of what is listed in pages."""

    id: str


class Page[T: Listed](ApiModel):
    """Some of a list, and how many there are in all; ``next`` is an address that is not followed, only noticed."""

    count: int
    next: str | None = Field(default=None, repr=False)
    results: tuple[T, ...]


class Institution(ApiModel):
    """A bank. Its numbers come as text; the features are sure only where one bank was asked for."""

    id: str
    name: str
    bic: str | None = None
    countries: tuple[str, ...] = ()
    logo: str | None = None
    transaction_total_days: int = 90
    max_access_valid_for_days: int | None = None
    max_access_valid_for_days_reconfirmation: int | None = None
    supported_features: tuple[str, ...] | None = None


class InstitutionFilters(TypedDict, total=False):
    """What a bank must or must not support."""

    access_scopes_supported: bool
    account_selection_supported: bool
    business_accounts_supported: bool
    card_accounts_supported: bool
    corporate_accounts_supported: bool
    pending_transactions_supported: bool
    private_accounts_supported: bool
    read_debtor_account_supported: bool
    read_refund_account_supported: bool
    separate_continuous_history_consent_supported: bool
    ssn_verification_supported: bool


class Agreement(Listed):
    """What an account holder allows: scopes, days of history, days of access. ``accepted`` is null until then."""

    institution_id: str
    created: datetime | None = None
    max_historical_days: int | None = None
    access_valid_for_days: int | None = None
    access_scope: tuple[str, ...] = ()
    accepted: datetime | None = None
    reconfirmation: bool = False


_Moment = Annotated[datetime | None, BeforeValidator(lambda value: value or None)]  # "" is "not yet"


class AccountReconfirmation(ApiModel):
    """When the holder confirmed or rejected that one account may be read on; null until then."""

    reconfirmed: _Moment = None
    rejected: _Moment = None


class Reconfirmation(ApiModel):
    """A request to the holder to go on with an agreement (United Kingdom), and what came of it for each account."""

    reconfirmation_url: str | None = Field(default=None, repr=False)  # as good as the holder's word
    created: datetime | None = None
    url_valid_from: datetime | None = None
    url_valid_to: datetime | None = None
    redirect: str | None = Field(default=None, repr=False)
    last_accessed: datetime | None = None
    last_submitted: datetime | None = None
    accounts: Mapping[str, AccountReconfirmation] = Field(default_factory=dict)


class Requisition(Listed):
    """One attempt to link accounts; ``status`` is a code such as ``LN``, and codes nobody documents occur."""

    status: str
    institution_id: str | None = None
    created: datetime | None = None
    agreement: str | None = None
    reference: str | None = Field(default=None, repr=False)  # lets a bank's callback in
    redirect: str | None = Field(default=None, repr=False)
    link: str | None = Field(default=None, repr=False)  # whoever has it can answer for the account holder
    ssn: str | None = Field(default=None, repr=False)
    user_language: str | None = None
    account_selection: bool = False
    redirect_immediate: bool = False
    accounts: tuple[str, ...] = ()


class RequisitionOptions(TypedDict, total=False):
    """What a requisition may say beyond the need."""

    user_language: str  # two letters; the browser's if left out
    ssn: str  # only where the bank verifies it
    account_selection: bool  # the holder chooses accounts; only where the bank supports it
    redirect_immediate: bool  # the holder comes back before the accounts are ready


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
