"""Answers against the vendor's own schema, with each place where the live API, and so the bank, departs from it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

SCHEMA_FILE = Path(__file__).parents[3].parent / "shared" / "gocardless" / "openapi.json"
BANKS = ("OTTERMERE_OTTEGBZZ", "NORDLICHT_NOLIDEZZ", "KLOMPEN_KLOMNLZZ")
ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}}

pytestmark = [
    pytest.mark.skipif(not SCHEMA_FILE.exists(), reason="the vendor's schema is not there"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A place where the schema is not what clients meet, who saw that, and how the schema would have to read."""

    what: str
    source: str
    mend: Callable[[dict[str, Any]], object]


def _nullable(model: str, *names: str) -> Callable[[dict[str, Any]], object]:
    def mend(schemas: dict[str, Any]) -> None:
        for name in names:
            schemas["components"]["schemas"][model]["properties"][name]["nullable"] = True

    return mend


def _status(status: str, *operations: str) -> Callable[[dict[str, Any]], object]:
    def mend(schema: dict[str, Any]) -> None:
        for operation in operations:
            method, path = operation.split()
            answers = schema["paths"][f"/api/v2/{path}"][method.lower()]["responses"]
            answers.setdefault(status, {"description": "", "content": ERROR})

    return mend


def _field_errors(schema: dict[str, Any]) -> None:
    schema["components"]["schemas"]["ErrorResponse"]["required"] = ["status_code"]


EVERY_OPERATION = (
    "POST token/new/", "POST token/refresh/", "POST requisitions/", "POST agreements/enduser/",
    "PUT agreements/enduser/{id}/accept/", "POST agreements/enduser/{id}/reconfirm/",
)  # fmt: skip
DEPARTURES = [
    Departure(
        what="iban, bban and last_accessed are null where there is none",
        source="answers of the live sandbox bank; OCA/bank-statement-import#1004",
        mend=_nullable("Account", "iban", "bban", "last_accessed"),
    ),
    Departure(
        what="ssn is null when it was not given",
        source="answers of the live sandbox bank",
        mend=lambda schema: [_nullable(name, "ssn")(schema) for name in ("Requisition", "SpectacularRequisition")],
    ),
    Departure(
        what="field errors have the field's name in place of summary and detail",
        source="the schema's own examples; RobinTTY/NordigenApiClient, live tests",
        mend=_field_errors,
    ),
    Departure(
        what="a body without a field that is needed is refused, for tokens too",
        source="actualbudget/actual, gocardless-service.ts",
        mend=_status("400", *EVERY_OPERATION),
    ),
    Departure(
        what="lists refuse unknown fields and limits that are no numbers",
        source="the schema, for requisitions; the same for agreements is this bank's choice",
        mend=_status("400", "GET agreements/enduser/", "GET requisitions/"),
    ),
    Departure(
        what="an account id that is no UUID is refused by the metadata as by the data",
        source="RobinTTY/NordigenApiClient, live tests",
        mend=_status("400", "GET accounts/{id}/"),
    ),
    Departure(
        what="a body of another media type than JSON or a form is refused",
        source="this bank's choice, after Django REST framework",
        mend=_status("415", *EVERY_OPERATION),
    ),
]


def _mended() -> Any:
    raw = json.loads(SCHEMA_FILE.read_text())
    for departure in DEPARTURES:
        departure.mend(raw)
    return schemathesis.openapi.from_dict(raw)


SCHEMA = _mended() if SCHEMA_FILE.exists() else None
OPERATIONS = {each.ok().label: each.ok() for each in SCHEMA.get_all_operations()} if SCHEMA else {"none": None}


@pytest.fixture
def ids(api: Any) -> dict[str, list[str]]:
    """Link a few banks; gives ids that exist, by the first part of the path."""
    linked = [api.connect(bank) for bank in BANKS]
    unused = api.post("agreements/enduser/", institution_id=BANKS[1])["id"]
    return {
        "accounts": [linked[0]["accounts"][0], linked[1]["accounts"][2], linked[2]["accounts"][0]],
        "requisitions": [each["id"] for each in linked],
        "agreements": [linked[0]["agreement"], unused],
        "institutions": list(BANKS),
    }


@pytest.mark.parametrize("label", sorted(OPERATIONS))
@settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_answers_are_those_of_the_schema(api: Any, clock: Any, ids: Any, label: str, data: st.DataObject) -> None:
    """Send what the schema allows, and what it does not; half of the ids exist."""
    operation = OPERATIONS[label]
    assert operation is not None
    mode = data.draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
    try:
        strategy = operation.as_strategy(generation_mode=mode)
        case = data.draw(strategy)
    except schemathesis.errors.InvalidSchema:
        return
    known = ids.get(operation.path.split("/")[3], [])
    if case.path_parameters and known and data.draw(st.booleans()):
        case.path_parameters["id"] = data.draw(st.sampled_from(known))
    clock.advance(seconds=10)
    operation.app = api.http.app
    response = case.call(headers={"Authorization": api.http.headers["Authorization"]})
    assert response.status_code < 500
    checks = [status_code_conformance, content_type_conformance, response_schema_conformance]
    case.validate_response(response, checks=checks)
