"""The bodies that the API takes."""

from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from farthing.sandbox.state import SCOPES


def _web_address(text: str) -> str:
    address = urlsplit(text)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ValueError("Enter a valid URL.")
    return text


class Body(BaseModel):
    """Base of every body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Secrets(Body):
    """For a pair of tokens."""

    secret_id: str
    secret_key: str


class Refresh(Body):
    """For another access token."""

    refresh: str


class NewAgreement(Body):
    """For an agreement; the defaults are the API's own."""

    institution_id: str
    max_historical_days: int = 90
    access_valid_for_days: int = 90
    access_scope: list[str] = list(SCOPES)


class NewRequisition(Body):
    """For a requisition; no bank here lets accounts be selected."""

    institution_id: str
    redirect: Annotated[str, Field(max_length=1024), AfterValidator(_web_address)]
    agreement: UUID | None = None
    reference: Annotated[str, Field(max_length=256)] | None = None
    user_language: Annotated[str, Field(max_length=5)] | None = None
