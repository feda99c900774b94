import html
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from farthing.clock import utc_now
from farthing.consent import LinkedBank
from farthing.lake.reference import read_names
from farthing.lake.store import open_store
from farthing.settings import Settings
from farthing.state.models import Purpose
from tests.unit.web.made_up import LAPSED, LIVE, NOW, MadeUpConsents


def test_shows_lapsed_consents_first_and_days_left(client: TestClient) -> None:
    page = client.get("/accounts").text

    assert page.index("Brook Bank") < page.index("Ash Bank")
    assert "Lapsed" in page
    assert "60 days left, until 21 October 2026." in page


@pytest.mark.parametrize(
    ("linked", "expected"),
    [
        pytest.param(replace(LIVE, expires_at=None), "Lasts until", id="no-end"),
        pytest.param(replace(LIVE, expires_at=NOW + timedelta(hours=3)), "Less than a day left", id="today"),
        pytest.param(replace(LIVE, expires_at=NOW + timedelta(hours=30)), "1 day left", id="tomorrow"),
        pytest.param(
            replace(LIVE, reconfirm_by=NOW + timedelta(days=9)), "Reconfirm it by 31 August 2026", id="reconfirm-soon"
        ),
        pytest.param(replace(LIVE, reconfirm_by=NOW), "Waits for you to reconfirm", id="reconfirm-now"),
        pytest.param(LAPSED, "1 account ·", id="one-account"),
    ],
)
def test_says_how_each_consent_stands(
    client: TestClient, consents: MadeUpConsents, linked: LinkedBank, expected: str
) -> None:
    consents.linked = [linked]

    assert expected in client.get("/accounts").text


@pytest.mark.parametrize(
    ("linked", "button"),
    [
        pytest.param(LIVE, '<button class="quiet">Renew', id="in-time"),
        pytest.param(replace(LIVE, expires_at=NOW + timedelta(days=14)), "<button>Renew", id="soon"),
        pytest.param(replace(LIVE, reconfirm_by=NOW + timedelta(days=14)), "<button>Renew", id="reconfirm-soon"),
        pytest.param(replace(LIVE, reconfirm_by=NOW + timedelta(days=15)), '<button class="quiet">Renew', id="later"),
        pytest.param(LAPSED, "<button>Renew", id="lapsed"),
    ],
)
def test_asks_to_renew_when_it_is_time(
    client: TestClient, consents: MadeUpConsents, linked: LinkedBank, button: str
) -> None:
    consents.linked = [linked]

    assert button in client.get("/accounts").text


def test_asks_nobody_to_renew_a_history_that_was_told(client: TestClient, consents: MadeUpConsents) -> None:
    consents.linked = [replace(LAPSED, purpose=Purpose.HISTORY), LIVE]

    page = client.get("/accounts").text

    assert page.index("Ash Bank") < page.index("Brook Bank")
    assert "nothing to renew" in page
    assert page.count('action="/renew"') == 1


def test_says_that_no_bank_is_linked(client: TestClient, consents: MadeUpConsents) -> None:
    consents.linked = []

    assert "No bank is linked yet" in client.get("/accounts").text


def test_lists_the_published_accounts(client: TestClient) -> None:
    page = client.get("/accounts").text

    for expected in ("Joint", "…1234", "Travel"):
        assert expected in page


def test_names_an_account_under_all_its_links_until_the_name_is_taken_back(
    client: TestClient, app: FastAPI, lake: Settings
) -> None:
    answer = client.post("/accounts/name", data={"account_id": "new", "name": " Ours & <theirs> "})

    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts#published")
    assert read_names(open_store(lake)) == {"new": "Ours & <theirs>", "old": "Ours & <theirs>"}
    assert 'value="Ours &amp; &lt;theirs&gt;"' in client.get("/accounts").text

    app.dependency_overrides[utc_now] = lambda: NOW + timedelta(seconds=1)
    client.post("/accounts/name", data={"account_id": "old", "name": ""})

    assert read_names(open_store(lake)) == {}


@pytest.mark.parametrize(
    ("account_id", "name", "status", "sentence"),
    [
        pytest.param("strange", "Mine", 404, "There is no such account", id="not-published"),
        pytest.param("new", "two\nlines", 422, "one line of at most 80", id="lines"),
        pytest.param("new", "x" * 81, 422, "one line of at most 80", id="too-long"),
        pytest.param("", "Mine", 400, "Something is missing", id="no-account"),
    ],
)
def test_refuses_a_name_that_does_not_fit(
    client: TestClient, lake: Settings, account_id: str, name: str, status: int, sentence: str
) -> None:
    page = client.post("/accounts/name", data={"account_id": account_id, "name": name})

    assert page.status_code == status
    assert sentence in html.unescape(page.text)
    assert read_names(open_store(lake)) == {}


def test_sends_the_person_to_the_bank_to_renew(client: TestClient, consents: MadeUpConsents) -> None:
    answer = client.post("/renew", data={"requisition_id": str(LAPSED.requisition_id)})

    assert (answer.status_code, answer.headers["location"]) == (303, "https://bank.test/start/BROOK_1")
    assert consents.redirect_url == "http://127.0.0.1:7400/consent/callback"


def test_asks_before_it_disconnects(client: TestClient, consents: MadeUpConsents) -> None:
    asked = client.get("/disconnect", params={"requisition_id": str(LIVE.requisition_id)})
    assert "Disconnect Ash Bank?" in asked.text
    assert consents.linked == [LIVE, LAPSED]

    answer = client.post("/disconnect", data={"requisition_id": str(LIVE.requisition_id)})

    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts")
    assert consents.linked == [LAPSED]
