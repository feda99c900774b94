from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

HARBOUR = "HARBOUR_HBRSIEZZ"
NORDLICHT = "NORDLICHT_NOLIDEZZ"
TODAY = date(2026, 3, 18)
YESTERDAY = TODAY - timedelta(days=1)


def _transactions(api: Any, account: str, **params: str) -> Any:
    return api.get(f"accounts/{account}/transactions/", **params)["transactions"]


def _sum(entries: list[Any]) -> Decimal:
    return sum((Decimal(entry["transactionAmount"]["amount"]) for entry in entries), start=Decimal(0))


@pytest.mark.parametrize(
    ("path", "body", "status", "summary"),
    [
        pytest.param(
            "new/", {"secret_id": "demo-id", "secret_key": "x"}, 401, "Authentication failed", id="wrong secret"
        ),
        pytest.param("refresh/", {"refresh": "x"}, 401, "Invalid token", id="wrong refresh token"),
        pytest.param("new/", {"secret_id": "demo-id"}, 400, None, id="secret missing"),
    ],
)
def test_tokens_are_refused(api: Any, path: str, body: object, status: int, summary: str | None) -> None:
    answer = api.http.post(f"/api/v2/token/{path}", json=body)
    assert (answer.status_code, answer.json().get("summary")) == (status, summary)
    assert answer.json()["status_code"] == status


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic eDp5"])
def test_a_bearer_is_needed(api: Any, header: str) -> None:
    answer = api.http.get("/api/v2/institutions/", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["summary"]) == (401, "Invalid token")


def test_an_access_token_lasts_a_day_and_is_renewed(api: Any, clock: Any) -> None:
    tokens = api.http.post("/api/v2/token/new/", json={"secret_id": "demo-id", "secret_key": "demo-key"}).json()
    assert (tokens["access_expires"], tokens["refresh_expires"]) == (86400, 2592000)
    clock.advance(days=1)
    assert api.http.get("/api/v2/institutions/").status_code == 401
    renewed = api.http.post("/api/v2/token/refresh/", json={"refresh": tokens["refresh"]}).json()
    assert set(renewed) == {"access", "access_expires"}
    headers = {"Authorization": f"Bearer {renewed['access']}"}
    assert api.http.get("/api/v2/institutions/", headers=headers).status_code == 200
    clock.advance(days=29)
    assert api.http.post("/api/v2/token/refresh/", json={"refresh": tokens["refresh"]}).status_code == 401


@pytest.mark.parametrize(("country", "count"), [("de", 4), ("IE", 1), ("MT", 0)], ids=["German", "Irish", "Maltese"])
def test_institutions_are_listed_by_country(api: Any, country: str, count: int) -> None:
    banks = api.get("institutions/", country=country)
    assert len(banks) == count
    assert all(bank["countries"] == [country.upper()] for bank in banks)


def test_an_institution_is_found_by_its_id(api: Any) -> None:
    bank = api.get("institutions/SANDBOXFINANCE_SFIN0000")
    assert (bank["transaction_total_days"], bank["max_access_valid_for_days"]) == ("90", "180")
    assert len(api.get("institutions/")) >= 12
    assert api.http.get("/api/v2/institutions/?country=US").status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "nothing/",
        "institutions/NOBODY/",
        "accounts/00000000-0000-4000-8000-000000000000/",
        "requisitions/not-an-id/",
        "accounts/premium/00000000-0000-4000-8000-000000000000/transactions/",
        "requisitions/00000000-0000-4000-8000-000000000000/",
    ],
)
def test_what_is_not_there_is_not_found(api: Any, path: str) -> None:
    answer = api.http.get(f"/api/v2/{path}")
    assert (answer.status_code, answer.json()["status_code"]) == (404, 404)


def test_a_method_that_is_not_served_is_refused(api: Any) -> None:
    assert api.http.put("/api/v2/requisitions/").status_code == 405


def test_each_bank_tells_in_its_own_way(api: Any) -> None:
    current, savings, card = api.connect(NORDLICHT)["accounts"]
    joint, _ = api.connect(HARBOUR)["accounts"]
    slips = [e for e in _transactions(api, current)["booked"] if e["bankTransactionCode"] == "PMNT-CCRD-POSD"]
    assert not any("creditorName" in e or "merchantCategoryCode" in e for e in slips)
    named = [e for e in _transactions(api, joint)["booked"] if e["bankTransactionCode"] == "PMNT-CCRD-POSD"]
    assert all("creditorName" in e and "merchantCategoryCode" in e for e in named)
    foreign = [e["currencyExchange"][0] for e in named if "currencyExchange" in e]
    assert {each["sourceCurrency"] for each in foreign} == {"GBP", "SEK"}
    details = api.get(f"accounts/{card}/details/")["account"]
    assert (details["cashAccountType"], details["maskedPan"], "iban" in details) == ("CARD", "000000******4711", False)
    assert api.get(f"accounts/{savings}/details/")["account"]["cashAccountType"] == "SVGS"
    assert api.get(f"accounts/{card}/")["iban"] is None


def test_own_transfers_name_the_other_account(api: Any) -> None:
    current = api.connect(NORDLICHT)["accounts"][0]
    joint = api.connect(HARBOUR)["accounts"][0]
    ibans = {account: api.get(f"accounts/{account}/")["iban"] for account in (current, joint)}
    out = [
        (e["bookingDate"], e["valueDate"], Decimal(e["transactionAmount"]["amount"]))
        for e in _transactions(api, current)["booked"]
        if e.get("creditorAccount", {}).get("iban") == ibans[joint]
    ]
    into = [
        (e["bookingDate"], e["valueDate"], -Decimal(e["transactionAmount"]["amount"]))
        for e in _transactions(api, joint)["booked"]
        if e.get("debtorAccount", {}).get("iban") == ibans[current]
    ]
    assert len(out) == 24
    assert out == into


@pytest.mark.parametrize("position", [0, 1, 2], ids=["current", "savings", "card"])
def test_closing_balances_agree_with_the_entries(api: Any, position: int) -> None:
    account = api.connect(NORDLICHT)["accounts"][position]
    balances = {b["balanceType"]: b for b in api.get(f"accounts/{account}/balances/")["balances"]}
    closed, month_closed = balances["closingBooked"], balances["previouslyClosedBooked"]
    assert (closed["referenceDate"], month_closed["referenceDate"]) == ("2026-03-17", "2026-02-28")
    found = _transactions(api, account, date_from="2026-03-01")
    since = [e for e in found["booked"] if e["bookingDate"] >= "2026-03-01"]
    change = Decimal(closed["balanceAmount"]["amount"]) - Decimal(month_closed["balanceAmount"]["amount"])
    assert change == _sum(since)
    if "interimAvailable" in balances:
        available = Decimal(balances["interimAvailable"]["balanceAmount"]["amount"])
        assert available == Decimal(closed["balanceAmount"]["amount"]) + _sum(found["pending"])


def test_running_balances_agree_with_the_entries(api: Any) -> None:
    joint = api.connect(HARBOUR)["accounts"][0]
    booked = _transactions(api, joint)["booked"]
    running = [Decimal(e["balanceAfterTransaction"]["balanceAmount"]["amount"]) for e in booked]
    steps = [newer - older for newer, older in pairwise(running)]
    assert steps == [Decimal(e["transactionAmount"]["amount"]) for e in booked[:-1]]
    balances = {b["balanceType"]: b for b in api.get(f"accounts/{joint}/balances/")["balances"]}
    assert Decimal(balances["interimBooked"]["balanceAmount"]["amount"]) == running[0]
    assert balances["interimBooked"]["referenceDate"] == "2026-03-18"


def test_pending_entries_book_the_next_day_under_ids(api: Any, clock: Any) -> None:
    joint = api.connect(HARBOUR)["accounts"][0]
    today = _transactions(api, joint, date_from=str(TODAY))
    assert today["booked"] == []
    assert today["pending"]
    assert not any("transactionId" in e or "internalTransactionId" in e for e in today["pending"])
    clock.advance(days=1)
    api.sign_in()
    booked = _transactions(api, joint, date_from=str(TODAY), date_to=str(TODAY))["booked"]
    by_card = [e for e in booked if "CCRD" in e["bankTransactionCode"]]
    assert [e["transactionAmount"] for e in reversed(by_card)] == [e["transactionAmount"] for e in today["pending"]]
    texts = {e["remittanceInformationUnstructured"] for e in by_card}
    assert texts.isdisjoint(e["remittanceInformationUnstructured"] for e in today["pending"])
    assert all(len(e["internalTransactionId"]) == 32 for e in booked)


def test_dates_take_an_entry_by_either_of_its_dates(api: Any) -> None:
    card = api.connect(NORDLICHT)["accounts"][2]
    everything = _transactions(api, card)["booked"]
    valued_before = next(e for e in everything if e["valueDate"] < e["bookingDate"])
    first, last = "2026-02-03", valued_before["valueDate"]
    window = _transactions(api, card, date_from=first, date_to=last)
    within = [e for e in everything if any(first <= e[key] <= last for key in ("bookingDate", "valueDate"))]
    assert window == {"booked": within, "pending": []}
    assert valued_before in within


def test_history_ends_where_the_agreement_does(api: Any) -> None:
    joint = api.connect(HARBOUR, max_historical_days=30)["accounts"][0]
    oldest = min(e["bookingDate"] for e in _transactions(api, joint, date_from="2020-01-01")["booked"])
    assert oldest >= str(TODAY - timedelta(days=30))


@pytest.mark.parametrize(
    ("params", "keys"),
    [
        pytest.param({"date_from": "2026-03-19"}, {"date_from"}, id="from in future"),
        pytest.param(
            {"date_from": "2026-03-20", "date_to": "2026-03-19"}, {"date_from", "date_to"}, id="both in future"
        ),
        pytest.param({"date_from": "2026-03-02", "date_to": "2026-03-01"}, {"summary", "detail"}, id="wrong order"),
        pytest.param({"date_from": "yesterday"}, {"date_from"}, id="no date"),
    ],
)
def test_wrong_dates_are_refused_and_not_counted(api: Any, params: dict[str, str], keys: set[str]) -> None:
    path = f"/api/v2/accounts/{api.connect(HARBOUR)['accounts'][0]}/transactions/"
    answer = api.http.get(path, params=params)
    assert answer.status_code == 400
    assert set(answer.json()) == keys | {"status_code"}
    assert api.http.get(path).headers["http_x_ratelimit_account_success_remaining"] == "3"


def test_four_calls_a_day_are_allowed_for_each_account_and_scope(api: Any, clock: Any) -> None:
    joint, savings = api.connect(HARBOUR)["accounts"]
    path = f"/api/v2/accounts/{joint}/balances/"
    left = [api.http.get(path).headers["http_x_ratelimit_account_success_remaining"] for _ in range(4)]
    assert left == ["3", "2", "1", "0"]
    clock.advance(hours=1)
    refused = api.http.get(path)
    assert refused.status_code == 429
    assert refused.json()["detail"] == ("The rate limit for this resource is 4/day. Please try again in 82800 seconds")
    assert refused.headers["http_x_ratelimit_account_success_reset"] == "82800"
    assert api.http.get(f"/api/v2/accounts/{savings}/balances/").status_code == 200
    assert api.http.get(f"/api/v2/accounts/{joint}/details/").status_code == 200
    clock.advance(hours=22, minutes=59, seconds=59)
    assert api.http.get(path).status_code == 429
    clock.advance(seconds=1)
    api.sign_in()
    assert api.http.get(path).status_code == 200


def test_a_hundred_calls_a_minute_are_allowed_in_all(api: Any, clock: Any) -> None:
    path = f"/api/v2/accounts/{api.connect(HARBOUR)['accounts'][0]}/"
    assert {api.http.get(path).status_code for _ in range(100)} == {200}
    refused = api.http.get(path)
    assert (refused.status_code, refused.headers["http_x_ratelimit_remaining"]) == (429, "0")
    clock.advance(minutes=1)
    assert api.http.get(path).headers["http_x_ratelimit_remaining"] == "99"
