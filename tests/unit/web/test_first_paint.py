import re
from contextlib import AbstractAsyncContextManager
from datetime import date

import pytest
from fastapi.testclient import TestClient
from marimo._entrypoints import registry

from farthing.errors import ConfigurationError
from farthing.explore.books import open_books
from farthing.explore.money import format_money
from farthing.explore.queries import Query
from farthing.settings import Settings
from farthing.web import first_paint
from farthing.web.app import create_app
from farthing.web.services import Consents
from tests.made_up_lake import make_lake

TODAY = date(2026, 8, 31)


def not_configured(_: Settings) -> AbstractAsyncContextManager[Consents]:
    raise ConfigurationError("FARTHING_VAULT_KEY is not set.")


@pytest.fixture(autouse=True)
def _no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine take its time."""
    monkeypatch.setattr(first_paint, "WAITS", 60.0)


@pytest.fixture
def made_up(empty_lake: Settings) -> Settings:
    make_lake(empty_lake, today=TODAY, purchases=50, months=4)
    open_books(empty_lake)  # the copy, which a server makes when it starts
    return empty_lake


def client_of(settings: Settings) -> TestClient:
    return TestClient(create_app(settings, not_configured), base_url="http://localhost")


def first_of(page: str) -> str:
    """Cut out what stands in the page until marimo has rendered."""
    found = re.search(r'<div id="f-first">.*?<template', page, re.DOTALL)
    assert found is not None
    return found[0]


def test_home_has_its_figures_before_any_script_runs(made_up: Settings) -> None:
    worth = Query(
        sql="select net_worth from marts.fct_net_worth where currency = 'EUR' and balance_date = date '2026-08-31'"
    ).run(open_books(made_up).connection)
    page = client_of(made_up).get("/notebooks/home/")

    assert format_money(worth.item(), "EUR", locale="en_IE") in first_of(page.text)
    assert "Every account reconciles to the last farthing" in first_of(page.text)
    assert page.headers["cache-control"] == "no-store"
    assert "etag" not in page.headers


def test_a_newer_build_has_newer_figures(made_up: Settings) -> None:
    client = client_of(made_up)
    before = first_of(client.get("/notebooks/home/").text)
    assert first_of(client.get("/notebooks/home/").text) == before
    make_lake(made_up, today=TODAY, purchases=80, months=4)
    after = first_of(client.get("/notebooks/home/").text)
    assert "Net worth in EUR" in after
    assert after != before


def test_another_currency_is_asked_for_in_the_address(made_up: Settings) -> None:
    assert "Net worth in NOK" in first_of(client_of(made_up).get("/notebooks/home/?currency=NOK").text)


@pytest.mark.parametrize("name", ["home", "spending", "lab"])
def test_the_way_to_other_pages_is_there_without_any_books(empty_lake: Settings, name: str) -> None:
    first = first_of(client_of(empty_lake).get(f"/notebooks/{name}/").text)
    assert 'href="/notebooks/trust/"' in first
    assert "f-card" not in first


def test_marimos_scripts_wait_until_something_is_painted(made_up: Settings) -> None:
    page = client_of(made_up).get("/notebooks/home/").text
    before, later = page.split('<template id="f-later">')
    assert "modulepreload" not in before
    assert '<script type="module"' not in before
    assert later.index('<script type="module"') < later.index("</template>")
    assert '<div id="root"></div>' in later


def test_an_old_page_in_a_browser_is_not_taken_for_this_one(made_up: Settings) -> None:
    client = client_of(made_up)
    assert client.get("/notebooks/home/", headers={"if-none-match": "*"}).status_code == 200


def test_the_first_page_brings_no_font_and_no_picture(made_up: Settings) -> None:
    page = client_of(made_up).get("/notebooks/home/").text

    assert '<link rel="preload"' not in page


def test_marimo_looks_for_executors_once(made_up: Settings) -> None:
    client_of(made_up)
    entry_points = vars(registry)["entry_points"]

    assert entry_points() is entry_points()
