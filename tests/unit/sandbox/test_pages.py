from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from farthing.sandbox.routes.redirects import FAILURES, REJECTING

REDIRECT = "http://127.0.0.1:7400/connected"
NORDIC, CHOICE, BRITISH = "FJORDKATT_FJKANOZZ", "HARBOUR_HBRSIEZZ", "OTTERMERE_OTTEGBZZ"


def _requisition(api: Any, bank: str = CHOICE, **fields: object) -> Any:
    return api.post("requisitions/", institution_id=bank, redirect=REDIRECT, **fields)


def _status(api: Any, requisition: Any) -> str:
    return str(api.get(f"requisitions/{requisition['id']}/")["status"])


def _say(api: Any, requisition: Any, decision: str, **fields: object) -> Any:
    return api.http.post(requisition["link"], data={"decision": decision, **fields})


def _back(answer: Any) -> dict[str, str]:
    assert answer.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def test_a_person_passes_every_stage(api: Any) -> None:
    made = _requisition(api, account_selection=True)
    stages = [_status(api, made)]
    page = api.http.get(made["link"])
    assert {"Harbour Bank", "90 days", "balances, details, transactions"} <= _found(page.text)
    stages.append(_status(api, made))
    page = _say(api, made, "continue")
    assert "Sign in" in page.text
    stages.append(_status(api, made))
    assert api.get(f"agreements/enduser/{made['agreement']}/")["accepted"]
    page = _say(api, made, "continue", user="anyone", code="1234")
    assert "Rainy Day Saver" in page.text
    stages.append(_status(api, made))
    assert "Which accounts?" in _say(api, made, "continue").text  # none was chosen
    page = _say(api, made, "continue", account="harbour-savings")
    assert "Rainy Day Saver" in page.text
    assert "Joint Current Account" not in page.text
    stages.append(_status(api, made))
    assert _back(_say(api, made, "authorise")) == {"ref": made["id"]}
    stages.append(_status(api, made))
    assert stages == ["CR", "GC", "UA", "SA", "GA", "LN"]
    accounts = api.get(f"requisitions/{made['id']}/")["accounts"]
    assert [api.get(f"accounts/{each}/")["name"] for each in accounts] == ["Rainy Day Saver"]


def _found(text: str) -> set[str]:
    words = ("Harbour Bank", "90 days", "balances, details, transactions")
    return {each for each in words if each in text}


def test_without_a_choice_all_accounts_are_linked(api: Any) -> None:
    made = _requisition(api)
    api.http.get(made["link"])
    for stage in ("UA", "GA"):
        _say(api, made, "continue")
        assert _status(api, made) == stage
    _say(api, made, "authorise")
    assert len(api.get(f"requisitions/{made['id']}/")["accounts"]) == 2


def test_a_number_as_user_is_another_household(api: Any) -> None:
    owners = set()
    for user in ("1", "2"):
        made = _requisition(api, NORDIC)
        for decision in ("continue", "continue", "authorise"):
            _say(api, made, decision, user=user)
        account = api.get(f"requisitions/{made['id']}/")["accounts"][0]
        owners.add(api.get(f"accounts/{account}/")["owner_name"])
    assert owners == {"Nora Eksempel 1", "Nora Eksempel 2"}


@pytest.mark.parametrize("error", [*FAILURES, "cancel"])
def test_a_failure_comes_back_as_documented(api: Any, error: str) -> None:
    made = _requisition(api, reference=f"mine {error}")
    api.http.get(made["link"])
    told = "UserCancelledSession" if error == "cancel" else error
    expected = {"ref": f"mine {error}", "error": told, "details": FAILURES[told]}
    answer = _say(api, made, error)
    assert _back(answer) == expected
    assert "%20" not in answer.headers["location"]  # blanks are plus signs
    assert _status(api, made) == ("RJ" if told in REJECTING else "GC")


def test_a_number_that_does_not_match_is_rejected(api: Any) -> None:
    made = _requisition(api, NORDIC, ssn="000000-0000")
    _say(api, made, "continue")
    _say(api, made, "continue")
    assert _back(_say(api, made, "continue", ssn_matches="false"))["error"] == "SSNVerificationFailed"


def test_a_used_link_is_used_up(api: Any) -> None:
    made = _requisition(api)
    _say(api, made, "authorise")
    for again in (api.http.get(made["link"]), _say(api, made, "authorise"), _say(api, made, "continue")):
        assert _back(again)["error"] == "RequisitionLinkReused"


def test_pages_are_for_their_link_only(api: Any) -> None:
    made = _requisition(api)
    assert api.http.get(made["link"].replace(CHOICE, NORDIC)).status_code == 404
    assert api.http.get(f"/psd2/start/not-an-id/{CHOICE}").status_code == 404
    assert api.http.post(made["link"]).json()["status_code"] == 400
    assert _say(api, made, "dance").status_code == 400
    assert _say(api, made, "authorise", account="somebody's").json()["account"]
    page = api.http.get(made["link"])
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("redirect", "back"),
    [
        ("https://app.test/back", "https://app.test/back?ref=r"),
        ("https://app.test/back?step=2", "https://app.test/back?step=2&ref=r"),
        ("https://app.test/back#part", "https://app.test/back?ref=r#part"),
        ("myapp://back", "myapp://back?ref=r"),
    ],
)
def test_ways_back_are_joined(api: Any, redirect: str, back: str) -> None:
    made = api.post("requisitions/", institution_id=CHOICE, redirect=redirect, reference="r")
    assert _say(api, made, "authorise").headers["location"] == back


def test_an_immediate_redirect_leaves_accounts_processing(api: Any, clock: Any) -> None:
    made = _requisition(api, redirect_immediate=True)
    _say(api, made, "authorise")
    account = api.get(f"requisitions/{made['id']}/")["accounts"][0]
    seen = []
    for _ in range(3):
        answer = api.http.get(f"/api/v2/accounts/{account}/details/")
        seen.append((api.get(f"accounts/{account}/")["status"], answer.status_code))
        clock.advance(seconds=15)
    assert seen == [("DISCOVERED", 409), ("PROCESSING", 409), ("READY", 200)]


@pytest.fixture
def british(api: Any) -> Any:
    """A consent of 180 days that has to be confirmed by day 90."""
    return api.connect(BRITISH, access_valid_for_days=180, reconfirmation=True)


def _reconfirm(api: Any, linked: Any, **body: object) -> Any:
    return api.http.post(f"/api/v2/agreements/enduser/{linked['agreement']}/reconfirm/", json=body)


def test_a_consent_is_confirmed_half_way(api: Any, clock: Any, british: Any) -> None:
    one, *others = british["accounts"]
    clock.advance(days=80)
    api.sign_in()
    made = _reconfirm(api, british, redirect="https://app.test/again")
    assert made.status_code == 201
    url = made.json()["reconfirmation_url"]
    assert "Still happy" in api.http.get(url).text
    answer = api.http.post(url, data={"account": one})
    assert answer.headers["location"] == f"https://app.test/again?ref={british['reference']}"
    known = api.get(f"agreements/enduser/{british['agreement']}/reconfirm/")
    assert known["accounts"][one]["reconfirmed"] > "2026-06-0"
    assert all(known["accounts"][other] == {"reconfirmed": "", "rejected": known["last_submitted"]} for other in others)
    clock.advance(days=11)
    api.sign_in()
    statuses = [api.http.get(f"/api/v2/accounts/{each}/balances/").status_code for each in british["accounts"]]
    assert statuses == [200, 401, 401]


def test_no_data_come_between_the_deadline_and_the_confirmation(api: Any, clock: Any, british: Any) -> None:
    path = f"/api/v2/accounts/{british['accounts'][0]}/balances/"
    clock.advance(days=91)
    api.sign_in()
    assert api.http.get(path).json()["type"] == "AccessExpiredError"
    url = _reconfirm(api, british).json()["reconfirmation_url"]
    api.http.post(url, data={"account": british["accounts"]})
    assert api.http.get(path).status_code == 200
    assert _reconfirm(api, british).json()["summary"] == "No accounts left to reconfirm."
    clock.advance(days=89)
    api.sign_in()
    assert api.http.get(path).json()["summary"].endswith("has expired")


@pytest.mark.parametrize(("days", "status"), [(75, 404), (76, 200), (104, 200), (105, 404)])
def test_the_page_is_open_around_day_90(api: Any, clock: Any, british: Any, days: int, status: int) -> None:
    url = _reconfirm(api, british).json()["reconfirmation_url"]
    clock.advance(days=days)
    assert api.http.get(url).status_code == status
    assert api.http.post(url).status_code == (302 if status == 200 else 404)


def test_what_cannot_be_confirmed_is_refused(api: Any, clock: Any, british: Any) -> None:
    plain = api.connect(BRITISH)
    assert _reconfirm(api, plain).json()["summary"] == "Reconfirmation is not enabled."
    terms = {"access_valid_for_days": 180, "reconfirmation": True}
    waiting = {"agreement": api.post("agreements/enduser/", institution_id=BRITISH, **terms)["id"]}
    assert _reconfirm(api, waiting).json()["summary"] == "End user agreement needs to be accepted."
    assert _reconfirm(api, british, redirect="nowhere").json()["redirect"][0]["summary"] == "Invalid redirect URI"
    assert api.http.get(f"/api/v2/agreements/enduser/{british['agreement']}/reconfirm/").status_code == 404
    api.bank.state.company.may_reconfirm = False
    assert _reconfirm(api, british).json()["summary"] == ""
    refused = api.http.post("/api/v2/agreements/enduser/", json={"institution_id": BRITISH, **terms})
    assert refused.json()["detail"] == "You do not have permission to enable reconfirmation."
    api.bank.state.company.may_reconfirm = True
    clock.advance(days=105)
    api.sign_in()
    assert _reconfirm(api, british).json()["summary"].startswith("Reconfirmation requested after")
