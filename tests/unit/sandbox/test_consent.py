import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from farthing.errors import ConfigurationError
from farthing.sandbox.state import load

HARBOUR = "HARBOUR_HBRSIEZZ"
NORDLICHT = "NORDLICHT_NOLIDEZZ"
REDIRECT = "http://127.0.0.1:7400/connected"


def _requisition(api: Any, **fields: object) -> Any:
    return api.post("requisitions/", **{"institution_id": HARBOUR, "redirect": REDIRECT, **fields})


def test_a_consent_goes_from_created_to_linked(api: Any) -> None:
    agreement = api.post("agreements/enduser/", institution_id=NORDLICHT, max_historical_days=730)
    assert agreement["accepted"] is None
    made = _requisition(api, institution_id=NORDLICHT, agreement=agreement["id"], reference="mine", user_language="DE")
    path = f"requisitions/{made['id']}/"
    assert (made["status"], made["accounts"], made["user_language"]) == ("CR", [], "DE")
    assert made["id"] not in made["link"]

    page = api.http.get(made["link"])
    assert "Nordlicht Bank" in page.text
    assert "730 days" in page.text
    assert "Authorise" in page.text
    assert api.get(path)["status"] == "GC"

    back = api.http.post(made["link"], data={"decision": "authorise"})
    assert (back.status_code, back.headers["location"]) == (302, f"{REDIRECT}?ref=mine")
    linked = api.get(path)
    assert (linked["status"], len(linked["accounts"])) == ("LN", 3)
    assert api.get(f"agreements/enduser/{agreement['id']}/")["accepted"] == "2026-03-18T09:30:00.000000Z"
    assert {api.get(f"accounts/{each}/")["status"] for each in linked["accounts"]} == {"READY"}


def test_cancelling_uses_the_link_up(api: Any) -> None:
    made = _requisition(api, redirect=f"{REDIRECT}?step=2")
    back = api.http.post(made["link"], data={"decision": "cancel"}).headers["location"]
    expected = f"{REDIRECT}?step=2&ref={made['id']}&error=UserCancelledSession&details=User+cancelled+the+session."
    assert back == expected
    assert api.get(f"requisitions/{made['id']}/")["status"] == "RJ"
    for again in (api.http.get(made["link"]), api.http.post(made["link"], data={"decision": "authorise"})):
        assert again.status_code == 302
        assert "error=RequisitionLinkReused" in again.headers["location"]


def test_account_ids_stay_when_linked_again(api: Any) -> None:
    first = api.connect(HARBOUR)
    api.http.delete(f"/api/v2/requisitions/{first['id']}/")
    assert api.connect(HARBOUR)["accounts"] == first["accounts"]


def test_deleting_a_requisition_ends_access(api: Any) -> None:
    linked = api.connect(HARBOUR)
    deleted = api.http.delete(f"/api/v2/requisitions/{linked['id']}/").json()
    assert deleted["summary"] == "Requisition deleted"
    answer = api.http.get(f"/api/v2/accounts/{linked['accounts'][0]}/balances/")
    assert (answer.status_code, answer.json()["summary"]) == (403, "No valid End User Agreement")
    assert api.http.get(f"/api/v2/agreements/enduser/{linked['agreement']}/").status_code == 404


def test_a_consent_expires(api: Any, clock: Any) -> None:
    linked = api.connect(HARBOUR, access_valid_for_days=90)
    account = linked["accounts"][0]
    clock.advance(days=90)
    api.sign_in()
    answer = api.http.get(f"/api/v2/accounts/{account}/transactions/")
    assert answer.status_code == 401
    assert answer.json()["summary"] == f"End User Agreement (EUA) {linked['agreement']} has expired"
    assert api.get(f"requisitions/{linked['id']}/")["status"] == "EX"
    assert api.get(f"accounts/{account}/")["status"] == "EXPIRED"


def test_only_agreed_scopes_are_given(api: Any) -> None:
    account = api.connect(HARBOUR, access_scope=["details"])["accounts"][0]
    assert api.http.get(f"/api/v2/accounts/{account}/details/").status_code == 200
    answer = api.http.get(f"/api/v2/accounts/{account}/balances/")
    assert (answer.status_code, answer.json()["summary"]) == (403, "End User Agreement (EUA) access scope error")


def test_a_restart_keeps_what_was_agreed(open_bank: Callable[[], Any], state_file: Path) -> None:
    before = open_bank()
    linked = before.connect(NORDLICHT)
    account = linked["accounts"][0]
    for _ in range(4):
        before.get(f"accounts/{account}/details/")

    after = open_bank()
    assert after.get(f"requisitions/{linked['id']}/") == linked
    assert after.http.get(f"/api/v2/accounts/{account}/details/").status_code == 429
    assert stat.S_IMODE(state_file.stat().st_mode) == 0o600
    assert [path.name for path in state_file.parent.iterdir()] == [state_file.name]


def test_a_state_of_the_first_version_is_read(open_bank: Callable[[], Any], state_file: Path) -> None:
    account = open_bank().connect(HARBOUR)["accounts"][1]
    state = json.loads(state_file.read_text())
    for linked in state["accounts"].values():
        del linked["key"]
    state_file.write_text(json.dumps(state))
    assert open_bank().get(f"accounts/{account}/")["name"] == "Rainy Day Saver"


def test_a_state_is_of_one_ledger(open_bank: Callable[[], Any], state_file: Path) -> None:
    open_bank().connect("HARBOUR_HBRSIEZZ")
    with pytest.raises(ConfigurationError, match="add --seed 7, or name another --home"):
        load(state_file, seed=8)
    assert load(state_file, seed=7).seed == 7


def test_a_spoilt_state_file_is_named_but_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "bank.json"
    path.write_text('{"private": 1}')
    with pytest.raises(ConfigurationError, match=r"bank\.json cannot be read") as caught:
        load(path, seed=7)
    assert "private" not in str(caught.value)


def test_lists_come_in_pages_newest_first(api: Any) -> None:
    made = [_requisition(api)["id"] for _ in range(3)]
    first = api.get("requisitions/", limit="2")
    assert (first["count"], first["previous"]) == (3, None)
    assert [each["id"] for each in first["results"]] == [made[2], made[1]]
    second = api.http.get(first["next"]).json()
    assert [each["id"] for each in second["results"]] == [made[0]]
    assert second["next"] is None
    assert api.http.get(second["previous"]).json()["results"] == first["results"]
    assert api.get("agreements/enduser/")["count"] == 3


def test_an_agreement_in_use_goes_only_with_its_requisition(api: Any) -> None:
    requisition = api.post("requisitions/", institution_id="HARBOUR_HBRSIEZZ", redirect="http://127.0.0.1/x")
    path = f"/api/v2/agreements/enduser/{requisition['agreement']}/"
    refused = api.http.delete(path)
    assert (refused.status_code, refused.json()["summary"]) == (400, "Cannot delete End User Agreement")
    assert api.http.get(requisition["link"]).status_code == 200
    assert api.http.delete(f"/api/v2/requisitions/{requisition['id']}/").status_code == 200
    assert api.http.get(path).status_code == 404


def test_an_accepted_agreement_goes_only_with_its_requisition(api: Any) -> None:
    unused = api.post("agreements/enduser/", institution_id=HARBOUR)["id"]
    assert api.http.delete(f"/api/v2/agreements/enduser/{unused}/").json()["summary"] == "End User Agreement deleted"
    accepted = api.connect(HARBOUR)["agreement"]
    assert api.http.delete(f"/api/v2/agreements/enduser/{accepted}/").status_code == 400


@pytest.mark.parametrize(
    ("path", "body", "key"),
    [
        pytest.param("agreements/enduser/", {}, "institution_id", id="institution missing"),
        pytest.param("agreements/enduser/", {"institution_id": "NOBODY"}, "institution_id", id="institution unknown"),
        pytest.param("agreements/enduser/", {"max_historical_days": 731}, "max_historical_days", id="history"),
        pytest.param("agreements/enduser/", {"access_valid_for_days": 181}, "access_valid_for_days", id="access"),
        pytest.param("agreements/enduser/", {"access_scope": []}, "access_scope", id="no scope"),
        pytest.param("agreements/enduser/", {"colour": "red"}, "summary", id="unknown field"),
        pytest.param("requisitions/", {"institution_id": HARBOUR}, "redirect", id="redirect missing"),
        pytest.param("requisitions/", {"redirect": "javascript:alert(1)"}, "redirect", id="redirect not an address"),
        pytest.param("requisitions/", {"reference": "taken"}, "reference", id="reference taken"),
        pytest.param("requisitions/", {"agreement": "of another bank"}, "agreement", id="another bank's agreement"),
        pytest.param("requisitions/", {"agreement": "taken"}, "agreement", id="agreement taken"),
    ],
)
def test_a_wrong_field_is_named(api: Any, path: str, body: dict[str, object], key: str) -> None:
    taken = _requisition(api, reference="taken")["agreement"]
    other = api.post("agreements/enduser/", institution_id=NORDLICHT)["id"]
    ids = {"taken": taken, "of another bank": other}
    usual = {"institution_id": HARBOUR} | ({"redirect": REDIRECT} if path == "requisitions/" else {})
    complete = body and body != {"institution_id": HARBOUR}  # the two cases that leave a field out
    sent = usual | body if complete else dict(body)
    if "agreement" in sent:
        sent["agreement"] = ids[str(sent["agreement"])]
    answer = api.http.post(f"/api/v2/{path}", json=sent)
    assert answer.status_code == 400
    assert set(answer.json()) - {"detail"} == {key, "status_code"}
