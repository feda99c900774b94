"""What the JSON API takes and gives. The names are the API's contract; the rest of Farthing does not use them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from farthing.state.models import Purpose


class _Given(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Terms(_Given):
    """What one consent asks for."""

    history_days: int = Field(description="Days of the past.")
    access_days: int = Field(description="Days from the consent on which the accounts may be read.")
    purpose: Purpose = Field(description="`history`: the past, told once; `ongoing`: what comes, too.")
    reconfirmation: bool = Field(description="Whether the holder has to say half-way that access may go on.")


class Bank(_Given):
    """An institution, and what each of its consents will ask for, in the order in which they are given."""

    id: str
    name: str
    countries: list[str]
    logo: str | None = Field(description="Address of a picture, as GoCardless names it.")
    features: list[str]
    terms: list[Terms]


class NewConsent(BaseModel):
    """Which bank to link."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    institution_id: str = Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.\-]+$")


class Begun(_Given):
    """A consent on its way: whoever opens the link answers for the account holder."""

    reference: str = Field(description="Ask with it how the consent stands.")
    link: str = Field(description="The bank's page, where the account holder goes on.")
    institution_name: str
    terms: Terms


class Progress(_Given):
    """How one attempt to link a bank stands, read from the provider."""

    institution_id: str
    institution_name: str
    status: Literal["linked", "failed", "waiting"]
    account_ids: list[str]
    ready: int = Field(description="Accounts that the bank has delivered.")
    is_ready: bool = Field(description="Whether every account can be synced.")
    needs_second: bool = Field(description="Whether the bank needs another consent, for what comes.")
    problem: str | None


class Consent(_Given):
    """A consent that was given."""

    requisition_id: UUID
    institution_id: str
    institution_name: str
    purpose: Purpose
    is_live: bool
    accounts: int = Field(description="Number of accounts that it opened.")
    linked_at: datetime
    expires_at: datetime | None
    reconfirm_by: datetime | None


class Ended(BaseModel):
    """A consent that was ended; what was synced stays."""

    account_ids: list[str]


class Run(BaseModel):
    """A sync that was asked for."""

    url: str | None = Field(description="Its page in Prefect's UI; null if Prefect does not answer.")


class Edition(BaseModel):
    """The build that people read now."""

    edition: str | None = Field(description="Changes with every build; null if there is none, or the lake is down.")


class Problem(BaseModel):
    """Why a request was not done."""

    error: str = Field(description="A name for programs, such as `UnknownConsent`.")
    detail: str = Field(description="A sentence for people: what happened and what to do.")
