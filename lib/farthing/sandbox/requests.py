"""The bodies that the API takes, as JSON or as a form."""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from starlette.datastructures import FormData

from farthing.sandbox import refusals
from farthing.sandbox.refusals import fault, field_refusal
from farthing.sandbox.state import SCOPES

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_WORDS = {  # of Django REST framework, by the types of pydantic's errors
    "missing": "This field is required.",
    "string_too_short": "This field may not be blank.",
    "string_too_long": "Ensure this field has no more than {max_length} characters.",
    "string_type": "Not a valid string.",
    "int_type": "A valid integer is required.",
    "int_parsing": "A valid integer is required.",
    "int_parsing_size": "A valid integer is required.",
    "int_from_float": "A valid integer is required.",
    "bool_type": "Must be a valid boolean.",
    "bool_parsing": "Must be a valid boolean.",
    "list_type": "Expected a list of items.",
}
_PAGE_FORBIDS = ("javascript", "data", "vbscript", "blob", "file")
type Text = Annotated[str, Field(min_length=1)]


class Body(BaseModel):
    """Base of every body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Secrets(Body):
    """For a pair of tokens."""

    secret_id: Text
    secret_key: Text


class Refresh(Body):
    """For another access token."""

    refresh: Text


class NewAgreement(Body):
    """For an agreement; the defaults are the API's own."""

    institution_id: Text
    max_historical_days: int = 90
    access_valid_for_days: int = 90
    access_scope: list[str] = list(SCOPES)
    reconfirmation: bool = False


class Acceptance(Body):
    """For accepting an agreement: who did, on what."""

    user_agent: Text
    ip_address: Text


class NewReconfirmation(Body):
    """For confirming a consent half-way."""

    redirect: Annotated[str, Field(max_length=1024)] | None = None


class NewRequisition(Body):
    """For a requisition."""

    institution_id: Text
    redirect: Annotated[str, Field(max_length=1024)]
    agreement: str | None = None
    reference: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    user_language: Annotated[str, Field(min_length=1, max_length=5)] | None = None
    ssn: Annotated[str, Field(max_length=64)] | None = None
    account_selection: bool = False
    redirect_immediate: bool = False


def body_of[M: Body](model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """Make a dependency that reads a body, and words its faults as the API does."""

    async def read(request: Request) -> M:
        given = await _fields(request)
        try:
            body = model.model_validate(given)
        except ValidationError as error:
            raise _worded(error) from None
        if isinstance(body, NewRequisition | NewReconfirmation) and body.redirect is not None:
            check_redirect(body.redirect)
        return body

    return read


def check_redirect(text: str) -> None:
    """Accept an address to come back to: any scheme, but none that a browser would run.

    :raises Refusal: if it is no address.
    """
    try:
        address = urlsplit(text)
        is_address = bool(address.scheme and (address.netloc or address.path.strip("/")))
    except ValueError:
        is_address = False
    if not text:
        detail = "Where an end user will be redirected after finishing authentication in the Institution"
        raise field_refusal(redirect=[fault("Redirect URL is required", detail)])
    if not is_address or address.scheme.lower() in _PAGE_FORBIDS or any(mark in text for mark in '\\"<> \r\n\t'):
        detail = "Redirect URI must have a valid URI structure"
        raise field_refusal(redirect=[fault("Invalid redirect URI", detail)])


async def _fields(request: Request) -> object:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _FORMS:
        async with request.form() as form:
            return _plain(form)
    if kind and kind != "application/json":
        raise refusals.refusal(415, "Unsupported Media Type", f'Unsupported media type "{kind}" in request.')
    raw = await request.body()
    try:
        given = json.loads(raw) if raw else {}
    except ValueError:
        raise refusals.refusal(400, "Parse error", "JSON parse error") from None
    if not isinstance(given, dict):
        raise field_refusal(non_field_errors=["Invalid data. Expected a dictionary."])
    return given


def _plain(form: FormData) -> dict[str, object]:
    return {
        name: form.getlist(name) if name == "access_scope" else form.get(name)
        for name in dict.fromkeys(form.keys())  # a key for each of a repeated field's values
    }


def _worded(error: ValidationError) -> refusals.Refusal:
    """Word faults as the API does: unknown fields on their own, else a list of texts for each field."""
    faults: dict[str, list[str]] = {}
    unknown: list[str] = []
    for each in error.errors():
        name = str(each["loc"][0])
        if each["type"] == "extra_forbidden":
            unknown.append(name)
        else:
            faults.setdefault(name, []).append(_in_words(each))
    return refusals.unknown_fields(unknown, "body") if unknown else field_refusal(**faults)


def _in_words(fault: ErrorDetails) -> str:
    if fault["type"] != "missing" and fault["input"] is None:
        return "This field may not be null."
    known = _WORDS.get(fault["type"])
    return known.format(**fault.get("ctx", {})) if known else fault["msg"]
