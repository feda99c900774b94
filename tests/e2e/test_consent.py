"""Linking a bank in a real browser: our pages, the sandbox bank's pages, a real Postgres behind them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Route, expect
from pydantic import SecretStr

from farthing.assembly import prepare_stores
from farthing.settings import Settings
from farthing.stack.postgres import running_postgres
from farthing.state.vault import make_key
from tests.e2e.axe import serious_faults
from tests.e2e.conftest import needs_chromium
from tests.e2e.servers import free_port, running

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.integration,
    needs_chromium,
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Where the web app is, the sandbox bank's API, and its admin API."""

    web: str
    bank: str
    admin: str

    def act(self, action: str, **fields: object) -> None:
        """Make something happen at the bank."""
        httpx.post(f"{self.admin}/actions", json={"action": action, **fields}).raise_for_status()


@pytest.fixture(scope="module")
def farthing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run Postgres, the sandbox bank and the web app, without Prefect."""
    home: Path = tmp_path_factory.mktemp("farthing")
    web, bank, admin = free_port(), free_port(), free_port()
    with running_postgres(home / "postgres") as database_url:
        environment = {
            "FARTHING_HOME": str(home),
            "FARTHING_ENV_FILE": str(home / "none.env"),
            "FARTHING_LAKE_URL": f"file://{home}/lake",
            "FARTHING_DATABASE_URL": database_url,
            "FARTHING_VAULT_KEY": make_key(),
            "FARTHING_GOCARDLESS_URL": f"http://127.0.0.1:{bank}/api/v2/",
            "FARTHING_GOCARDLESS_SECRET_ID": "id",
            "FARTHING_GOCARDLESS_SECRET_KEY": "key",
            "FARTHING_WEB_PORT": str(web),
        }
        prepare_stores(
            Settings(home=home, lake_url=f"file://{home}/lake", database_url=SecretStr(database_url)),
        )
        with (
            running(
                "farthing.sandbox",
                *("--port", str(bank), "--admin-port", str(admin), "--home", str(home)),
                environment={"SANDBOX_SECRET_ID": "id", "SANDBOX_SECRET_KEY": "key"},
                ready_url=f"http://127.0.0.1:{admin}/state",
            ),
            running("farthing.web", environment=environment, ready_url=f"http://127.0.0.1:{web}/healthz"),
        ):
            yield Running(
                web=f"http://127.0.0.1:{web}",
                bank=environment["FARTHING_GOCARDLESS_URL"],
                admin=f"http://127.0.0.1:{admin}",
            )


def test_a_person_links_a_bank_and_opens_its_link_twice(farthing: Running, page: Page, refused: list[str]) -> None:
    page.goto(farthing.web)
    page.get_by_role("link", name="Connect a bank").first.click()
    page.get_by_label("Country").select_option("DE")  # goes on by itself
    expect(page.get_by_role("list", name="Banks").get_by_role("listitem")).to_have_count(4)
    page.get_by_label("Bank", exact=True).press_sequentially("nordl")
    expect(page.get_by_role("list", name="Banks").get_by_role("listitem")).to_have_count(1)
    page.get_by_label("Bank", exact=True).press("Enter")

    expect(page.get_by_role("heading", name="Nordlicht Bank")).to_be_visible()
    expect(page.get_by_text("for 180 days")).to_be_visible()
    page.get_by_role("button", name="Go to the bank").click()
    at_the_bank = page.url
    _agree(page)

    expect(page.get_by_role("heading", name="Nordlicht Bank is linked")).to_be_visible()
    expect(page.get_by_text("run farthing sync in a terminal")).to_be_visible()  # for there is no Prefect here

    page.goto(at_the_bank)
    expect(page.get_by_role("heading", name="Nordlicht Bank is linked")).to_be_visible()
    assert "RequisitionLinkReused" in page.url

    page.get_by_role("link", name="See your accounts").click()
    expect(page.get_by_role("region", name="Nordlicht Bank")).to_contain_text("179 days left")
    assert refused == []


def test_no_page_keeps_anyone_out(farthing: Running, page: Page) -> None:
    pages = ("/", "/connect?country=DE", "/connect/bank?id=NORDLICHT_NOLIDEZZ", "/accounts", "/nowhere")
    for path in pages:
        page.goto(f"{farthing.web}{path}")
        assert (path, serious_faults(page)) == (path, [])


def test_goes_on_from_a_country_that_is_chosen_before_the_script_has_come(farthing: Running, page: Page) -> None:
    held: list[Route] = []
    page.route("**/static/banks.js", lambda route: held.append(route), times=1)  # noqa: PLW0108 (Playwright marks it)
    page.goto(f"{farthing.web}/connect", wait_until="commit")
    page.get_by_label("Country").select_option("DE")
    held[0].continue_()
    expect(page.get_by_role("list", name="Banks").get_by_role("listitem")).to_have_count(4)


def test_watches_the_accounts_and_leads_to_the_second_consent(
    farthing: Running, page: Page, refused: list[str]
) -> None:
    bank = "KILUPANK_KILUEEZZ"
    page.goto(f"{farthing.web}/connect/bank?id={bank}")
    expect(page.get_by_text("two consents")).to_be_visible()
    page.get_by_role("button", name="Go to the bank").click()
    _agree(page)
    expect(page.get_by_role("heading", name="one more step")).to_be_visible()

    farthing.act("process", institution=bank, seconds=3600)
    page.reload()
    expect(page.get_by_text("This page looks again by itself")).to_be_visible()
    farthing.act("advance", seconds=3601)
    expect(page.get_by_text("run farthing sync in a terminal")).to_be_visible(timeout=20_000)

    page.get_by_role("button", name="Go to the bank once more").click()
    _agree(page)
    expect(page.get_by_role("heading", name="Kilupank is linked")).to_be_visible()

    page.get_by_role("link", name="See your accounts").click()
    expect(page.get_by_role("region", name="Kilupank")).to_have_count(2)
    page.get_by_role("region", name="Kilupank").first.get_by_role("link", name="Disconnect").click()
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("region", name="Kilupank")).to_have_count(1)
    assert refused == []


def test_says_what_to_do_when_a_person_stops_at_the_bank(farthing: Running, page: Page, refused: list[str]) -> None:
    page.goto(f"{farthing.web}/connect")
    page.get_by_role("link", name="Sandbox Finance").click()
    page.get_by_role("button", name="Go to the bank").click()
    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_role("heading", name="Sandbox Finance is not linked")).to_be_visible()
    page.get_by_role("link", name="Begin again").click()
    expect(page.get_by_role("heading", name="Sandbox Finance")).to_be_visible()
    assert refused == []


def test_only_the_accounts_that_a_person_chooses_are_linked(farthing: Running, page: Page, refused: list[str]) -> None:
    with httpx.Client(base_url=farthing.bank) as client:
        token = client.post("token/new/", json={"secret_id": "id", "secret_key": "key"}).json()["access"]
        client.headers["Authorization"] = f"Bearer {token}"
        wanted = {"institution_id": "GELATERIA_GELAITZZ", "redirect": f"{farthing.web}/healthz"}
        requisition = client.post("requisitions/", json=wanted | {"account_selection": True}).json()

        page.goto(requisition["link"])
        page.get_by_role("button", name="Continue", exact=True).click()
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", name="Which accounts?")).to_be_visible()
        offered = page.get_by_role("checkbox")
        count = offered.count()
        offered.last.uncheck()
        page.get_by_role("button", name="Continue", exact=True).click()
        expect(page.get_by_role("heading", name="Grant access")).to_be_visible()
        page.get_by_role("button", name="Authorise", exact=True).click()
        page.wait_for_url(f"{farthing.web}/healthz?ref={requisition['reference']}")

        linked = client.get(f"requisitions/{requisition['id']}/").json()
    assert count > 1
    assert (linked["status"], len(linked["accounts"])) == ("LN", count - 1)
    assert refused == []


def test_tells_what_went_wrong_at_the_bank(farthing: Running, page: Page, refused: list[str]) -> None:
    page.goto(f"{farthing.web}/connect/bank?id=SANDBOXFINANCE_SFIN0000")
    page.get_by_role("button", name="Go to the bank").click()
    page.get_by_text("For testing: end here").click()
    page.get_by_label("Go back with an error").select_option("UserSessionRejected")
    page.get_by_role("button", name="Fail").click()

    expect(page.get_by_role("heading", name="Sandbox Finance is not linked")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("The bank did not accept the sign-in.")
    expect(page.get_by_role("main")).to_contain_text("Check that you can sign in to the bank itself, then begin again.")
    assert refused == []


def test_a_person_keeps_an_account_that_no_bank_tells_of(farthing: Running, page: Page, refused: list[str]) -> None:
    page.goto(f"{farthing.web}/accounts")
    page.get_by_label("Name", exact=True).fill("Our house")
    page.get_by_label("Kind").select_option("property")
    page.get_by_label("Balance", exact=True).fill("250000,50")
    page.get_by_role("button", name="Add").click()

    house = page.get_by_role("region", name="Our house")
    expect(house).to_contain_text("€250,000.50 at the end of")
    page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
    assert serious_faults(page) == []
    house.get_by_label("Balance in EUR").fill("much")
    house.get_by_role("button", name="Save").click()
    expect(page.get_by_role("main")).to_contain_text("That is no amount. Write it as -900 or 12.50.")

    page.go_back()
    house.get_by_label("Balance in EUR").fill("251000")
    house.get_by_role("button", name="Save").click()
    expect(house).to_contain_text("€251,000.00 at the end of")
    house.get_by_text("Remove", exact=True).click()
    house.get_by_role("button", name="Remove it with all its balances").click()
    expect(house).to_have_count(0)
    assert refused == []


def _agree(page: Page) -> None:
    """Say yes on each of the bank's pages."""
    for name in ("Continue", "Sign in", "Authorise"):
        page.get_by_role("button", name=name, exact=True).click()
