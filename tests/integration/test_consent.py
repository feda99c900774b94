"""Linking a bank: the sandbox bank on one side, a real Postgres on the other."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.orm import Session, sessionmaker

from farthing.assembly import bank_data
from farthing.consent import Consents, LinkResult, UnknownReferenceError
from farthing.sandbox.app import create_app
from farthing.sandbox.bank import Bank
from farthing.settings import Settings
from farthing.state import database, queries
from farthing.state.models import Base, RequisitionStatus
from farthing.state.vault import make_key

pytestmark = pytest.mark.integration

NOW = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
REDIRECT = "http://127.0.0.1:7400/connected"
BANK_ID, BANK_NAME = "NORDLICHT_NOLIDEZZ", "Nordlicht Bank"

type Told = Callable[[Consents, httpx.AsyncClient], Awaitable[LinkResult]]


@pytest.fixture(scope="module")
def engine(database_url: str) -> Iterator[Engine]:
    """Connect to a database of these tests' own."""
    url = make_url(database_url).set(drivername="postgresql+psycopg")
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("create database consent_tests"))
    server.dispose()
    own = url.set(drivername="postgresql", database="consent_tests").render_as_string(hide_password=False)
    engine = database.open_engine(SecretStr(own))
    database.migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def new_session(engine: Engine) -> sessionmaker[Session]:
    """Make sessions on a database without rows."""
    with engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    return database.new_session(engine)


@pytest.fixture
def tell(new_session: sessionmaker[Session], tmp_path: Path) -> Callable[[Told], LinkResult]:
    """Run a story of a person (a browser) and our consent service."""
    bank = Bank(secret_id="id", secret_key="key", clock=lambda: NOW, state_file=tmp_path / "bank.json")
    settings = Settings(
        home=tmp_path,
        gocardless_url="http://127.0.0.1:7403/api/v2/",
        gocardless_secret_id=SecretStr("id"),
        gocardless_secret_key=SecretStr("key"),
        vault_key=SecretStr(make_key()),
    )

    async def run(told: Told) -> LinkResult:
        transport = httpx.ASGITransport(create_app(bank))
        async with (
            bank_data(settings, new_session, now=lambda: NOW, transport=transport) as client,
            httpx.AsyncClient(transport=httpx.ASGITransport(create_app(bank))) as browser,
        ):
            return await told(Consents(client, new_session, provider="sandbox", now=lambda: NOW), browser)

    return lambda told: asyncio.run(run(told))


async def decide(browser: httpx.AsyncClient, link: str, decision: str) -> dict[str, str]:
    """Decide on the bank's page; gives what the redirect brings back."""
    await browser.get(link)
    answer = await browser.post(link, data={"decision": decision})
    assert answer.headers["location"].startswith(REDIRECT)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def test_links_the_accounts_that_a_person_authorises(
    tell: Callable[[Told], LinkResult], new_session: sessionmaker[Session]
) -> None:
    references = []

    async def told(consents: Consents, browser: httpx.AsyncClient) -> LinkResult:
        back = await decide(browser, await consents.begin(BANK_ID, redirect_url=REDIRECT), "authorise")
        references.append(back["ref"])
        first = await consents.finish(back["ref"])
        assert await consents.finish(back["ref"]) == first  # a page that is loaded again
        return first

    result = tell(told)

    assert (result.status, result.institution_name) == ("linked", BANK_NAME)
    with new_session() as session:
        known = queries.requisition_by_reference(session, references[0])
        assert known.status is RequisitionStatus.LINKED
        assert len(known.accounts) == result.accounts > 0
        assert known.expires_at == NOW + timedelta(days=180)


def test_records_that_a_person_cancelled(tell: Callable[[Told], LinkResult]) -> None:
    async def told(consents: Consents, browser: httpx.AsyncClient) -> LinkResult:
        back = await decide(browser, await consents.begin(BANK_ID, redirect_url=REDIRECT), "cancel")
        return await consents.finish(back["ref"], error=back["error"])

    assert tell(told) == LinkResult(
        institution_name=BANK_NAME, status="failed", accounts=0, problem="UserCancelledSession"
    )


def test_believes_the_bank_and_not_a_redirect(
    tell: Callable[[Told], LinkResult], new_session: sessionmaker[Session]
) -> None:
    async def told(consents: Consents, browser: httpx.AsyncClient) -> LinkResult:
        link = await consents.begin(BANK_ID, redirect_url=REDIRECT)
        with new_session() as session:
            reference = next(each.reference for each in queries.requisitions(session) if each.link == link)
        return await consents.finish(reference)

    assert tell(told) == LinkResult(institution_name=BANK_NAME, status="waiting", accounts=0)


def test_knows_no_reference_that_was_not_begun_here(tell: Callable[[Told], LinkResult]) -> None:
    with pytest.raises(UnknownReferenceError):
        tell(lambda consents, _browser: consents.finish("00000000-0000-0000-0000-000000000000"))
