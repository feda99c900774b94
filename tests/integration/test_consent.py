"""Linking a bank: the sandbox bank on one side, a real Postgres on the other."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr, TypeAdapter
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.orm import Session, sessionmaker

from farthing.assembly import bank_data
from farthing.consent import Begun, Consents, LinkResult, UnknownConsentError, UnknownReferenceError
from farthing.gocardless.client import BankDataClient
from farthing.gocardless.errors import RequestRefusedError, UnavailableError
from farthing.gocardless.pace import Pace
from farthing.sandbox.actions import AnyAction, perform
from farthing.sandbox.app import create_app
from farthing.sandbox.bank import Bank
from farthing.sandbox.books import Books
from farthing.sandbox.households import HOUSEHOLDS
from farthing.settings import Settings
from farthing.state import database, queries
from farthing.state.models import Base, Purpose, Requisition, RequisitionStatus
from farthing.state.queries import LinkedAccount
from farthing.state.vault import make_key

pytestmark = pytest.mark.integration

NOW = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
REDIRECT = "http://127.0.0.1:7400/connected"
BOOKS = Books(HOUSEHOLDS, seed=7)
BANK_ID, BANK_NAME = "NORDLICHT_NOLIDEZZ", "Nordlicht Bank"

type Story = Callable[["World"], Awaitable[None]]


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


@dataclass
class World:
    """A sandbox bank, our consent service on it, and a person with a browser."""

    bank: Bank
    consents: Consents
    client: BankDataClient
    new_session: sessionmaker[Session]
    browser: httpx.AsyncClient

    def happens(self, action: str, **details: object) -> None:
        """Let something happen at the bank."""
        perform(self.bank, [TypeAdapter(AnyAction).validate_python({"action": action, **details})])

    async def begin(self, institution_id: str, **options: UUID) -> Begun:
        return await self.consents.begin(institution_id, redirect_url=REDIRECT, **options)

    async def decide(self, begun: Begun, decision: str = "authorise", **form: str) -> dict[str, str]:
        """Decide on the bank's page; gives what the redirect brings back."""
        await self.browser.get(begun.link)
        answer = await self.browser.post(begun.link, data={"decision": decision, **form})
        assert answer.headers["location"].startswith(REDIRECT)
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    async def link(self, institution_id: str, **options: UUID) -> LinkResult:
        back = await self.decide(await self.begin(institution_id, **options))
        return await self.consents.finish(back["ref"])

    def known(self, begun: Begun) -> Requisition:
        with self.new_session() as session:
            return queries.requisition_by_reference(session, begun.reference)

    def read(self) -> list[LinkedAccount]:
        """List what a sync would read."""
        with self.new_session() as session:
            return queries.linked_accounts(session)


class Refusing(httpx.AsyncBaseTransport):
    """A bank that refuses the first agreements asked of it, although its own numbers allow them."""

    def __init__(self, inner: httpx.AsyncBaseTransport, times: int) -> None:
        self._inner, self._times = inner, times

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and request.url.path.endswith("/agreements/enduser/") and self._times:
            self._times -= 1
            refused = {"max_historical_days": {"summary": "Incorrect", "detail": "no"}, "status_code": 400}
            return httpx.Response(400, json=refused)
        return await self._inner.handle_async_request(request)


@pytest.fixture
def play(new_session: sessionmaker[Session], tmp_path: Path) -> Callable[..., None]:
    """Run a story; ``refusals`` is how many agreements the bank refuses first."""
    bank = Bank(secret_id="id", secret_key="key", clock=lambda: NOW, books=BOOKS)
    settings = Settings(
        home=tmp_path,
        gocardless_url="http://127.0.0.1:7403/api/v2/",
        gocardless_secret_id=SecretStr("id"),
        gocardless_secret_key=SecretStr("key"),
        vault_key=SecretStr(make_key()),
    )

    async def run(story: Story, refusals: int) -> None:
        transport = Refusing(httpx.ASGITransport(create_app(bank)), refusals)
        pace = Pace(clock=time.monotonic, sleep=asyncio.sleep)  # the process's would wait for other stories' calls
        async with (
            bank_data(settings, new_session, now=bank.now, pace=pace, transport=transport) as client,
            httpx.AsyncClient(transport=httpx.ASGITransport(create_app(bank))) as browser,
        ):
            consents = Consents(client, new_session, provider="sandbox", identify=str.upper, now=bank.now)
            await story(World(bank, consents, client, new_session, browser))

    return lambda story, refusals=0: asyncio.run(run(story, refusals))


def test_links_the_accounts_that_a_person_authorises(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        begun = await world.begin(BANK_ID)
        assert (begun.terms.history_days, begun.terms.access_days) == (730, 180)
        back = await world.decide(begun)
        result = await world.consents.finish(back["ref"])

        assert (result.status, result.institution_name, result.is_ready) == ("linked", BANK_NAME, True)
        assert await world.consents.finish(back["ref"]) == result  # a page that is loaded again
        known = world.known(begun)
        assert known.status is RequisitionStatus.LINKED
        assert tuple(known.account_ids) == result.account_ids != ()
        assert known.expires_at == NOW + timedelta(days=180)

    play(story)


def test_finds_out_when_a_person_never_comes_back(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        begun, left_open = await world.begin(BANK_ID), await world.begin("HARBOUR_HBRSIEZZ")
        await world.decide(begun)  # and closes the window before we hear of it

        assert await world.consents.settle() == 1
        assert world.known(begun).status is RequisitionStatus.LINKED
        assert world.known(left_open).status is RequisitionStatus.CREATED

    play(story)


@pytest.mark.parametrize("error", ["UserCancelledSession", "UserSessionRejected", "InstitutionTechnicalError"])
def test_tells_how_it_failed_and_believes_the_bank_when_it_goes_on(play: Callable[..., None], error: str) -> None:
    async def story(world: World) -> None:
        begun = await world.begin(BANK_ID)
        back = await world.decide(begun, "cancel" if error == "UserCancelledSession" else error)
        result = await world.consents.finish(back["ref"], error=back["error"])

        assert (result.status, result.problem) == ("failed", error)
        assert world.known(begun).failure == error
        world.happens("set_status", requisition=world.known(begun).provider_requisition_id, status="LN")
        assert (await world.consents.finish(back["ref"])).status in {"linked", "waiting"}

    play(story)


def test_a_link_that_is_opened_twice_stays_linked(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        begun = await world.begin(BANK_ID)
        await world.decide(begun)
        again = await world.decide(begun)
        assert again["error"] == "RequisitionLinkReused"

        assert (await world.consents.finish(again["ref"], error=again["error"])).status == "linked"

    play(story)


def test_believes_the_bank_and_not_a_redirect(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        begun = await world.begin(BANK_ID)
        assert (await world.consents.finish(begun.reference)).status == "waiting"

    play(story)


def test_knows_no_reference_that_was_not_begun_here(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        with pytest.raises(UnknownReferenceError):
            await world.consents.finish("00000000-0000-0000-0000-000000000000")

    play(story)


def test_waits_until_the_bank_has_delivered(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        result = await world.link(BANK_ID)
        world.happens("process", account=result.account_ids[0], seconds=60)
        begun = next(each for each in world.consents.linked_banks())
        with world.new_session() as session:
            reference = next(
                each.reference for each in queries.requisitions(session) if each.id == begun.requisition_id
            )

        waiting = await world.consents.finish(reference)
        assert (waiting.is_ready, waiting.ready) == (False, len(result.account_ids) - 1)
        world.happens("advance", minutes=2)
        assert (await world.consents.finish(reference)).is_ready

    play(story)


@pytest.mark.parametrize(
    ("refusals", "history_days", "access_days"),
    [(0, 730, 180), (1, 730, 90), (2, 90, 90), (3, 89, 90)],
)
def test_asks_for_less_where_the_bank_refuses(
    play: Callable[..., None], refusals: int, history_days: int, access_days: int
) -> None:
    async def story(world: World) -> None:
        begun = await world.begin(BANK_ID)

        assert (begun.terms.history_days, begun.terms.access_days) == (history_days, access_days)
        known = world.known(begun)
        assert (known.history_days, known.access_days) == (history_days, access_days)

    play(story, refusals)


@pytest.mark.parametrize(
    "supported", [["balances", "transactions"], ["details", "transactions"], ["transactions"]], ids="-".join
)
def test_asks_for_no_more_than_the_bank_gives(play: Callable[..., None], supported: list[str]) -> None:
    async def story(world: World) -> None:
        world.happens("limit_scopes", institution=BANK_ID, supported=supported)
        begun = await world.begin(BANK_ID)
        assert begun.terms.history_days == 730
        assert (await world.consents.finish((await world.decide(begun))["ref"])).is_ready

        agreements = [each async for each in world.client.agreements()]
        assert [list(each.access_scope) for each in agreements] == [supported]

    play(story)


def test_a_bank_without_entries_is_refused_at_once(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        world.happens("limit_scopes", institution=BANK_ID, supported=["balances", "details"])
        with pytest.raises(RequestRefusedError, match="access_scope"):
            await world.begin(BANK_ID)

    play(story)


def test_gives_up_when_the_bank_refuses_even_the_least(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        with pytest.raises(RequestRefusedError):
            await world.begin(BANK_ID)

    play(story, 4)


def test_a_bank_with_separate_consents_gives_its_long_history_and_then_what_is_new(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        first = await world.link("KILUPANK_KILUEEZZ")
        assert first.needs_second
        second = await world.link("KILUPANK_KILUEEZZ")

        assert not second.needs_second
        assert set(first.account_ids).isdisjoint(second.account_ids)  # another id for the same IBAN
        read = {(account.account_id, account.purpose, account.history_days) for account in world.read()}
        assert read == {(each, Purpose.HISTORY, 730) for each in first.account_ids} | {
            (each, Purpose.ONGOING, 90) for each in second.account_ids
        }

    play(story)


@pytest.mark.parametrize("bank_id", ["WABENBANK_WABEDEZZ", BANK_ID], ids=["other-account-ids", "the-same-account-ids"])
def test_a_renewal_takes_the_place_of_the_old_link(play: Callable[..., None], bank_id: str) -> None:
    async def story(world: World) -> None:
        old = await world.link(bank_id)
        [linked] = world.consents.linked_banks()
        world.happens("advance", days=170)
        begun = await world.consents.renew(linked.requisition_id, redirect_url=REDIRECT)
        back = await world.decide(begun)
        new = await world.consents.finish(back["ref"])

        assert (set(new.account_ids) == set(old.account_ids)) is (bank_id == BANK_ID)
        assert {account.account_id for account in world.read()} == set(new.account_ids)
        [renewed] = world.consents.linked_banks()
        assert renewed.expires_at == world.bank.now() + timedelta(days=180)

    play(story)


def test_a_bank_that_is_linked_twice_is_read_once(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        old = await world.link("SOBREMESA_SOBRESZZ")
        world.happens("advance", days=1)
        new = await world.link("SOBREMESA_SOBRESZZ")

        assert set(old.account_ids).isdisjoint(new.account_ids)
        assert {account.account_id for account in world.read()} == set(new.account_ids)

    play(story)


def test_a_british_consent_is_reconfirmed_without_a_new_link(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        begun = await world.begin("OTTERMERE_OTTEGBZZ")
        assert begun.terms.reconfirmation
        result = await world.consents.finish((await world.decide(begun))["ref"])
        [linked] = world.consents.linked_banks()
        assert linked.reconfirm_by == NOW + timedelta(days=90)
        assert not result.awaits_reconfirmation
        world.happens("advance", days=80)

        asked = await world.consents.renew(linked.requisition_id, redirect_url=REDIRECT)
        assert (asked.reference, asked.reconfirms) == (begun.reference, True)
        undecided = await world.consents.finish(asked.reference)
        assert (undecided.awaits_reconfirmation, undecided.occasion) == (True, result.occasion)
        await world.browser.post(asked.link, data={"account": list(result.account_ids)})
        decided = await world.consents.finish(asked.reference)
        assert (decided.account_ids, decided.awaits_reconfirmation) == (result.account_ids, False)
        assert decided.occasion != result.occasion  # so that a sync follows
        assert (await world.consents.finish(asked.reference)).occasion == decided.occasion  # but one only

        [reconfirmed] = world.consents.linked_banks()
        assert (reconfirmed.reconfirm_by, reconfirmed.expires_at) == (None, NOW + timedelta(days=180))

    play(story)


def test_a_company_that_may_not_reconfirm_asks_for_what_needs_none(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        world.happens("allow", may_reconfirm=False)
        begun = await world.begin("OTTERMERE_OTTEGBZZ")

        assert (begun.terms.reconfirmation, begun.terms.access_days) == (False, 90)

    play(story)


def test_disconnecting_ends_the_consent_at_the_provider_and_here(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        begun = await world.begin(BANK_ID)
        result = await world.consents.finish((await world.decide(begun))["ref"])
        [linked] = world.consents.linked_banks()

        assert await world.consents.disconnect(linked.requisition_id) == result.account_ids
        assert await world.consents.disconnect(linked.requisition_id) == result.account_ids  # gone already
        assert world.consents.linked_banks() == []
        assert world.read() == []
        with pytest.raises(UnavailableError):
            await world.client.requisition(str(world.known(begun).provider_requisition_id))
        with pytest.raises(UnknownConsentError):
            await world.consents.disconnect(uuid4())

    play(story)


def test_what_lapsed_is_read_no_more_and_can_be_renewed(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        await world.link(BANK_ID)
        world.happens("advance", days=181)
        await world.consents.settle()

        assert world.read() == []
        [lapsed] = world.consents.linked_banks()
        assert not lapsed.is_live
        begun = await world.consents.renew(lapsed.requisition_id, redirect_url=REDIRECT)
        await world.consents.finish((await world.decide(begun))["ref"])
        assert len(world.read()) == lapsed.accounts

    play(story)


def test_lists_banks_with_what_they_will_be_asked(play: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        banks = {bank.id: bank for bank in await world.consents.institutions("EE")}
        assert [terms.purpose for terms in banks["KILUPANK_KILUEEZZ"].terms] == [Purpose.HISTORY, Purpose.ONGOING]
        assert (await world.consents.institution("SANDBOXFINANCE_SFIN0000")).terms[0].history_days == 90

    play(story)


@pytest.mark.parametrize(
    ("status", "becomes"),
    [
        *((status, "waiting") for status in ("CR", "ID", "GC", "UA", "GA", "SA")),
        *((status, "failed") for status in ("RJ", "ER", "EX", "SU")),
        ("LN", "linked"),
    ],
)
def test_reads_every_status_of_a_requisition(play: Callable[..., None], status: str, becomes: str) -> None:
    async def story(world: World) -> None:
        begun = await world.begin(BANK_ID)
        if status == "LN":
            await world.decide(begun)
        else:
            world.happens("set_status", requisition=world.known(begun).provider_requisition_id, status=status)

        assert (await world.consents.finish(begun.reference)).status == becomes

    play(story)
