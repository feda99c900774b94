"""Random lives of accounts at the sandbox bank, synced over its protocol by the code that syncs, into a lake."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch
from uuid import UUID, uuid5

import httpx
import polars as pl
from hypothesis import strategies as st
from pydantic import SecretStr

from farthing import planning
from farthing.assembly import READER
from farthing.gocardless import GoCardlessProvider, open_client
from farthing.gocardless.auth import TokenAuth
from farthing.gocardless.landing import COLUMNS
from farthing.gocardless.pace import Pace
from farthing.gocardless.tokens import Tokens
from farthing.lake import layout
from farthing.lake.fold import fold
from farthing.lake.inputs import UNKNOWN, Inputs
from farthing.lake.landing import Tables, landed_runs, make_table, with_lineage
from farthing.lake.raw import RawEnvelope, read_raw
from farthing.lake.store import ObjectStore, open_store
from farthing.lake.tables import get_tables
from farthing.provider import Ask, Endpoint, Outcome
from farthing.sandbox.actions.accounts import ChangeAccountId, Post, Process, ReissueIds, Withdraw
from farthing.sandbox.actions.consents import Revoke
from farthing.sandbox.actions.faults import Break, Mend
from farthing.sandbox.amended import amended
from farthing.sandbox.app import create_app
from farthing.sandbox.bank import Bank
from farthing.sandbox.books import Books
from farthing.sandbox.household import Account
from farthing.sandbox.households import HOUSEHOLDS
from farthing.sandbox.institutions import Institution
from farthing.sandbox.requests import NewRequisition
from farthing.sandbox.state import BankAccount
from farthing.sandbox.statement import Statement
from farthing.sandbox.truth import entries_of
from farthing.settings import Settings
from farthing.state.models import Purpose
from farthing.state.queries import LinkedAccount
from farthing.sync.due import ASKED_AGAIN_FOR, FINISHED_WITHIN
from farthing.sync.land import land_run, recover
from farthing.sync.plan import after_first, in_stages, to_pull, to_pull_later
from farthing.sync.pull import pull
from farthing.sync.questions import FIRST
from tests.model.bank import LATE, START, Told, covered_days, settled_until
from tests.model.lives import Event, event

BOOKS = Books(HOUSEHOLDS, seed=7)  # they never change
# What these do to days, amounts or lists is theirs: what such a bank itself would tell of all days is taken for true.
_HABITS_OF_THEIR_OWN = frozenset({5, 20, 36, 54})
BANKS = (
    *("SPARSTRUMPF_SPASDEZZ", "WABENBANK_WABEDEZZ", "OTTERMERE_OTTEGBZZ", "KLOMPEN_KLOMNLZZ", "FJORDKATT_FJKANOZZ"),
    *("SMULTRONKORT_SMULSEZZ", "KLAPHAT_KLAPDKZZ", "PIEROGI_PIERPLZZ", "CROUTON_CROUFRZZ", "FRIETKOT_FRIEBEZZ"),
    *("GELATERIA_GELAITZZ", "SOBREMESA_SOBRESZZ", "KILUPANK_KILUEEZZ", "BURSUC_BURSROZZ", "PAYFERRET_PAYFLUZZ"),
    *("MURMELTIER_MURMATZZ", "PLASTIKGELD_PLASDEZZ"),
)
HISTORY_DAYS, CONTINUOUS_DAYS = 180, 90
_SEPARATE = "separate_continuous_history_consent"
_LYING = ("CutList", "EmptyList")
_FAULTS = st.sampled_from(
    [*_LYING, *_LYING, "CutJson", "ServiceError", "UnknownRequestError", "NotJson", "RateLimitError", "NoHeaders"]
)
_KILL = st.none() | st.tuples(st.integers(1, 16), st.booleans())
_EVENTS = st.one_of(
    event("sync", times=st.sampled_from([1, 1, 2, 3]), every=st.sampled_from([6, 24, 240]), kill=_KILL),
    event("sync", times=st.just(1), every=st.just(6), kill=_KILL),
    event("wait", hours=st.sampled_from([1, 5, 24, 72, 240, 720])),
    event("post", lag=st.integers(0, LATE.days), amount=st.sampled_from(["-5.00", "-7.25"]), who=st.sampled_from("AB")),
    event("withdraw", entries=st.integers(1, 2)),
    event("break_", fault=_FAULTS, times=st.integers(1, 6)),
    event("mend"),
    event("outage", days=st.sampled_from([1, 10, 30]), fault=st.sampled_from(_LYING), times=st.integers(1, 3)),
    event("reissue"),
    event("relink", is_changed=st.booleans()),
    event("revoke"),
    event("process", seconds=st.sampled_from([60, 40_000])),
)


_SILENT = [Event("outage", {"days": 0, "fault": "EmptyList", "times": 2})]


@st.composite
def sandbox_stories(draw: st.DrawFn) -> tuple[str, list[Event]]:
    """Draw a bank, and what happens to somebody's accounts there; the first answer may be empty or cut."""
    first = draw(st.sampled_from([[], [], [Event("outage", {"days": 0, "fault": "CutList", "times": 1})], _SILENT]))
    return draw(st.sampled_from(BANKS)), [*first, *draw(st.lists(_EVENTS, min_size=4, max_size=12))]


class Killed(Exception):  # noqa: N818 - not an error of the code that syncs
    """The process is gone."""


class _Mortal(ObjectStore):
    """A lake whose user dies before or after its so-many-th change."""

    def __init__(self, store: ObjectStore, kill: tuple[int, bool] | None) -> None:
        vars(self).update(vars(store))
        self._left, self._is_after = kill or (-1, False)

    def put(self, key: str, content: bytes) -> None:
        self._around(lambda: super(_Mortal, self).put(key, content))

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._around(lambda key=key: super(_Mortal, self).delete([key]))  # type: ignore[misc]  # bound in the loop

    def _around(self, change: Callable[[], None]) -> None:
        self._left -= 1
        if self._left == 0 and not self._is_after:
            raise Killed
        change()
        if self._left == 0:
            raise Killed


class _Tokens:
    """Tokens that live as long as the test."""

    def __init__(self) -> None:
        self._kept: Tokens | None = None

    def load(self) -> Tokens | None:
        return self._kept

    def exchange(self, renew: Callable[[Tokens | None], Tokens]) -> Tokens:
        self._kept = renew(self._kept)
        return self._kept


class SandboxLife:
    """Somebody's accounts at a bank, and the lake they are synced into."""

    def __init__(self, number: int, bank_key: str, folder: Path) -> None:
        self.now = START
        self.bank = Bank(secret_id="me", secret_key="secret", clock=lambda: self.now, books=BOOKS)
        self.settings = Settings(lake_url=f"file://{folder}/lake", home=folder)
        self.store = open_store(self.settings)
        self.accounts = BOOKS.accounts(bank_key, user=str(number))[:2]
        self.account_ids: dict[str, str] = {}  # the key at the bank, by each id that it was ever linked under
        self.told: dict[str, list[Told]] = {account.key: [] for account in self.accounts}
        self.asked_twice: list[str] = []
        self.snapshots: list[Tables] = []
        self._bank_key = bank_key
        self._links: list[LinkedAccount] = []
        self._published: Inputs = UNKNOWN
        self._runs = 0
        self._faulty: set[str] = set()
        self._known: set[str] = set()  # raw keys
        self._left: dict[tuple[str, Endpoint], datetime] = {}  # answers of runs that died, and when they came
        self._first_asked: dict[str, datetime] = {}

    async def play(self, events: list[Event]) -> None:
        secret = SecretStr("secret")
        pace = Pace(clock=self.now.timestamp, sleep=self._sleep)
        async with open_client(
            "http://bank.test/api/v2/",
            lambda http: TokenAuth(
                http, secret_id=SecretStr("me"), secret_key=secret, store=_Tokens(), now=lambda: self.now
            ),
            pace=pace,
            transport=httpx.ASGITransport(create_app(self.bank)),
        ) as client:
            self._provider = GoCardlessProvider(client, now=lambda: self.now)
            self.relink(is_changed=False)
            for each in events:
                happens = getattr(self, each.what)(**each.with_)
                if happens is not None:
                    await happens
                self.now += timedelta(minutes=7)
            self.snapshots.append(self._landed())
            await self._end_well()
            self.snapshots.append(self._landed())

    async def _end_well(self) -> None:
        """Let the bank be well again, and give consent where it is over; some days of syncs see it."""
        self.mend()
        self.wait(hours=30)
        self.relink(is_changed=False)
        for _ in range(3):
            self.wait(hours=25)
            self.post(lag=1, amount="-6.66", who="A")
            self.wait(hours=25)
            await self.sync(kill=None)

    @property
    def _at(self) -> Institution:
        """The bank as it is called today."""
        return self.bank.directory.of_key(self._bank_key)

    # What time, the bank and the account holder do.
    def wait(self, *, hours: int) -> None:
        self.now += timedelta(hours=hours)

    def post(self, *, lag: int, amount: str, who: str) -> None:
        day = self.now.date() - timedelta(days=lag)
        for account_id in self._linked_ids():
            Post(action="post", account=account_id, amount=Decimal(amount), counterparty=who, day=day).apply(self.bank)

    def withdraw(self, *, entries: int) -> None:
        for account_id in self._linked_ids():
            account, ledger = BOOKS.of(self.bank.accounts.key(account_id))
            yesterday = self.now.date() - timedelta(days=1)
            recent = amended(ledger, self.bank.state.at_bank).entries(account, self.now.date() - LATE, yesterday)
            if len(recent) >= entries:
                Withdraw(action="withdraw", account=account_id, entries=entries).apply(self.bank)

    def break_(self, *, fault: str, times: int | None) -> None:
        if fault == "CutList" and _SEPARATE in self._at.features:
            return  # of two answers at one moment nobody can tell which was cut
        Break(action="break", fault=fault, scope="transactions", times=times).apply(self.bank)

    async def outage(self, *, days: int, fault: str, times: int) -> None:
        """Let nobody sync for some days, and the bank lie to the next syncs."""
        self.wait(hours=24 * days)
        self.break_(fault=fault, times=None)
        await self.sync(kill=None, times=times, every=24)
        self.mend()

    def mend(self) -> None:
        Mend(action="mend").apply(self.bank)

    def reissue(self) -> None:
        if not self._at.quirks & _HABITS_OF_THEIR_OWN:  # which hang on ids, of entries of a year ago too
            ReissueIds(action="reissue_ids").apply(self.bank)

    def process(self, *, seconds: int) -> None:
        Process(action="process", seconds=seconds).apply(self.bank)

    def revoke(self) -> None:
        Revoke(action="revoke").apply(self.bank)

    def relink(self, *, is_changed: bool) -> None:
        # Only details tell of a card which it is: of one whose link is gone before they came, nobody knows.
        if is_changed and (not self._left or all(account.iban for account in self.accounts)):
            ChangeAccountId(action="change_account_id").apply(self.bank)
        is_separate = _SEPARATE in self._at.features
        kept = [link for link in self._links if link.purpose is Purpose.HISTORY]  # nobody renews what adds nothing
        if is_separate and not kept:
            kept = list(self._consent(self._at.institution_id, Purpose.HISTORY, is_separate=True))
        self._links = [*kept, *self._consent(self._at.institution_id, Purpose.ONGOING, is_separate=is_separate)]

    def _consent(self, institution_id: str, purpose: Purpose, *, is_separate: bool) -> Iterator[LinkedAccount]:
        days = CONTINUOUS_DAYS if is_separate and purpose is Purpose.ONGOING else HISTORY_DAYS
        agreement = self.bank.agreements.create(institution_id, max_historical_days=days, access_valid_for_days=90)
        wanted = NewRequisition(institution_id=institution_id, redirect="http://test/", agreement=str(agreement.id))
        requisition = self.bank.requisitions.create(wanted, consent_url=lambda link: f"http://bank.test/{link}")
        self.bank.requisitions.authorise(requisition, [account.key for account in self.accounts])
        for account, account_id in zip(self.accounts, requisition.accounts, strict=True):
            self.account_ids[str(account_id)] = account.key
            yield LinkedAccount(
                provider="sandbox",
                account_id=str(account_id),
                institution_id=institution_id,
                institution_name="Bank",
                requisition_id=requisition.id,
                purpose=purpose,
                history_days=days,
                linked_at=self.now,
                expires_at=agreement.expires,
            )

    def _linked_ids(self) -> list[UUID]:
        """Give one id of each account."""
        by_key = {self.account_ids[link.account_id]: UUID(link.account_id) for link in self._links}
        return list(by_key.values())

    # What a sync does.
    async def sync(self, *, kill: tuple[int, bool] | None, times: int = 1, every: int = 0) -> None:
        for _ in range(times):
            self._runs += 1
            run_id = uuid5(UUID(int=2), f"{self._bank_key}/{self._runs}")
            try:
                await self._run(_Mortal(self.store, kill), run_id)
            except Killed:
                self._note(is_over=False)
            else:
                self._note(is_over=True)
                self._published = Inputs(runs=landed_runs(self.store, READER.name), reference="", models="")
            self.wait(hours=every if times > 1 else 0)

    async def _run(self, store: ObjectStore, run_id: UUID) -> None:
        """Do as the flow does, but for Prefect, the lease, and the build."""
        at = self.now
        recovered = recover(store, READER, now=at)
        with self._outside():
            steps = planning.plan_sync(self.settings, now=at, recovered=recovered)
        self._look_for_waste([ask for ask in to_pull(steps) if ask.endpoint in FIRST])
        outcomes: dict[Ask, Outcome] = {}
        introductions, first = in_stages(steps)
        for stage in (introductions, first, None):
            for ask in to_pull_later(steps) if stage is None else stage:
                for attempt in (1, 2):
                    pulled = await self._pull(store, ask, run_id, attempt=attempt, requested_at=at)
                    if pulled is not Outcome.RETRY:
                        break
                    self.now += timedelta(seconds=10)
                outcomes[ask] = pulled
            steps = after_first(steps, outcomes)
        keys = [key for key in store.keys(layout.RAW) if key not in self._known]
        land_run(store, READER, [key for key in keys if read_raw(store, key).extract.run_id == run_id])
        fold(store, READER.name, with_lineage(COLUMNS), now=self.now, today=at.date(), grace=timedelta())

    async def _pull(
        self, store: ObjectStore, ask: Ask, run_id: UUID, *, attempt: int, requested_at: datetime
    ) -> Outcome:
        self.now += timedelta(seconds=1)
        is_lied_to = any(fault.name in _LYING for fault in self.bank.state.faults)
        before = set(store.keys(f"{layout.raw_prefix(READER.name)}{ask.endpoint}/")) if is_lied_to else set()
        try:
            pulled = await pull(self._provider, store, ask, run_id=run_id, attempt=attempt, requested_at=requested_at)
        finally:
            if is_lied_to and ask.endpoint is Endpoint.TRANSACTIONS:
                after = set(store.keys(f"{layout.raw_prefix(READER.name)}{ask.endpoint}/"))
                self._faulty |= after - before
        return pulled.outcome

    @contextmanager
    def _outside(self) -> Iterator[None]:
        """Let planning see the consents and the newest build that there would be."""
        settled = {
            account_id: day for account_id, key in self.account_ids.items() if (day := settled_until(self.told[key]))
        }
        with (
            patch.object(planning, "_linked", lambda _: self._links),
            patch.object(planning, "published_inputs", lambda _: self._published),
            patch.object(planning, "_settled_until", lambda *_, **__: settled),
        ):
            yield

    async def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    # What the oracle keeps in mind.
    def _look_for_waste(self, asks: list[Ask]) -> None:
        """Note what is asked again though a run that died some hours ago was answered."""
        self.asked_twice += [
            f"{ask.endpoint} of {ask.account_id}"
            for ask in asks
            if (came_at := self._left.get((ask.account_id, ask.endpoint))) and self.now - came_at < FINISHED_WITHIN
        ]

    def _note(self, *, is_over: bool) -> None:
        """Look at what the newest run stored."""
        new = [key for key in self.store.keys(layout.RAW) if key not in self._known]
        self._known |= set(new)
        if is_over:
            self._left.clear()
        for envelope, key in ((read_raw(self.store, key), key) for key in new):
            if READER.outcome(envelope.answer) is not Outcome.OK:
                continue
            extract = envelope.extract
            if not is_over:
                self._left[extract.account_id, extract.endpoint] = envelope.ended_at
            if extract.endpoint is Endpoint.TRANSACTIONS:
                told = self._told(envelope, is_faulty=key in self._faulty)
                self.told[self.account_ids[extract.account_id]].append(told)

    def _told(self, envelope: RawEnvelope, *, is_faulty: bool) -> Told:
        extract, body = envelope.extract, json.loads(envelope.answer.body)
        shown = [
            date.fromisoformat(str(entry.get("bookingDate") or entry["valueDate"]))
            for entry in body["transactions"]["booked"]
        ]
        date_from, date_to = (date.fromisoformat(envelope.params[name]) for name in ("date_from", "date_to"))
        as_of = extract.requested_at
        if extract.consent is not None and extract.consent.is_history:
            as_of = self._first_asked.setdefault(extract.account_id, as_of)
            date_to = min(date_to, max([as_of.date(), *shown]))
        return Told(
            extract_id=str(extract.extract_id),
            requested_at=extract.requested_at,
            as_of=as_of,
            days=covered_days(shown, date_from=date_from, date_to=date_to),
            shown=Counter(shown),
            facts=(),
            pending=frozenset(),
            is_faulty=is_faulty,
        )

    def _landed(self) -> Tables:
        tables = {}
        for entity, columns in with_lineage(COLUMNS).items():
            keys = [key for key in self.store.keys(layout.landing_prefix(READER.name, entity)) if "date=" in key]
            found = pl.concat([make_table(columns, []), *get_tables(self.store, keys)], how="diagonal")
            tables[entity] = found.select(columns)
        return tables

    # The truth.
    def days_seen(self, account: Account) -> set[date]:
        """List the days of which an honest answer told once they were over."""
        honest = [each for each in self.told[account.key] if not each.is_faulty]
        return {day for each in honest for day in each.days if day < each.as_of.date()}

    def missing_history(self, account: Account) -> str | None:
        """Say how the days that were told of begin, if later than the bank's own entries of what the consent allows."""
        first = min(self.days_seen(account))
        allowed = self.now.date() - timedelta(days=HISTORY_DAYS)
        told = [day for day, *_ in self.truth(account, {allowed + timedelta(days=each) for each in range(32)})]
        return f"on {first} and not on {min(told)}" if told and first > min(told) else None

    def was_asked_in_time(self, account: Account) -> bool:
        """Tell whether no two honest answers lie further apart than is asked back."""
        moments = [each.requested_at for each in self.told[account.key] if not each.is_faulty]
        return all(later - earlier < ASKED_AGAIN_FOR for earlier, later in pairwise(moments))

    def truth(self, account: Account, days: set[date]) -> Counter[tuple[date, Decimal, str]]:
        """Count the bank's own entries of some days."""
        bank = self.bank.directory.of_key(account.institution_id)
        ledger = amended(BOOKS.of(account.key)[1], self.bank.state.at_bank)
        first, last = min(days), max(days)
        if bank.quirks & _HABITS_OF_THEIR_OWN:
            befallen = self.bank.state.at_bank.get(account.key, BankAccount())
            statement = Statement(account=account, ledger=ledger, bank=bank, befallen=befallen, today=self.now.date())
            entries = [json.loads(each) for each in statement.booked(first, last, undated=False)]
            rows = [
                (date.fromisoformat(str(each["bookingDate"])), Decimal(each["transactionAmount"]["amount"]))
                for each in entries
            ]
        else:
            table = entries_of(account, ledger, first, last)
            rows = list(zip(table["booking_date"].to_pylist(), table["amount"].to_pylist(), strict=True))
        return Counter(
            (day, amount.quantize(Decimal("0.0001")), account.currency) for day, amount in rows if day in days
        )
