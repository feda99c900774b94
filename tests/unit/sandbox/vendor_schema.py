"""The vendor's own schema, mended in each place where the live API, and so the bank, departs from it."""

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import schemathesis
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.unit.sandbox.refusing import CASES, Sending
from tests.unit.sandbox.world import HARBOUR

SCHEMA_FILE = Path(__file__).parents[3].parent / "shared" / "gocardless" / "openapi.json"
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}}
_TEXT = {"type": "string"}
KILUPANK, MELITZANA = "KILUPANK_KILUEEZZ", "MELITZANA_MELIGRZZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A place where the schema is not what clients meet, who saw that, and how the schema would have to read.

    :ivar shown: an answer that departs so.
    :ivar habit: the number of the habit of banks that it is, None where every bank does it.
    """

    what: str
    source: str
    mend: Callable[[dict[str, Any]], object]
    shown: Sending
    habit: int | None = None


def _model(schema: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = schema["components"]["schemas"][name]
    return found


def _nullable(model: str, *names: str) -> Callable[[dict[str, Any]], object]:
    def mend(schema: dict[str, Any]) -> None:
        for name in names:
            _model(schema, model)["properties"][name]["nullable"] = True

    return mend


def _also(model: str, other: dict[str, Any], *names: str) -> Callable[[dict[str, Any]], object]:
    def mend(schema: dict[str, Any]) -> None:
        properties = _model(schema, model)["properties"]
        for name in names:
            properties[name] = {"anyOf": [properties[name], other]}

    return mend


def _status(status: str, *operations: str) -> Callable[[dict[str, Any]], object]:
    def mend(schema: dict[str, Any]) -> None:
        for operation in operations:
            method, path = operation.split()
            answers = schema["paths"][f"/api/v2/{path}"][method.lower()]["responses"]
            answers.setdefault(status, {"description": "", "content": ERROR})

    return mend


def _field_errors(schema: dict[str, Any]) -> None:
    _model(schema, "ErrorResponse")["required"] = []


def _situation(what: str, *, section: str) -> Sending:
    return next(case.send for case in CASES if (case.section, case.what) == (section, what))


def _data(bank: str, scope: str, at: int = 0) -> Sending:
    return lambda world: world.get(f"accounts/{world.api.connect(bank)['accounts'][at]}/{scope}")


WITH_BODY = (
    "POST token/new/", "POST token/refresh/", "POST requisitions/", "POST agreements/enduser/",
    "PUT agreements/enduser/{id}/accept/", "POST agreements/enduser/{id}/reconfirm/",
)  # fmt: skip
CONSENTS = ("POST requisitions/", "POST agreements/enduser/")
DEPARTURES = [
    Departure(
        what="iban, bban and last_accessed are null where there is none",
        source="answers of the live sandbox bank; OCA/bank-statement-import#1004",
        mend=_nullable("Account", "iban", "bban", "last_accessed"),
        shown=_data(HARBOUR, ""),
    ),
    Departure(
        what="ssn is null when it was not given",
        source="answers of the live sandbox bank",
        mend=lambda schema: [_nullable(name, "ssn")(schema) for name in ("Requisition", "SpectacularRequisition")],
        shown=lambda world: world.require(),
    ),
    Departure(
        what="field errors have the field's name in place of summary and detail, an account's state has neither",
        source="the schema's own examples; RobinTTY/NordigenApiClient, live tests",
        mend=_field_errors,
        shown=_situation("no such bank", section="4"),
    ),
    Departure(
        what="a body without a field that is needed is refused, for tokens too",
        source="actualbudget/actual, gocardless-service.ts",
        mend=_status("400", *WITH_BODY),
        shown=_situation("no secrets", section="2"),
    ),
    Departure(
        what="lists refuse unknown fields and limits that are no numbers",
        source="the schema, for requisitions; the same for agreements is this bank's choice",
        mend=_status("400", "GET agreements/enduser/", "GET requisitions/"),
        shown=lambda world: world.get("agreements/enduser/?limit=x"),
    ),
    Departure(
        what="an account id that is no UUID is refused by the metadata as by the data",
        source="RobinTTY/NordigenApiClient, live tests",
        mend=_status("400", "GET accounts/{id}/"),
        shown=_situation("no UUID", section="6"),
    ),
    Departure(
        what="a bank under maintenance takes no consents",
        source="docs.gocardless.com, statuses and error codes",
        mend=_status("503", *CONSENTS),
        shown=_situation("maintenance", section="5"),
    ),
    Departure(
        what="a body of another media type than JSON or a form is refused",
        source="this bank's choice, after Django REST framework",
        mend=_status("415", *WITH_BODY),
        shown=lambda world: world.api.http.post(
            "/api/v2/requisitions/", content=b"<x/>", headers={"Content-Type": "application/xml"}
        ),
    ),
    Departure(
        what="a method that a path does not serve is refused",
        source="this bank's choice, after Django REST framework",
        mend=lambda schema: schema["paths"]["/api/v2/requisitions/"].update(
            put={"responses": {"405": {"description": "", "content": ERROR}}}
        ),
        shown=_situation("a method that is not served", section="1"),
    ),
    Departure(
        what="summary and detail are lists, where a test wants it",
        source="RobinTTY/NordigenApiClient, JSON converters",
        mend=_also("ErrorResponse", {"type": "array", "items": _TEXT}, "summary", "detail"),
        shown=_situation("lists as summary and detail", section="8"),
    ),
    Departure(
        what="currencyExchange is an object",
        source="RobinTTY/NordigenApiClient, serialisation tests",
        mend=_also(
            "TransactionSchema", {"$ref": "#/components/schemas/CurrencyExchangeSchema"}, "currencyExchange"
        ),
        shown=_data(KILUPANK, "transactions/"),
        habit=26,
    ),
    Departure(
        what="accounts of the other side are plain text",
        source="actualbudget/actual, types of its adapters",
        mend=_also("TransactionSchema", _TEXT, "creditorAccount", "debtorAccount"),
        shown=_data(MELITZANA, "transactions/", at=1),
        habit=51,
    ),
    Departure(
        what="the balance after an entry is a bare value",
        source="firefly-iii/data-importer, Model/Transaction.php",
        mend=_also("TransactionSchema", _TEXT, "balanceAfterTransaction"),
        shown=_data(MELITZANA, "transactions/"),
        habit=51,
    ),
]  # fmt: skip


@cache
def mended(*, habits: frozenset[int] = frozenset(), without: str = "") -> Any:
    """Read the schema, mended for every bank and for the habits of one.

    :param without: what the departure says that is left as the vendor has it.
    """
    raw = json.loads(SCHEMA_FILE.read_text())
    for departure in DEPARTURES:
        if departure.what != without and (departure.habit is None or departure.habit in habits):
            departure.mend(raw)
    return schemathesis.openapi.from_dict(raw)


def check(response: httpx.Response, *, habits: Collection[int] = (), without: str = "") -> None:
    """Hold an answer against the schema.

    :raises FailureGroup: if the answer is another; LookupError if the schema has no such call.
    """
    schema = mended(habits=frozenset(habits), without=without)
    sent = response.request
    for path in schema:
        if found := re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path), sent.url.path):
            case = schema[path][sent.method].Case(path_parameters=found.groupdict())
            case.validate_response(response, checks=CHECKS)
            return
    raise LookupError(f"The schema has no {sent.method} {sent.url.path}.")
