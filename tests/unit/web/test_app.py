from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from fastapi.testclient import TestClient

from farthing.consent import LinkResult
from farthing.errors import ConfigurationError
from farthing.settings import Settings
from farthing.web.app import create_app, web_address
from farthing.web.services import Consents


def not_configured(_: Settings) -> AbstractAsyncContextManager[Consents]:
    raise ConfigurationError("FARTHING_VAULT_KEY is not set.")


def test_says_what_is_here_and_that_accounts_reconcile(client: TestClient) -> None:
    page = client.get("/")

    assert page.status_code == 200
    for expected in ("Every account reconciles", "22 August 2026", 'href="/notebooks/spending/"', 'href="/connect"'):
        assert expected in page.text


def test_links_to_prefect_without_the_path_of_its_api(lake: Settings) -> None:
    settings = lake.model_copy(update={"prefect_api_url": "http://127.0.0.1:7401/api"})

    page = TestClient(create_app(settings, not_configured), base_url="http://localhost").get("/")

    assert 'href="http://127.0.0.1:7401"' in page.text


def test_says_on_the_index_that_nothing_is_published(empty_lake: Settings) -> None:
    page = TestClient(create_app(empty_lake, not_configured), base_url="http://localhost").get("/")

    assert page.status_code == 200
    assert "Nothing is published yet" in page.text


def test_is_healthy(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_serves_the_notebook(client: TestClient) -> None:
    page = client.get("/notebooks/spending/")

    assert page.status_code == 200
    assert "Spending" in page.text


def test_asks_for_a_country_before_it_lists_banks(client: TestClient) -> None:
    page = client.get("/connect")

    assert "United Kingdom" in page.text
    assert "Ash Bank" not in page.text


def test_lists_a_countrys_banks_by_name_and_escapes_them(client: TestClient) -> None:
    page = client.get("/connect", params={"country": "GB"}).text

    assert page.index("Ash Bank") < page.index("brook &lt;Bank&gt;")


def test_says_that_a_country_has_no_banks(client: TestClient) -> None:
    assert "No bank of that country" in client.get("/connect", params={"country": "LI"}).text


def test_sends_the_person_to_the_bank_and_back_to_the_callback(client: TestClient, consents: Any) -> None:
    answer = client.post("/connect", data={"institution_id": "ASH_1"})

    assert (answer.status_code, answer.headers["location"]) == (303, "https://bank.test/start/ASH_1")
    assert consents.redirect_url == "http://127.0.0.1:7400/consent/callback"


def test_says_how_many_accounts_were_linked(client: TestClient) -> None:
    page = client.get("/consent/callback", params={"ref": "known"}).text

    assert "Brook Bank is linked" in page
    assert "2 accounts" in page


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("UserCancelledSession", "You stopped before"),
        ("UserSessionRejected", "did not accept the sign-in"),
        ("SSNVerificationFailed", "another personal identification number"),
        ("RequisitionLinkReused", "each works only once"),
        ("InstitutionTechnicalError", "technical problem"),
        ("InstitutionTimeoutError", "too long to answer"),
        ("GoCardlessTechnicalError", "GoCardless has a technical problem"),
        ("CompanyRequisitionLimitReached", "no further bank connection"),
        ("UnknownError", "could not be linked"),
        ("NeverSeenBefore", "could not be linked"),
    ],
)
def test_explains_each_failure_and_never_repeats_the_address(
    client: TestClient, consents: Any, error: str, expected: str
) -> None:
    consents.result = LinkResult(institution_name="Brook Bank", status="failed", accounts=0)

    page = client.get("/consent/callback", params={"ref": "known", "error": error, "details": "send us money"})

    assert page.status_code == 200
    assert expected in page.text
    assert "Begin again" in page.text
    assert "send us money" not in page.text


def test_believes_the_provider_over_the_address(client: TestClient) -> None:
    page = client.get("/consent/callback", params={"ref": "known", "error": "UserCancelledSession"})

    assert "Brook Bank is linked" in page.text


def test_asks_to_wait_while_the_bank_has_not_confirmed(client: TestClient, consents: Any) -> None:
    consents.result = LinkResult(institution_name="Brook Bank", status="waiting", accounts=0)

    assert "not ready yet" in client.get("/consent/callback", params={"ref": "known"}).text


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        pytest.param("/consent/callback?ref=strange", 404, "No consent of that reference", id="unknown-reference"),
        pytest.param("/consent/callback", 400, "Something is missing", id="no-reference"),
        pytest.param("/connect?country=Narnia", 400, "Something is missing", id="no-country-code"),
        pytest.param("/nowhere", 404, "no such page", id="no-such-page"),
    ],
)
def test_shows_a_sentence_for_a_wrong_address(client: TestClient, path: str, status: int, sentence: str) -> None:
    page = client.get(path)

    assert page.status_code == status
    assert sentence in page.text


def test_refuses_a_method_that_a_page_has_not(client: TestClient) -> None:
    assert "cannot be asked in that way" in client.post("/consent/callback").text


def test_says_what_is_missing_when_a_setting_is(lake: Settings) -> None:
    page = TestClient(create_app(lake, not_configured), base_url="http://localhost").get("/connect")

    assert page.status_code == 503
    assert "FARTHING_VAULT_KEY" in page.text


def test_gives_the_public_address_to_banks_where_one_is_set(empty_lake: Settings) -> None:
    assert web_address(empty_lake.model_copy(update={"web_url": "https://books.example/"})) == "https://books.example"
