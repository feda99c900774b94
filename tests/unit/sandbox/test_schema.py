"""Answers against the vendor's own schema, and each place where the live API, and so the bank, departs from it."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup

from farthing.sandbox.institutions import BANKS, Institution
from tests.unit.sandbox.vendor_schema import CHECKS, DEPARTURES, SCHEMA_FILE, Departure, check, mended
from tests.unit.sandbox.world import World

pytestmark = [
    pytest.mark.skipif(not SCHEMA_FILE.exists(), reason="the vendor's schema is not there"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

HABITS = frozenset(each.habit for each in DEPARTURES if each.habit is not None)
SCHEMA = mended(habits=HABITS) if SCHEMA_FILE.exists() else None
SERVED = [each.ok() for each in SCHEMA.get_all_operations()] if SCHEMA else []
OPERATIONS = {each.label: each for each in SERVED if each.method != "put" or "accept" in each.path}


@pytest.fixture
def ids(api: Any) -> Callable[[str, Institution], list[str]]:
    """Give ids that exist at a bank, by the first part of the path; it is linked when it is first asked for."""
    known: dict[str, dict[str, list[str]]] = {}

    def of(kind: str, bank: Institution) -> list[str]:
        if bank.key not in known:
            linked, unused = api.connect(bank.institution_id), {"institution_id": bank.institution_id}
            known[bank.key] = {
                "accounts": linked["accounts"],
                "requisitions": [linked["id"]],
                "agreements": [linked["agreement"], api.post("agreements/enduser/", **unused)["id"]],
                "institutions": [bank.institution_id],
            }
        return known[bank.key].get(kind, [])

    return of


@pytest.mark.parametrize("label", sorted(OPERATIONS) or ["none"])
@settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_answers_are_those_of_the_schema(api: Any, clock: Any, ids: Any, label: str, data: st.DataObject) -> None:
    """Send what the schema allows, and what it does not; half of the ids exist, at any bank."""
    operation = OPERATIONS[label]
    mode = data.draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
    try:
        strategy = operation.as_strategy(generation_mode=mode)
        case = data.draw(strategy)
    except schemathesis.errors.InvalidSchema:
        return
    clock.advance(seconds=10)
    if case.path_parameters and data.draw(st.booleans()):
        known = ids(operation.path.split("/")[3], data.draw(st.sampled_from(BANKS)))
        case.path_parameters["id"] = data.draw(st.sampled_from(known))
    operation.app = api.http.app
    response = case.call(headers={"Authorization": api.http.headers["Authorization"]})
    assert response.status_code < 500 or "Couldn't update account" in response.text  # as some banks' habit is
    case.validate_response(response, checks=CHECKS)


@pytest.mark.parametrize("bank", BANKS, ids=lambda bank: bank.key)
def test_every_bank_departs_only_as_its_habits_are(api: Any, clock: Any, bank: Institution) -> None:
    world = World(api, clock)
    linked = api.connect(bank.institution_id, max_historical_days=90)  # more than that, some banks promise only
    paths = [f"institutions/{bank.institution_id}/", f"requisitions/{linked['id']}/"]
    for account in linked["accounts"]:
        paths += [f"accounts/{account}/{scope}" for scope in ("", "details/", "balances/", "transactions/", "")]
    for path in [*paths, "institutions/", f"agreements/enduser/{linked['agreement']}/"]:
        answer = world.get(path)
        check(answer, habits=bank.quirks & HABITS)
        assert answer.status_code == 200


@pytest.mark.parametrize("departure", DEPARTURES, ids=lambda departure: departure.what)
def test_every_departure_is_made(api: Any, clock: Any, departure: Departure) -> None:
    answer = departure.shown(World(api, clock))
    check(answer, habits=HABITS)
    with pytest.raises((FailureGroup, LookupError)):
        check(answer, habits=HABITS, without=departure.what)
