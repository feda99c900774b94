from contextlib import AbstractAsyncContextManager

import pytest
from fastapi.testclient import TestClient

from farthing.errors import ConfigurationError
from farthing.lake.dictionary import keep_dictionary
from farthing.lake.store import open_store
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


def test_links_to_prefect_without_the_path_of_its_api(client: TestClient) -> None:
    assert 'href="http://127.0.0.1:7401"' in client.get("/").text


def test_says_on_the_index_that_nothing_is_published(empty_lake: Settings) -> None:
    page = TestClient(create_app(empty_lake, not_configured, notebooks=[]), base_url="http://localhost").get("/")

    assert page.status_code == 200
    assert "Nothing is published yet" in page.text


def test_marks_up_what_is_to_be_typed(client: TestClient) -> None:
    page = client.get("/dictionary")

    assert page.status_code == 404
    assert "the next <code>farthing sync</code> or <code>farthing build</code> does." in page.text


def test_is_healthy(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_serves_the_notebook(lake: Settings) -> None:
    page = TestClient(create_app(lake, not_configured), base_url="http://localhost").get("/notebooks/spending/")

    assert page.status_code == 200
    assert "Spending" in page.text


def test_serves_the_newest_builds_page_on_the_marts(client: TestClient, lake: Settings) -> None:
    for page, models in [(b"<p>old</p>", "one"), ("<p>für alle</p>".encode(), "another")]:
        keep_dictionary(open_store(lake), page, models=models)

    answer = client.get("/dictionary")

    assert (answer.status_code, answer.text) == (200, "<p>für alle</p>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert 'href="/dictionary"' in client.get("/").text


def test_says_what_makes_the_page_on_the_marts_where_there_is_none(client: TestClient) -> None:
    page = client.get("/dictionary")

    assert page.status_code == 404
    assert "farthing build" in page.text


@pytest.mark.parametrize("file", ["farthing.css", "banks.js", "consent.js"])
def test_serves_its_own_styles_and_scripts(client: TestClient, file: str) -> None:
    assert client.get(f"/static/{file}").status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        pytest.param("/consent/callback?ref=strange", 404, "No consent of that reference", id="unknown-reference"),
        pytest.param("/consent/callback", 400, "Something is missing", id="no-reference"),
        pytest.param("/connect?country=Narnia", 400, "Something is missing", id="no-country-code"),
        pytest.param("/connect/bank?id=NO_SUCH", 404, "no such bank", id="no-such-bank"),
        pytest.param("/disconnect?requisition_id=7", 400, "Something is missing", id="no-uuid"),
        pytest.param(
            "/disconnect?requisition_id=00000000-0000-0000-0000-000000000009", 404, "no such consent", id="no-consent"
        ),
        pytest.param("/nowhere", 404, "no such page", id="no-such-page"),
    ],
)
def test_shows_a_sentence_for_a_wrong_address(client: TestClient, path: str, status: int, sentence: str) -> None:
    page = client.get(path)

    assert page.status_code == status
    assert sentence in page.text
    assert page.headers["content-type"].startswith("text/html")


def test_refuses_a_method_that_a_page_has_not(client: TestClient) -> None:
    refused = client.post("/consent/callback")

    assert "cannot be asked in that way" in refused.text
    assert refused.headers["allow"] == "GET"


@pytest.mark.parametrize("path", ["/connect", "/accounts", "/api/consents"])
def test_says_what_is_missing_when_a_setting_is(lake: Settings, path: str) -> None:
    page = TestClient(create_app(lake, not_configured, notebooks=[]), base_url="http://localhost").get(path)

    assert page.status_code == 503
    assert "FARTHING_VAULT_KEY" in page.text


@pytest.mark.parametrize("path", ["/connect", "/renew", "/disconnect", "/consent/sync", "/api/consents"])
def test_begins_and_ends_nothing_for_another_web_site(client: TestClient, path: str) -> None:
    assert client.post(path, headers={"origin": "https://evil.example"}).status_code == 403


def test_gives_the_public_address_to_banks_where_one_is_set(empty_lake: Settings) -> None:
    assert web_address(empty_lake.model_copy(update={"web_url": "https://books.example/"})) == "https://books.example"
