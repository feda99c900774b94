import html
from contextlib import nullcontext
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from farthing.lake.reference import read_names
from farthing.lake.store import open_store
from farthing.settings import Settings
from farthing.web.app import create_app
from tests.unit.web.made_up import FAILED, LINKED, ORIGIN, WAITING, MadeUpConsents, Outside

CALLBACK = "/consent/callback"


def test_asks_for_a_country_before_it_lists_banks(client: TestClient) -> None:
    page = client.get("/connect")

    assert "United Kingdom" in page.text
    assert "Ash Bank" not in page.text


@pytest.mark.parametrize(
    ("secret_key", "is_told"), [pytest.param(SecretStr("key"), False, id="both"), pytest.param(None, True, id="one")]
)
def test_says_what_is_missing_before_a_bank_is_chosen(
    lake: Settings, consents: MadeUpConsents, secret_key: SecretStr | None, is_told: bool
) -> None:
    settings = lake.model_copy(update={"gocardless_secret_id": SecretStr("id"), "gocardless_secret_key": secret_key})
    client = TestClient(create_app(settings, lambda _: nullcontext(consents), notebooks=[]), base_url=ORIGIN)

    told = "FARTHING_GOCARDLESS_SECRET_KEY is not set: put GoCardless&#39;s two keys in .env and start <code>farthing"
    assert (told in client.get("/connect").text) == is_told


def test_lists_a_countrys_banks_and_what_they_give_and_escapes_them(client: TestClient) -> None:
    page = client.get("/connect", params={"country": "GB"}).text

    assert "brook &lt;Bânk&gt;" in page
    assert "2 years of history, access for 180 days · private accounts · cards" in page
    assert "2 years of history, access for 90 days · two consents" in page


@pytest.mark.parametrize(
    ("search", "shown"),
    [
        pytest.param("", {"ASH_1", "BROOK_1"}, id="all"),
        pytest.param("ash", {"ASH_1"}, id="by-name"),
        pytest.param("BANK ash", {"ASH_1"}, id="words-in-any-order"),
        pytest.param("bank", {"ASH_1", "BROOK_1"}, id="accents-do-not-matter"),
        pytest.param("brook_1", {"BROOK_1"}, id="by-id"),
        pytest.param("oak", set(), id="none"),
    ],
)
def test_searches_without_scripts_too(client: TestClient, search: str, shown: set[str]) -> None:
    page = client.get("/connect", params={"country": "GB", "search": search}).text

    listed = [line for line in page.splitlines() if "data-search" in line]
    assert len(listed) == 2
    assert {line.split("id=")[1].split('"')[0] for line in listed if " hidden" not in line} == shown
    assert ('id="none" class="card" role="status" hidden' in page) == bool(shown)


def test_says_that_a_country_has_no_banks(client: TestClient) -> None:
    assert "No bank of that country" in client.get("/connect", params={"country": "LI"}).text


def test_offers_the_sandbox_bank_only_where_bank_data_is_made_up(client: TestClient, sandboxed: TestClient) -> None:
    link = 'href="/connect/bank?id=SANDBOXFINANCE_SFIN0000"'

    assert link not in client.get("/connect").text
    assert link in sandboxed.get("/connect").text


@pytest.mark.parametrize(
    ("bank", "expected"),
    [
        pytest.param("ASH_1", ["the past 2 years now", "for 180 days", "After 90 days you say once more"], id="one"),
        pytest.param(" BROOK_1 ", ["two consents", "tells only once", "the past 90 days now"], id="two-typed-by-id"),
    ],
)
def test_shows_what_will_be_asked_before_the_person_goes_to_the_bank(
    client: TestClient, bank: str, expected: list[str]
) -> None:
    page = client.get("/connect/bank", params={"id": bank}).text

    for words in expected:
        assert words in page


def test_sends_the_person_to_the_bank_and_back_to_the_callback(client: TestClient, consents: MadeUpConsents) -> None:
    answer = client.post("/connect", data={"institution_id": "ASH_1"})

    assert (answer.status_code, answer.headers["location"]) == (303, "https://bank.test/start/ASH_1")
    assert consents.redirect_url == "http://127.0.0.1:7400/consent/callback"


def test_says_how_many_accounts_were_linked_however_often_it_is_asked(client: TestClient) -> None:
    first, again = (client.get(CALLBACK, params={"ref": "known"}).text for _ in range(2))

    assert "Brook Bank is linked" in first
    assert "2 accounts" in first
    assert again == first


@pytest.mark.parametrize(
    ("error", "happened", "next_step"),
    [
        ("UserCancelledSession", "You stopped before", "Begin again any time"),
        ("UserSessionRejected", "did not accept the sign-in", "Check that you can sign in"),
        ("SSNVerificationFailed", "another personal identification number", "which number it has"),
        ("RequisitionLinkReused", "each works only once", "Begin again for a new link"),
        ("InstitutionTechnicalError", "The bank has a technical problem", "Try again in a while"),
        ("InstitutionTimeoutError", "too long to answer", "Try again in a while"),
        ("GoCardlessTechnicalError", "GoCardless has a technical problem", "Try again in a while"),
        ("CompanyRequisitionLimitReached", "no further bank connection", "Disconnect a bank"),
        ("UnknownError", "could not be linked", "try another day"),
        ("NeverSeenBefore<script>", "could not be linked", "try another day"),
    ],
)
def test_explains_each_failure_and_never_repeats_the_address(
    client: TestClient, consents: MadeUpConsents, error: str, happened: str, next_step: str
) -> None:
    consents.result = replace(FAILED, problem=error)

    page = client.get(CALLBACK, params={"ref": "known", "error": error, "details": "send us money"})

    assert page.status_code == 200
    for words in (happened, next_step, 'href="/connect/bank?id=BROOK_1"'):
        assert words in html.unescape(page.text)
    assert "send us money" not in page.text
    assert "NeverSeenBefore" not in page.text
    assert "consent.js" not in page.text  # nothing to wait for


def test_leads_to_what_can_be_let_go_where_the_plan_allows_no_more(
    client: TestClient, consents: MadeUpConsents
) -> None:
    consents.result = replace(FAILED, problem="CompanyRequisitionLimitReached")

    page = client.get(CALLBACK, params={"ref": "known"}).text

    assert "See what is connected" in page
    assert "Choose another bank" not in page


def test_waits_for_the_word_of_a_holder_who_has_to_reconfirm(client: TestClient, consents: MadeUpConsents) -> None:
    consents.result = replace(LINKED, awaits_reconfirmation=True)

    page = client.get(CALLBACK, params={"ref": "known", "error": "UserCancelledSession"}).text

    assert "Brook Bank waits for your word" in page


@pytest.mark.parametrize(
    ("problem", "happened"),
    [("Expired", "time that you allowed is over"), ("Suspended", "suspended"), ("NeverBegun", "never heard of")],
)
def test_explains_what_the_provider_says_where_the_address_names_no_error(
    client: TestClient, consents: MadeUpConsents, problem: str, happened: str
) -> None:
    consents.result = replace(FAILED, problem=problem)

    assert happened in client.get(CALLBACK, params={"ref": "known"}).text


def test_believes_the_provider_over_the_address(client: TestClient) -> None:
    page = client.get(CALLBACK, params={"ref": "known", "error": "UserCancelledSession"})

    assert "Brook Bank is linked" in page.text


@pytest.mark.parametrize(
    ("result", "words"),
    [
        pytest.param(WAITING, "not ready yet", id="the-bank-has-not-confirmed"),
        pytest.param(replace(LINKED, ready=1), "delivered 1 of 2", id="accounts-are-on-their-way"),
    ],
)
def test_watches_what_is_not_ready_with_or_without_scripts(
    client: TestClient, consents: MadeUpConsents, result: object, words: str
) -> None:
    consents.result = result  # type: ignore[assignment]  # a table of results

    page = client.get(CALLBACK, params={"ref": "known"}).text

    for expected in (words, 'data-waits="1"', '<noscript><meta http-equiv="refresh"', "/static/consent.js"):
        assert expected in page
    assert "Start a sync" not in page


def test_leads_to_the_second_consent_where_the_bank_needs_one(client: TestClient, consents: MadeUpConsents) -> None:
    consents.result = replace(LINKED, needs_second=True)

    page = client.get(CALLBACK, params={"ref": "known"}).text

    assert "one more step" in page
    assert 'name="institution_id" value="BROOK_1"' in page


def test_starts_the_first_sync_from_a_button_and_leads_to_its_run(client: TestClient, outside: Outside) -> None:
    assert 'action="/consent/sync"' in client.get(CALLBACK, params={"ref": "known"}).text
    assert outside.asked == []

    page = client.post("/consent/sync", data={"ref": "known"}).text

    assert 'href="http://127.0.0.1:7401/runs/flow-run/r"' in page


def test_says_what_to_run_when_prefect_does_not_answer(client: TestClient, outside: Outside) -> None:
    outside.is_down = True

    assert "farthing sync" in client.post("/consent/sync", data={"ref": "known"}).text


def test_starts_no_sync_before_the_accounts_are_ready(
    client: TestClient, consents: MadeUpConsents, outside: Outside
) -> None:
    consents.result = replace(LINKED, ready=1)

    assert "delivered 1 of 2" in client.post("/consent/sync", data={"ref": "known"}).text
    assert outside.asked == []


def test_asks_for_names_of_accounts_that_are_ready(client: TestClient) -> None:
    page = client.get("/consent/callback", params={"ref": "known"}).text

    assert "What do you call them?" in page
    assert "Current •••• 0001" in page
    assert "&lt;Saver&gt;" in page


def test_keeps_the_names_of_the_consents_own_accounts(client: TestClient, lake: Settings) -> None:
    form = {"ref": "known", "account_id": ["one", "two", "another's"], "name": ["Housekeeping", "", "Mine now"]}

    answer = client.post("/consent/names", data=form, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts")
    assert read_names(open_store(lake)) == {"one": "Housekeeping"}
