import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from farthing.sandbox.admin import create_admin
from farthing.sandbox.faults import REFUSING
from farthing.sandbox.institutions import BANKS
from farthing.sandbox.truth import write_truth

HARBOUR = "HARBOUR_HBRSIEZZ"
NORDLICHT = "NORDLICHT_NOLIDEZZ"


@pytest.fixture
def act(api: Any) -> Callable[..., Any]:
    """Make something happen at the bank of the fixture ``api``."""
    admin = TestClient(create_admin(api.bank))

    def post(action: str, **fields: object) -> Any:
        answer = admin.post("/actions", json={"action": action, **fields})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return post


def _get(api: Any, account: str, scope: str = "balances") -> Any:
    return api.http.get(f"/api/v2/accounts/{account}/{scope}/")


def test_the_clock_moves_forwards(api: Any, act: Any) -> None:
    assert act("advance", days=1, hours=2)["now"] == "2026-03-19T11:30:00.000000Z"
    assert api.http.get("/api/v2/institutions/").json()["summary"] == "Invalid token"  # a day is over
    assert act("set_time", to="2026-04-01T00:00:00Z")["now"] == "2026-04-01T00:00:00.000000Z"
    back = TestClient(create_admin(api.bank)).post(
        "/actions", json={"action": "set_time", "to": "2026-03-01T00:00:00Z"}
    )
    assert back.status_code == 409


def test_a_revoked_consent_stays_linked_and_counts(api: Any, act: Any) -> None:
    linked = api.connect(HARBOUR)
    account = linked["accounts"][0]
    act("revoke", requisition=linked["id"])
    answers = [_get(api, account) for _ in range(11)]
    assert [each.status_code for each in answers] == [401] * 10 + [409]
    assert answers[0].json()["type"] == "AccessExpiredError"
    assert answers[10].json()["summary"] == "Account suspended"
    assert api.get(f"accounts/{account}/")["status"] == "SUSPENDED"
    assert api.get(f"requisitions/{linked['id']}/")["status"] == "LN"  # the other account is not suspended
    anew = api.connect(HARBOUR)
    assert anew["accounts"] == linked["accounts"]
    assert _get(api, account).status_code == 200


def test_a_success_forgets_failures(api: Any, act: Any) -> None:
    account = api.connect(HARBOUR)["accounts"][0]
    act("break", fault="UnknownRequestError", account=account, times=9)
    assert {_get(api, account).status_code for _ in range(9)} == {500}
    assert api.get(f"accounts/{account}/")["status"] == "ERROR"
    assert _get(api, account).status_code == 200
    assert api.get(f"accounts/{account}/")["status"] == "READY"
    act("break", fault="UnknownRequestError", account=account, times=9)
    assert {_get(api, account, "details").status_code for _ in range(9)} == {500}


def test_a_requisition_is_suspended_with_all_its_accounts(api: Any, act: Any) -> None:
    linked = api.connect(HARBOUR)
    act("suspend", institution=HARBOUR)
    assert api.get(f"requisitions/{linked['id']}/")["status"] == "SU"


def test_a_consent_ends_at_once(api: Any, act: Any) -> None:
    linked = api.connect(HARBOUR)
    act("expire", requisition=linked["id"])
    assert api.get(f"requisitions/{linked['id']}/")["status"] == "EX"
    assert _get(api, linked["accounts"][0]).json()["summary"].endswith("has expired")


@pytest.mark.parametrize("status", ["CR", "ID", "LN", "RJ", "ER", "SU", "EX", "GC", "UA", "GA", "SA"])
def test_a_requisition_has_any_status(api: Any, act: Any, status: str) -> None:
    made = api.post("requisitions/", institution_id=HARBOUR, redirect="http://127.0.0.1/x")["id"]
    act("set_status", requisition=made, status=status)
    assert api.get(f"requisitions/{made}/")["status"] == status


def test_an_account_is_closed(api: Any, act: Any) -> None:
    one, other = api.connect(HARBOUR)["accounts"]
    act("close", account=one)
    assert _get(api, one).json()["type"] == "AccountInactiveError"
    assert _get(api, other).status_code == 200


def test_data_are_processed_for_a_while(api: Any, act: Any) -> None:
    account = api.connect(HARBOUR)["accounts"][0]
    act("process", account=account, seconds=25)
    assert api.get(f"accounts/{account}/")["status"] == "DISCOVERED"
    act("advance", seconds=10)
    assert api.get(f"accounts/{account}/")["status"] == "PROCESSING"
    assert _get(api, account).json()["type"] == "AccountProcessing"
    act("advance", seconds=15)
    assert _get(api, account).status_code == 200


@pytest.mark.parametrize("name", sorted({*REFUSING, "AccountState"}))
def test_each_refusal_is_shown_as_often_as_asked(api: Any, act: Any, name: str) -> None:
    account = api.connect(HARBOUR)["accounts"][0]
    act("break", fault=name, institution=HARBOUR, scope="balances", times=1)
    assert _get(api, account, "details").status_code == 200
    refused = _get(api, account)
    assert refused.status_code >= 400
    assert "http_x_ratelimit_limit" in refused.headers
    assert _get(api, account).headers["http_x_ratelimit_account_success_remaining"] == "3"


def test_the_answers_of_a_broken_bank_are_those_of_the_samples(api: Any, act: Any) -> None:
    path = Path(__file__).parents[3].parent / "shared" / "gocardless" / "samples" / "20-errors-accounts.json"
    if not path.exists():
        pytest.skip("the shared samples are not there")
    account = api.connect(HARBOUR)["accounts"][0]
    samples = {each["name"]: each for each in json.loads(path.read_text())["cases"]}
    shown = set(samples) & set(REFUSING)
    assert len(shown) >= 10
    for name in shown:
        act("break", fault=name, times=1)
        answer = _get(api, account, "transactions")
        body = answer.text if name == "NotJson" else answer.json()
        assert (answer.status_code, body) == (samples[name]["status"], samples[name]["body"]), name


def test_distorted_answers_look_like_successes(api: Any, act: Any) -> None:
    account = api.connect(HARBOUR)["accounts"][0]
    whole = len(_get(api, account, "transactions").json()["transactions"]["booked"])
    act("break", fault="CutList", times=1)
    assert len(_get(api, account, "transactions").json()["transactions"]["booked"]) == whole // 2
    act("break", fault="EmptyList", times=1)
    assert _get(api, account, "transactions").json()["transactions"]["booked"] == []
    act("break", fault="CutJson", times=1)
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        _get(api, account).json()
    act("break", fault="OtherHeaders", times=1)
    assert _get(api, account).headers["x-ratelimit-account-success-remaining"] == "2"
    act("break", fault="NoHeaders", times=1)
    assert not [name for name in _get(api, account).headers if "ratelimit" in name]
    act("break", fault="Slow", times=1, seconds=0)
    assert _get(api, account).status_code == 200


def test_ids_are_reissued(api: Any, act: Any) -> None:
    account = api.connect(NORDLICHT)["accounts"][0]

    def entries() -> list[Any]:
        booked: list[Any] = _get(api, account, "transactions").json()["transactions"]["booked"]
        return booked

    before = entries()
    act("reissue_ids", account=account)
    after = entries()
    assert len(before) == len(after)
    for name in ("transactionId", "internalTransactionId"):
        assert {each[name] for each in before}.isdisjoint(each[name] for each in after)
        assert [{**each, name: ""}["transactionAmount"] for each in before] == [e["transactionAmount"] for e in after]


def test_an_entry_is_withdrawn_and_the_balance_follows(api: Any, act: Any) -> None:
    account = api.connect(HARBOUR)["accounts"][0]
    before = _get(api, account, "transactions").json()["transactions"]["booked"]
    act("withdraw", account=account, entries=2)
    after = _get(api, account, "transactions").json()["transactions"]["booked"]
    assert after == before[2:]
    balances = {each["balanceType"]: each["balanceAmount"] for each in _get(api, account).json()["balances"]}
    assert balances["interimBooked"] == before[2]["balanceAfterTransaction"]["balanceAmount"]


def test_an_entry_is_posted_and_the_balance_follows(api: Any, act: Any) -> None:
    account = api.connect(HARBOUR)["accounts"][0]
    before = _get(api, account, "transactions").json()["transactions"]["booked"]
    act("post", account=account, amount="-12.5", counterparty="Museum of Shadows", by_card=True)
    first, *others = _get(api, account, "transactions").json()["transactions"]["booked"]
    assert others == before
    assert (first["creditorName"], first["transactionAmount"]["amount"]) == ("Museum of Shadows", "-12.50")
    assert first["bookingDate"] == "2026-03-17"
    balances = {each["balanceType"]: each["balanceAmount"] for each in _get(api, account).json()["balances"]}
    assert balances["interimBooked"] == first["balanceAfterTransaction"]["balanceAmount"]


def test_nothing_is_posted_ahead_of_the_bank(api: Any) -> None:
    api.connect(HARBOUR)
    wish = {"action": "post", "amount": "1.00", "counterparty": "Anyone", "day": "2026-03-19"}
    assert TestClient(create_admin(api.bank)).post("/actions", json=wish).status_code == 409


def test_the_truth_tells_what_was_made_to_happen(api: Any, act: Any, tmp_path: Path) -> None:
    account, other = api.connect(HARBOUR)["accounts"]
    act("post", account=account, amount="250.00", counterparty="A Friend", text="for the boat")
    act("withdraw", account=account, entries=3)
    act("post", account=account, amount="-9.99", counterparty="A Shop", by_card=True)
    act("reissue_ids", account=account)
    act("close", account=other)
    last = date(2026, 3, 17)
    banks = [bank for bank in BANKS if bank.key in (HARBOUR, NORDLICHT)]
    write_truth(tmp_path, api.bank.books, banks, households=1, first=last, last=last, at_bank=api.bank.state.at_bank)
    accounts, entries, events = (
        pq.read_table(tmp_path / f"{name}.parquet").to_pylist() for name in ("accounts", "entries", "events")
    )
    key = api.bank.accounts.key(UUID(account))
    told = _get(api, account, "transactions").json()["transactions"]["booked"]
    assert [str(each["amount"]) for each in entries if each["account_key"] == key][::-1] == [
        f"{each['transactionAmount']['amount']}00" for each in told if each["bookingDate"] == str(last)
    ]
    closing = next(each["closing_balance"] for each in accounts if each["account_key"] == key)
    assert f"{closing:.2f}" == told[0]["balanceAfterTransaction"]["balanceAmount"]["amount"]
    assert [each["what"] for each in events if each["account_key"] == key] == [
        "posted", "withdrawn", "withdrawn", "withdrawn", "posted", "ids reissued",
    ]  # fmt: skip
    assert [each["what"] for each in events if each["account_key"] != key] == ["closed"]
    gone = {each["entry_id"] for each in events if each["what"] == "withdrawn"}
    assert gone.isdisjoint(each["entry_id"] for each in entries)


def test_the_truth_tells_of_every_household_that_was_linked(api: Any, act: Any, tmp_path: Path) -> None:
    bank = next(bank for bank in BANKS if bank.key == "FJORDKATT_FJKANOZZ")
    made = api.post("requisitions/", institution_id=bank.key, redirect="http://127.0.0.1/x")
    api.http.post(made["link"], data={"decision": "authorise", "user": "4321"})
    linked = {each.key for each in api.bank.state.accounts.values()}
    day = date(2026, 3, 17)
    write_truth(tmp_path, api.bank.books, [bank], households=2, first=day, last=day, linked=linked)
    told = [each["household"] for each in pq.read_table(tmp_path / "accounts.parquet").to_pylist()]
    assert told == [0, 0, 1, 1, 4321, 4321]


def test_an_account_gets_another_id(api: Any, act: Any) -> None:
    first = api.connect(HARBOUR)["accounts"]
    act("change_account_id", account=first[0])
    second = api.connect(HARBOUR)["accounts"]
    assert first[0] != second[0]
    assert first[1] == second[1]


def test_a_bank_takes_no_consents_and_mends(api: Any, act: Any) -> None:
    act("stop_consents", institution=HARBOUR)
    refused = api.http.post("/api/v2/agreements/enduser/", json={"institution_id": HARBOUR})
    assert (refused.status_code, refused.json()["summary"]) == (503, f"Institution {HARBOUR} is not operational")
    act("mend")
    assert api.http.post("/api/v2/agreements/enduser/", json={"institution_id": HARBOUR}).status_code == 201


def test_a_company_is_limited(api: Any, act: Any) -> None:
    account = api.connect(HARBOUR)["accounts"][0]
    act("allow", connections=1, daily_calls=1)
    requisition = {"institution_id": HARBOUR, "redirect": "http://127.0.0.1/x"}
    refused = api.http.post("/api/v2/requisitions/", json=requisition)
    assert (refused.status_code, refused.json()["detail"]) == (402, "Free usage limit exceeded")
    assert [_get(api, account).status_code for _ in range(2)] == [200, 429]
    act("allow", addresses=["192.0.2.7"])
    refused = api.http.get("/api/v2/institutions/")
    assert (refused.status_code, refused.json()["summary"]) == (403, "IP address access denied")


def test_what_is_left_out_stays_allowed(api: Any, act: Any) -> None:
    act("allow", connections=1, daily_calls=2)
    assert act("allow", may_accept=True)["company"] == {
        "may_accept": True, "may_reconfirm": True, "connections": 1, "addresses": None, "daily_calls": 2,
    }  # fmt: skip
    assert act("allow", connections=None)["company"]["connections"] is None


def test_a_bank_supports_some_scopes_only_until_mended(api: Any, act: Any) -> None:
    act("limit_scopes", institution=HARBOUR, supported=["balances", "transactions"])
    wish = {"institution_id": HARBOUR, "redirect": "http://127.0.0.1/x"}
    made = api.post("requisitions/", **wish)["agreement"]  # one that nobody described asks for what there is
    assert api.get(f"agreements/enduser/{made}/")["access_scope"] == ["balances", "transactions"]
    assert api.http.post("/api/v2/agreements/enduser/", json={"institution_id": HARBOUR}).status_code == 400
    act("mend")
    assert api.post("agreements/enduser/", institution_id=HARBOUR)["access_scope"] == [
        "balances", "details", "transactions",
    ]  # fmt: skip


def test_an_account_is_blocked_and_goes_on_being_read(api: Any, act: Any) -> None:
    one, other = api.connect(HARBOUR)["accounts"]
    assert act("block", account=one)["accounts"][one]["blocked"] is True
    told = [_get(api, each, "details").json()["account"]["status"] for each in (one, other)]
    assert told == ["blocked", "enabled"]
    assert _get(api, one, "transactions").status_code == 200
    assert act("block", account=one, blocked=False)["accounts"][one]["blocked"] is False
    assert _get(api, one, "details").json()["account"]["status"] == "enabled"
    events = api.bank.at_bank(api.bank.accounts.key(UUID(one))).events
    assert [each.what for each in events] == ["blocked", "unblocked"]


def test_a_company_may_accept_once(api: Any, act: Any) -> None:
    path = f"/api/v2/agreements/enduser/{api.post('agreements/enduser/', institution_id=HARBOUR)['id']}/accept/"
    body = {"user_agent": "test", "ip_address": "192.0.2.7"}
    assert api.http.put(path, json=body).status_code == 403
    act("allow", may_accept=True)
    assert api.http.put(path, json=body).json()["accepted"] == "2026-03-18T09:30:00.000000Z"
    assert api.http.put(path, json=body).status_code == 405


def test_tokens_are_ended(api: Any, act: Any, clock: Any) -> None:
    clock.advance(seconds=1)
    act("end_tokens")
    assert api.http.get("/api/v2/institutions/").status_code == 401
    api.sign_in()
    assert api.http.get("/api/v2/institutions/").status_code == 200


def test_all_is_forgotten(api: Any, act: Any) -> None:
    api.connect(HARBOUR)
    act("advance", hours=5)
    state = act("reset")
    assert (state["requisitions"], state["accounts"], state["now"]) == ([], {}, "2026-03-18T09:30:00.000000Z")


def test_a_reset_gives_all_calls_back(api: Any, act: Any) -> None:
    requisition = {"institution_id": HARBOUR, "redirect": "http://127.0.0.1/x"}
    while api.http.post("/api/v2/requisitions/", json=requisition).status_code == 201:
        pass
    act("reset")
    assert api.http.post("/api/v2/requisitions/", json=requisition).status_code == 201


def test_time_ends_before_what_banks_can_tell_of(api: Any, act: Any) -> None:
    admin = TestClient(create_admin(api.bank))
    for wish in ({"action": "advance", "days": 1e9}, {"action": "set_time", "to": "2099-01-01T00:00:00Z"}):
        refused = admin.post("/actions", json=wish)
        assert (refused.status_code, refused.json()["detail"]) == (
            409, "The bank's clock goes to the end of 2098 and no further.",
        )  # fmt: skip
    act("set_time", to="2098-12-31T12:00:00Z")
    api.sign_in()
    for bank in BANKS:
        account = api.connect(api.bank.directory.of_key(bank.key).institution_id)["accounts"][0]
        assert _get(api, account).status_code == 200


def test_frozen_history_stays_whatever_happens(api: Any, act: Any) -> None:
    account = api.connect("KILUPANK_KILUEEZZ")["accounts"][0]
    frozen = _get(api, account, "transactions").json()
    act("reissue_ids", account=account)
    act("post", account=account, amount="-12.50", counterparty="A Shop")
    act("withdraw", account=account, entries=3)
    act("advance", days=3)
    api.sign_in()
    assert _get(api, account, "transactions").json() == frozen


def test_history_is_frozen_anew_by_another_consent(api: Any, act: Any) -> None:
    first = api.connect("KILUPANK_KILUEEZZ")["accounts"]
    frozen = _get(api, first[0], "transactions").json()
    act("advance", days=20)
    api.sign_in()
    again = api.connect("KILUPANK_KILUEEZZ")["accounts"]
    assert again == first
    anew = _get(api, again[0], "transactions").json()
    assert anew["transactions"]["booked"][0]["bookingDate"] > frozen["transactions"]["booked"][0]["bookingDate"]
    act("advance", days=3)
    api.sign_in()
    assert _get(api, again[0], "transactions").json() == anew


def test_a_bank_with_one_consent_for_each_ends_those_of_the_same_person_only(api: Any, act: Any) -> None:
    bank = next(bank for bank in BANKS if bank.has_single_consent).institution_id
    first = api.connect(bank)
    made = api.post("requisitions/", institution_id=bank, redirect="http://127.0.0.1/x")
    api.http.post(made["link"], data={"decision": "authorise", "user": "5"})
    assert _get(api, first["accounts"][0]).status_code == 200
    second = api.connect(bank)
    told = {each["id"]: each["revoked"] for each in act("advance")["requisitions"]}
    assert told == {first["id"]: True, made["id"]: False, second["id"]: False}
    assert api.get(f"requisitions/{first['id']}/")["status"] == "LN"


def test_a_renamed_bank_is_meant_by_its_old_and_its_new_id(api: Any, act: Any) -> None:
    old, new = "SOBREMESA_SOBRESZZ", "SIESTA_SIESESZZ"
    first = api.connect(old, max_historical_days=90)["accounts"]
    act("set_time", to="2027-01-02T00:00:00Z")
    api.sign_in()
    api.connect(new, max_historical_days=90)
    for name in (old, new):
        told = act("revoke", institution=name)["requisitions"]
        assert [each["revoked"] for each in told] == [True, True]
        act("close", institution=name)
        act("break", institution=name, fault="ServiceError", times=1)
        assert _get(api, first[0]).status_code == 401  # long since over; the next link is asked
    assert {each["institution"] for each in act("advance")["faults"]} == {old}


def test_consents_that_live_are_counted_and_no_others(api: Any, act: Any) -> None:
    act("allow", connections=1)
    path = "/api/v2/agreements/enduser/"
    wish, sandbox = ({"institution_id": each} for each in (HARBOUR, "SANDBOXFINANCE_SFIN0000"))
    api.connect("SANDBOXFINANCE_SFIN0000")
    assert api.http.post(path, json=wish).status_code == 201
    linked = api.connect(HARBOUR)
    assert api.http.post(path, json=wish).status_code == 402
    assert api.http.post(path, json=sandbox).status_code == 201
    act("expire", requisition=linked["id"])
    assert api.http.post(path, json=wish).status_code == 201


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"action": "break", "fault": "Slow", "institution": "NOBODY"}, 409, id="break no bank"),
        pytest.param({"action": "revoke"}, 409, id="nothing linked"),
        pytest.param(
            {"action": "set_status", "requisition": str(UUID(int=1)), "status": "ER"}, 409, id="no requisition"
        ),
        pytest.param({"action": "close"}, 409, id="no account"),
        pytest.param({"action": "stop_consents", "institution": "NOBODY"}, 409, id="no bank"),
        pytest.param({"action": "explode"}, 422, id="no such action"),
        pytest.param({"action": "break", "fault": "Gremlins"}, 422, id="no such fault"),
        pytest.param({"action": "advance", "days": -1}, 422, id="backwards"),
    ],
)
def test_what_cannot_be_done_is_refused(api: Any, body: object, status: int) -> None:
    assert TestClient(create_admin(api.bank)).post("/actions", json=body).status_code == status


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param({"action": "break", "fault": "Gremlins"}, "break.fault: Choose one of Acc", id="no fault"),
        pytest.param([{"action": "mend"}, {"action": "advance", "days": -1}], "1.advance.days: Input", id="in a list"),
        pytest.param({"action": "break"}, "break.fault: Field required", id="no field"),
        pytest.param({}, "Send JSON (Content-Type: application/json): an action", id="no name"),
        pytest.param("mend", "Send JSON (Content-Type: application/json): an action", id="no action"),
    ],
)
def test_what_is_not_understood_is_said_in_one_line(api: Any, body: object, words: str) -> None:
    said = TestClient(create_admin(api.bank)).post("/actions", json=body).json()["detail"]
    assert said.startswith(words)
    assert "tagged-union" not in said


def test_it_tells_what_there_is(api: Any) -> None:
    admin = TestClient(create_admin(api.bank))
    faults = admin.get("/faults").json()
    assert {"ServiceError", "AccountState"} <= set(faults["at_bank"]["refusing"])
    assert {"NotJson", "RateLimitExceeded"} <= set(faults["on_the_way"]["refusing"])
    assert "SUSPENDED" in faults["account_states"]
    assert len(admin.get("/institutions").json()) >= 12
    assert "set_time" in admin.get("/openapi.json").text
