"""The words of the protocol: bodies, ids, filters, limits and refusals as the API writes them."""

import base64
import json
from typing import Any

import pytest

BANK = "KLOMPEN_KLOMNLZZ"
POLISH, BRITISH, NORDIC = "PIEROGI_PIERPLZZ", "OTTERMERE_OTTEGBZZ", "FJORDKATT_FJKANOZZ"
REDIRECT = "http://127.0.0.1:7400/connected"
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("kind", ["json", "form", "multipart"])
def test_bodies_come_as_json_or_forms(api: Any, kind: str) -> None:
    fields = {"institution_id": BANK, "max_historical_days": 45, "access_scope": ["details", "balances"]}
    path = "/api/v2/agreements/enduser/"
    if kind == "json":
        answer = api.http.post(path, json=fields)
    elif kind == "form":
        answer = api.http.post(path, data=fields)
    else:
        flat = [
            (name, str(one))
            for name, value in fields.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        answer = api.http.post(path, files=[(name, (None, text)) for name, text in flat])
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert {name: made[name] for name in fields} == fields


def test_tokens_tell_when_they_expire(api: Any) -> None:
    tokens = api.http.post("/api/v2/token/new/", data={"secret_id": "demo-id", "secret_key": "demo-key"}).json()
    claims = json.loads(base64.urlsafe_b64decode(tokens["access"].split(".")[1] + "=="))
    assert claims["exp"] == api.bank.now().timestamp() + 86400
    wrong_kind = {"Authorization": f"Bearer {tokens['refresh']}"}
    assert api.http.get("/api/v2/institutions/", headers=wrong_kind).status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        pytest.param(b"{", 400, {"summary": "Parse error"}, id="no JSON"),
        pytest.param(b"[]", 400, {"non_field_errors": ["Invalid data. Expected a dictionary."]}, id="a list"),
        pytest.param(b"{}", 400, {"institution_id": ["This field is required."]}, id="nothing"),
        pytest.param(b'{"colour": 1, "institution_id": "x"}', 400, {"summary": "Unknown fields"}, id="unknown"),
    ],
)
def test_a_wrong_body_is_refused(api: Any, body: bytes, status: int, expected: dict[str, object]) -> None:
    answer = api.http.post("/api/v2/agreements/enduser/", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert expected.items() <= answer.json().items()


def test_other_media_types_are_refused(api: Any) -> None:
    answer = api.http.post("/api/v2/requisitions/", content=b"<x/>", headers={"Content-Type": "application/xml"})
    assert (answer.status_code, answer.json()["status_code"]) == (415, 415)


@pytest.mark.parametrize(
    ("path", "status", "summary", "detail"),
    [
        ("accounts/abc/", 400, "Invalid Account ID", "abc is not a valid Account UUID. "),
        ("accounts/abc/balances/", 400, "Invalid Account ID", "abc is not a valid Account UUID. "),
        ("agreements/enduser/abc/", 400, "Invalid EndUserAgreement ID", "abc is not a valid EndUserAgreement UUID. "),
        ("requisitions/abc/", 404, "Not found.", "Not found."),
        (f"accounts/{NOBODY}/", 404, *["No Account matches the given query."] * 2),
        (
            f"accounts/{NOBODY}/details/",
            404,
            f"Account ID {NOBODY} not found",
            "Please check whether you specified a valid Account ID",
        ),
        ("institutions/NOBODY/", 404, "Not found.", "Not found."),
    ],
)
def test_ids_are_refused_in_the_apis_words(api: Any, path: str, status: int, summary: str, detail: str) -> None:
    answer = api.http.get(f"/api/v2/{path}")
    assert answer.json() == {"summary": summary, "detail": detail, "status_code": status}
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"country": "gb", "account_selection_supported": "true"}, {BRITISH}),
        ({"country": "gb", "account_selection_supported": "false"}, set()),
        ({"access_scopes_supported": "true"}, {POLISH}),
        ({"ssn_verification_supported": "True"}, {NORDIC}),
    ],
)
def test_institutions_are_filtered(api: Any, query: dict[str, str], expected: set[str]) -> None:
    assert {bank["id"] for bank in api.get("institutions/", **query)} == expected


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ({"country": "US"}, "summary"),
        ({"colour": "red"}, "summary"),
        ({"card_accounts_supported": "yes"}, "card_accounts_supported"),
    ],
)
def test_wrong_filters_are_refused(api: Any, query: dict[str, str], key: str) -> None:
    answer = api.http.get("/api/v2/institutions/", params=query)
    assert answer.status_code == 400
    assert key in answer.json()


@pytest.mark.parametrize("query", [{"colour": "red"}, {"limit": "0"}, {"limit": "x"}, {"offset": "-1"}])
@pytest.mark.parametrize("path", ["requisitions/", "agreements/enduser/"])
def test_wrong_pages_are_refused(api: Any, path: str, query: dict[str, str]) -> None:
    assert api.http.get(f"/api/v2/{path}", params=query).status_code == 400


@pytest.mark.parametrize(
    ("bank", "fields", "key", "summary"),
    [
        (BANK, {"max_historical_days": 0}, "max_historical_days", "Incorrect max_historical_days"),
        (BRITISH, {"access_valid_for_days": 91}, "access_valid_for_days", "Incorrect access_valid_for_days"),
        (BANK, {"access_scope": ["money"]}, "access_scope", "Unknown value 'money' in access_scope"),
        (BANK, {"access_scope": []}, "access_scope", "Field 'access_scope' may not be an empty list."),
        (POLISH, {"access_scope": ["details"]}, "access_scope", "Institution access scope dependencies error"),
        (BANK, {"reconfirmation": True}, "reconfirmation", "Reconfirmation not supported"),
        (BRITISH, {"reconfirmation": True}, "reconfirmation", "Reconfirmation is not allowed"),
        ("NOBODY", {}, "institution_id", "Unknown Institution ID NOBODY"),
    ],
)
def test_agreements_have_bounds(api: Any, bank: str, fields: dict[str, object], key: str, summary: str) -> None:
    answer = api.http.post("/api/v2/agreements/enduser/", json={"institution_id": bank, **fields})
    assert answer.status_code == 400
    told = answer.json()[key]
    assert (told[0] if isinstance(told, list) else told)["summary"] == summary


@pytest.mark.parametrize(
    ("fields", "status", "key", "summary"),
    [
        ({"user_language": "xx"}, 400, "user_language", "Provided user_language is invalid or not supported"),
        ({"ssn": "1"}, 400, "ssn", "SSN verification not supported"),
        ({"institution_id": NORDIC, "ssn": "verified"}, 400, "ssn", "verified not allowed"),
        ({"account_selection": True}, 400, "account_selection", "Account selection not supported"),
        ({"agreement": "abc"}, 400, "agreement", "Invalid EndUserAgreement ID"),
        ({"agreement": NOBODY}, 404, "agreement", f"ID {NOBODY} not found"),
        ({"redirect": ""}, 400, "redirect", "Redirect URL is required"),
        ({"redirect": "nowhere"}, 400, "redirect", "Invalid redirect URI"),
        ({"redirect": "javascript:alert(1)"}, 400, "redirect", "Invalid redirect URI"),
        ({"redirect": "https://[half"}, 400, "redirect", "Invalid redirect URI"),
    ],
)
def test_requisitions_have_conditions(api: Any, fields: dict[str, object], status: int, key: str, summary: str) -> None:
    answer = api.http.post("/api/v2/requisitions/", json={"institution_id": BANK, "redirect": REDIRECT, **fields})
    assert answer.status_code == status
    told = answer.json()[key]
    assert (told[0] if isinstance(told, list) else told)["summary"] == summary


@pytest.mark.parametrize(
    ("method", "path", "limit", "seconds"),
    [
        ("GET", "institutions/", 300, 60),
        ("GET", "requisitions/", 300, 60),
        ("POST", "requisitions/", 100, 60),
        ("DELETE", f"agreements/enduser/{NOBODY}/", 100, 60),
        ("PUT", f"agreements/enduser/{NOBODY}/accept/", 100, 60),
        ("POST", "token/refresh/", 100, 60),
        ("POST", "token/new/", 99, 3600),  # one to sign in
    ],
)
def test_each_group_of_calls_has_a_limit(
    api: Any, clock: Any, method: str, path: str, limit: int, seconds: int
) -> None:
    url = f"/api/v2/{path}"
    first = [api.http.request(method, url) for _ in range(limit)]
    assert 429 not in {each.status_code for each in first}
    assert first[-1].headers["http_x_ratelimit_remaining"] == "0"
    refused = api.http.request(method, url)
    assert (refused.status_code, refused.headers["http_x_ratelimit_reset"]) == (429, str(seconds))
    assert refused.json()["detail"].endswith(f"Please try again in {seconds} seconds")
    clock.advance(seconds=seconds)
    assert api.http.request(method, url).status_code != 429


def test_the_clients_slashes_are_forgiven_where_there_is_no_body(api: Any) -> None:
    made = api.post("requisitions/", institution_id=BANK, redirect=REDIRECT)["id"]
    assert api.http.get(f"/api/v2/requisitions/{made}").status_code == 200
    assert api.http.post("/api/v2/requisitions", json={}).status_code == 404
    assert api.http.delete(f"/api/v2/requisitions/{made}").status_code == 200


def test_the_sandbox_bank_is_gocardless_own(api: Any) -> None:
    linked = api.connect("SANDBOXFINANCE_SFIN0000")
    names = [api.get(f"accounts/{each}/")["owner_name"] for each in linked["accounts"]]
    assert names == ["John Doe", "Jane Doe"]
    account = linked["accounts"][0]
    balances = api.get(f"accounts/{account}/balances/")["balances"]
    assert [each["balanceType"] for each in balances] == ["expected", "interimAvailable"]
    assert balances[0]["balanceAmount"] == balances[1]["balanceAmount"]
    told = api.get(f"accounts/{account}/transactions/")["transactions"]
    assert len(told["booked"]) >= 6
    assert all(each["transactionId"] == each["entryReference"] for each in told["booked"])
    assert {each["proprietaryBankTransactionCode"] for each in told["booked"]} == {"PURCHASE", "TRANSFER"}
    assert told["pending"]
    assert api.get(f"accounts/{account}/")["iban"].startswith("GL")
