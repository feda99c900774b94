"""Reads a good answer into the shape it should have, and says what to do where it has not."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import httpx
from pydantic import TypeAdapter, ValidationError

from farthing.gocardless.errors import TransientError, UnexpectedResponseError


def read_answer[T](response: httpx.Response, shape: TypeAdapter[T]) -> T:
    """Read a success.

    :raises TransientError: if it is no JSON: cut on its way, or the page of a proxy.
    :raises UnexpectedResponseError: if it is JSON of another shape; no value of it is quoted.
    """
    call, status = f"{response.request.method} {response.request.url.path}", response.status_code
    try:
        document = json.loads(response.content, parse_float=_exact, parse_constant=_refuse)
    except RecursionError:
        raise UnexpectedResponseError(f"{call}: the answer is nested too deeply.", status=status) from None
    except ValueError:
        message = f"{call}: the answer is cut, or is not GoCardless's own: try again later."
        raise TransientError(message, status=status) from None
    try:
        return shape.validate_python(document)
    except ValidationError as exc:
        message = f"{call}: the answer has {exc.error_count()} bad fields."
        raise UnexpectedResponseError(message, status=status) from None


def _exact(number: str) -> Decimal | str:
    """Keep every digit of a number, and the text of one that no Decimal holds."""
    try:
        return Decimal(number)
    except InvalidOperation:
        return number


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
