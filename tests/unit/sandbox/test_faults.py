"""What goes wrong on the way does so for any call, what banks say only for calls that reach them."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from farthing.sandbox.admin import create_admin
from farthing.sandbox.faults import ACCOUNT_STATES, AT_BANK, CALLS, INSTEAD
from tests.unit.sandbox.world import HARBOUR, NOBODY, NORDLICHT, World

SECRETS = {"secret_id": "demo-id", "secret_key": "demo-key"}
SENT: dict[str, Callable[[World], httpx.Response]] = {
    "token": lambda world: world.ask("POST", "token/new/", SECRETS),
    "institutions": lambda world: world.get("institutions/?country=IE"),
    "agreements": lambda world: world.get("agreements/enduser/"),
    "requisitions": lambda world: world.get("requisitions/"),
    "metadata": lambda world: world.get(f"accounts/{world.account}/"),
    **{scope: lambda world, scope=scope: world.data(scope) for scope in ("balances", "details", "transactions")},  # type: ignore[misc]  # bound early
}  # fmt: skip


@pytest.fixture
def world(api: Any, clock: Any) -> World:
    made = World(api, clock)
    assert made.account
    return made


def test_every_call_is_known() -> None:
    assert set(SENT) == set(CALLS)


@pytest.mark.parametrize("call", CALLS)
def test_a_call_shows_what_goes_wrong_on_its_way_and_no_other_does(world: World, call: str) -> None:
    for fault in (*sorted(INSTEAD), "RateLimitExceeded", "CutJson", "NoHeaders", "OtherHeaders", "NegativeReset"):
        world.act("break", fault=fault, scope=call, times=1)
        others = [name for name in CALLS if name != call]
        other = SENT[others[len(fault) % len(others)]](world)
        assert (other.status_code, "http_x_ratelimit_limit" in other.headers) == (200, True)
        answer, after = SENT[call](world), SENT[call](world)
        match fault:
            case "NotJson" | "Empty" | "RateLimitExceeded":
                assert answer.status_code == {"NotJson": 502, "Empty": 504, "RateLimitExceeded": 429}[fault]
            case "CutJson":
                with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
                    answer.json()
                assert answer.headers["content-type"] == "application/json"
            case "NoHeaders":
                assert not [name for name in answer.headers if "ratelimit" in name]
            case "OtherHeaders":
                assert "http_x_ratelimit_limit" not in answer.headers
                assert answer.headers["x-ratelimit-limit"] == after.headers["http_x_ratelimit_limit"]
            case "NegativeReset":
                resets = [value for name, value in answer.headers.items() if name.endswith("reset")]
                assert resets
                assert all(value.startswith("-") for value in resets)
        assert after.status_code == 200
        world.later(days=1)


def test_all_calls_show_what_is_wrong_with_all(world: World) -> None:
    world.act("break", fault="NotJson", scope="all")
    assert {name: send(world).status_code for name, send in SENT.items()} == dict.fromkeys(SENT, 502)
    world.act("mend")
    assert {name: send(world).status_code for name, send in SENT.items()} == dict.fromkeys(SENT, 200)


def test_data_calls_are_meant_where_none_is_named(world: World) -> None:
    world.act("break", fault="Empty")
    answers = {name: send(world).status_code for name, send in SENT.items()}
    assert {name for name, status in answers.items() if status == 504} == {"balances", "details", "transactions"}


def test_refusals_are_late_and_cut_and_without_headers_too(world: World) -> None:
    world.act("break", fault="Slow", scope="metadata", seconds=0.2, times=1)
    world.act("break", fault="NoHeaders", scope="metadata", times=1)
    started = time.perf_counter()
    refused = world.get(f"accounts/{NOBODY}/")
    assert time.perf_counter() - started >= 0.2
    assert refused.status_code == 404
    assert not [name for name in refused.headers if "ratelimit" in name]
    world.act("break", fault="CutJson", scope="requisitions", times=1)
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        world.get(f"requisitions/{NOBODY}/").json()


def test_metadata_of_one_bank_or_account_is_meant(world: World) -> None:
    [other, *_] = world.api.connect(NORDLICHT)["accounts"]
    mine, its_own = world.linked["accounts"]
    world.act("break", fault="NotJson", scope="metadata", institution=HARBOUR)
    assert [world.get(f"accounts/{each}/").status_code for each in (mine, its_own, other)] == [502, 502, 200]
    world.act("mend").act("break", fault="NotJson", scope="metadata", account=mine)
    assert [world.get(f"accounts/{each}/").status_code for each in (mine, its_own, other)] == [502, 200, 200]


def test_a_call_that_a_bank_never_sees_does_not_use_its_faults_up(world: World) -> None:
    world.act("break", fault="ServiceError", scope="balances", times=1).act("suspend", account=world.account)
    assert world.data().status_code == 409
    vars(world)["linked"] = world.api.connect(HARBOUR)
    assert world.data().status_code == 503


@pytest.mark.parametrize("status", ACCOUNT_STATES)
def test_an_account_answers_with_any_state(world: World, status: str) -> None:
    world.act("break", fault="AccountState", status=status)
    assert (world.data().status_code, world.data().json()["status"]) == (409, status)


@pytest.mark.parametrize(
    "wish",
    [
        *({"fault": fault, "scope": "metadata"} for fault in sorted(AT_BANK)),
        {"fault": "Slow", "scope": "token", "institution": HARBOUR},
        {"fault": "Slow", "scope": "requisitions", "account": NOBODY},
        {"fault": "AccountState", "status": "READY"},
    ],
    ids=str,
)
def test_what_no_call_could_show_is_refused(api: Any, wish: dict[str, str]) -> None:
    assert TestClient(create_admin(api.bank)).post("/actions", json={"action": "break", **wish}).status_code == 422
