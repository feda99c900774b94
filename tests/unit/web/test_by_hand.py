"""The accounts' page on accounts that no bank tells of: an owner without a terminal keeps them there."""

import html
from datetime import date, timedelta
from decimal import Decimal

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from farthing.by_hand import add, list_kept
from farthing.clock import utc_now
from farthing.errors import ServiceDownError
from farthing.lake.reference import ManualAccount, ManualBalance
from farthing.settings import Settings
from tests.unit.web.made_up import NOW

HOUSE = {"name": "Our house", "kind": "property", "currency": "eur", "amount": "250000,50", "day": "2026-08-01"}


def test_adds_an_account_with_its_balance(client: TestClient, lake: Settings) -> None:
    answer = client.post("/accounts/by-hand", data=HOUSE)

    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts#by-hand")
    account = ManualAccount(account_key="our-house", account_name="Our house", kind="property", currency="EUR")
    balance = ManualBalance(account_key="our-house", balance_date=date(2026, 8, 1), amount=Decimal("250000.50"))
    assert list_kept(lake) == [(account, balance)]
    assert "€250,000.50 at the end of 1 August 2026" in client.get("/accounts").text


def test_a_later_day_says_otherwise_and_an_account_goes_with_all_its_balances(
    client: TestClient, app: FastAPI, lake: Settings
) -> None:
    client.post("/accounts/by-hand", data=HOUSE)
    for days, data in enumerate(
        ({"amount": "251000", "day": "2026-08-02"}, {"amount": "-1", "day": "2026-07-01"}), start=1
    ):
        app.dependency_overrides[utc_now] = lambda days=days: NOW + timedelta(days=days)
        assert client.post("/accounts/by-hand/balance", data={"key": "our-house", **data}).status_code == 303
    [(_, newest)] = list_kept(lake)
    assert newest == ManualBalance(account_key="our-house", balance_date=date(2026, 8, 2), amount=Decimal(251_000))

    app.dependency_overrides[utc_now] = lambda: NOW + timedelta(days=9)
    assert client.post("/accounts/by-hand/remove", data={"key": "our-house"}).status_code == 303
    assert list_kept(lake) == []

    app.dependency_overrides[utc_now] = lambda: NOW + timedelta(days=10)
    add(lake, key="our-house", name="Another", kind="property", currency="EUR", now=NOW + timedelta(days=10))
    assert "No balance yet" in client.get("/accounts").text


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        pytest.param(["Cash", "Cash!", "(cash)"], ["cash", "cash-2", "cash-3"], id="alike"),
        pytest.param(["Żółta łódź", "金"], ["account", "zota-odz"], id="accents-and-none"),
        pytest.param(["x" * 80, "x" * 79], ["x" * 28, "x" * 28 + "-2"], id="long"),
    ],
)
def test_makes_a_key_of_a_name(client: TestClient, lake: Settings, names: list[str], keys: list[str]) -> None:
    for name in names:
        assert client.post("/accounts/by-hand", data=HOUSE | {"name": name}).status_code == 303

    assert [account.account_key for account, _ in list_kept(lake)] == keys


def test_a_form_that_is_sent_twice_adds_one_account(client: TestClient, lake: Settings) -> None:
    first, second = (
        client.post("/accounts/by-hand", data=HOUSE | {"name": name}) for name in ("Our house", "OUR HOUSE")
    )

    assert (first.status_code, second.status_code) == (303, 422)
    assert "there is one of that name" in html.unescape(second.text)
    assert [account.account_name for account, _ in list_kept(lake)] == ["Our house"]


@pytest.mark.parametrize(
    ("path", "data", "status", "sentence"),
    [
        pytest.param("", {"amount": "much"}, 422, "That is no amount", id="amount"),
        pytest.param("", {"amount": " "}, 400, "Something is missing", id="no-amount"),
        pytest.param("", {"currency": "euro"}, 422, "three capital letters", id="currency"),
        pytest.param("", {"kind": "boat"}, 422, "kind", id="kind"),
        pytest.param("", {"name": "two\nlines"}, 422, "account_name", id="name"),
        pytest.param("", {"day": "yesterday"}, 400, "Something is missing", id="day"),
        pytest.param("", {"day": "0026-08-01"}, 422, "the year is out of bounds", id="year"),
        pytest.param("/balance", {"key": "boat"}, 404, "No account is kept by hand", id="balance-of-nothing"),
        pytest.param("/remove", {"key": "boat"}, 404, "No account is kept by hand", id="removed-nothing"),
    ],
)
def test_refuses_what_does_not_fit_and_keeps_nothing(
    client: TestClient, lake: Settings, path: str, data: dict[str, str], status: int, sentence: str
) -> None:
    page = client.post(f"/accounts/by-hand{path}", data=HOUSE | data)

    assert page.status_code == status
    assert sentence in html.unescape(page.text)
    assert list_kept(lake) == []


def test_shows_the_consents_while_the_lake_does_not_answer(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_: Settings) -> None:
        raise ServiceDownError("The lake does not answer.")

    monkeypatch.setattr("farthing.by_hand.open_store", down)
    page = client.get("/accounts")

    assert page.status_code == 200
    assert "Ash Bank" in page.text
