"""Random lives of an account, and random syncs of it: what happens, played with the real planning and landing."""

import json
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import polars as pl
from hypothesis import strategies as st

from farthing.lake.landing import EXTRACT_COLUMNS, EXTRACTS, make_table
from farthing.lake.raw import RawEnvelope, make_extract
from farthing.provider import Answer, Ask, Endpoint, Provider
from farthing.sync.due import ASKED_AGAIN_FOR
from farthing.sync.land import land
from farthing.sync.plan import oldest_needed, plan, to_pull
from farthing.sync.questions import Linked
from tests.model.bank import LATE, START, Account, Entry, Told, covered_days, lists, looks_like_an_outage, settled_until

_AMOUNTS = st.sampled_from(["-1.00", "-2.50", "3.00"])
_TEXTS = st.sampled_from(["Kiosk", "Baker", "Zoo"])
_IDS = st.sampled_from(["own", "reused", None])
_WHICH = st.integers(0, 7)
_LAG = st.integers(0, LATE.days)
LOOKBACK = 14
_CUT_FOR = ASKED_AGAIN_FOR - LATE  # a bank that cuts its lists longer than this loses what it booked late


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens; ``what`` names a method of :class:`Life`."""

    what: str
    with_: Mapping[str, object] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"{self.what}({', '.join(f'{name}={value!r}' for name, value in self.with_.items())})"


def event(what: str, **values: st.SearchStrategy[object]) -> st.SearchStrategy[Event]:
    return st.builds(Event, st.just(what), st.fixed_dictionaries(values))


_POST = event("post", amount=_AMOUNTS, text=_TEXTS, lag=_LAG, value_lag=st.sampled_from([None, 0, 1, -3]), id_=_IDS)
_FAULTS = st.sampled_from([None, None, None, None, "empty", "cut", "down", "garbled", "spent"])
_SYNC = event("sync", fault=_FAULTS, times=st.sampled_from([1, 1, 1, 2, 3]), every=st.sampled_from([6, 24, 240]))
# Some months, at whose end what was asked at their begin is long ago.
_MONTHS = event("sync", fault=st.none(), times=st.just(11), every=st.just(240))
_EVENTS = st.one_of(
    _POST,
    _POST,
    _SYNC,
    _SYNC,
    _MONTHS,
    event("wait", hours=st.sampled_from([6, 6, 24, 24, 72, 240, 720])),
    event("announce", amount=_AMOUNTS, text=_TEXTS, id_=_IDS),
    event("book", which=_WHICH, lag=st.integers(0, 2), text=st.none() | _TEXTS, amount=st.none() | _AMOUNTS),
    event("vanish", which=_WHICH),
    event("retext", which=_WHICH, text=_TEXTS),
    event("redate", which=_WHICH, lag=_LAG),
    event("revalue", which=_WHICH, lag=_LAG),
    event("correct", which=_WHICH, amount=_AMOUNTS),
    event("reissue", which=_WHICH, id_=_IDS),
    event("repeat", which=_WHICH),
    event("withdraw", which=_WHICH),
    event("relink", has_history=st.booleans()),
)


@st.composite
def stories(draw: st.DrawFn) -> tuple[str, list[Event]]:
    """Draw by what an account is known, and what happens to it."""
    return draw(st.sampled_from(["iban", "resource", "card"])), draw(st.lists(_EVENTS, min_size=8, max_size=30))


class Life:
    """An account's life as it is played."""

    def __init__(self, name: str, evidence: str, provider: Provider) -> None:
        self.account = Account(name=name, evidence=evidence)
        self.told: list[Told] = []  # the answers about transactions, in the order of asking
        self.envelopes: list[RawEnvelope] = []
        self.links: list[Linked] = []
        self._provider = provider
        self._now = START
        self._runs = 0
        self._texts: set[tuple[object, ...]] = set()  # of entries in booked groups of equals, whenever they had them
        self._extracts = make_table(EXTRACT_COLUMNS, [])
        self._whole_at = START  # when the last list came that was not cut
        self._asked_at: dict[str, datetime] = {}  # when a link for the long history was first asked
        self._frozen: dict[str, Account] = {}  # by such a link, what it tells from then on
        self.relink(has_history=False)

    def play(self, events: list[Event]) -> None:
        for event in events:
            self._texts |= {(*entry.fact()[1:4], entry.text) for entry in self.account.booked}
            getattr(self, event.what)(**event.with_)
            self._now += timedelta(minutes=10)

    def end_well(self) -> None:
        """Let the bank be well again and book two more; two syncs see it."""
        for _ in range(2):
            self.wait(hours=24)
            self.post(amount="-7.77", text="Last", lag=0, value_lag=0, id_="own")
            self.sync(fault=None)

    # What time does.
    def wait(self, *, hours: int) -> None:
        self._now += timedelta(hours=hours)

    # What the bank does.
    def post(self, *, amount: str, text: str, lag: int, value_lag: int | None, id_: str | None) -> Entry:
        day = self._now.date() - timedelta(days=lag)
        value_on = None if value_lag is None else day + timedelta(days=value_lag)
        entry = self.account.open_entry(amount=amount, text=text, booked_on=day, value_on=value_on, id_=id_)
        if (*entry.fact()[1:4], text) in self._texts:  # nobody can tell which of the two is the older
            self._disturb(entry)
        return entry

    def announce(self, *, amount: str, text: str, id_: str | None) -> None:
        self.account.open_entry(amount=amount, text=text, booked_on=None, value_on=self._now.date(), id_=id_)

    def book(self, *, which: int, lag: int, text: str | None, amount: str | None) -> None:
        if (gone := _pick(self.account.pending, which)) is not None:
            self.account.entries.remove(gone)
            self.post(amount=amount or str(gone.amount), text=text or gone.text, lag=lag, value_lag=0, id_="own")

    def vanish(self, *, which: int) -> None:
        if (gone := _pick(self.account.pending, which)) is not None:
            self.account.entries.remove(gone)

    def retext(self, *, which: int, text: str) -> None:
        for entry in self._recent(which):
            if self._has_equals(entry):
                self._disturb(entry)
            entry.text = text

    def redate(self, *, which: int, lag: int) -> None:
        for entry in self._recent(which):
            self._disturb(entry)
            entry.booked_on = self._now.date() - timedelta(days=lag)
            self._disturb(entry)

    def revalue(self, *, which: int, lag: int) -> None:
        for entry in self._recent(which):
            self._disturb(entry)
            entry.value_on = self._now.date() - timedelta(days=lag)
            self._disturb(entry)

    def correct(self, *, which: int, amount: str) -> None:
        for entry in self._recent(which):
            self._disturb(entry)
            entry.amount = type(entry.amount)(amount)
            self._disturb(entry)

    def reissue(self, *, which: int, id_: str | None) -> None:
        for entry in self._recent(which):
            entry.transaction_id = f"new-{entry.serial}" if id_ == "own" else id_
            entry.internal_id = None if id_ is None else f"new-i-{entry.serial}"

    def repeat(self, *, which: int) -> None:
        for entry in self._recent(which):
            twin = self.account.open_entry(
                amount=str(entry.amount), text=entry.text, booked_on=entry.booked_on, value_on=entry.value_on, id_="own"
            )
            self._disturb(twin)

    def withdraw(self, *, which: int) -> None:
        for entry in self._recent(which):
            self._disturb(entry)
            self.account.entries.remove(entry)

    # What the account holder does.
    def relink(self, *, has_history: bool) -> None:
        self.links = []
        for is_history in (True, False) if has_history else (False,):
            number = uuid5(UUID(int=0), f"{self.account.name}/{self._now}/{is_history}")
            self.links.append(
                Linked(
                    account_id=str(number),
                    linked_at=self._now,
                    history_days=730 if is_history else 90,
                    lookback_days=LOOKBACK,
                    is_history=is_history,
                )
            )

    def sync(self, *, fault: str | None, times: int = 1, every: int = 0) -> None:
        for _ in range(times):
            self._sync(fault)
            self.wait(hours=every if times > 1 else 0)

    def _sync(self, fault: str | None) -> None:
        self._runs += 1
        run_id = uuid5(UUID(int=1), f"{self.account.name}/{self._runs}")
        envelopes = []
        oldest = oldest_needed(self.links, now=self._now)
        known = self._extracts.filter(pl.col("requested_at") >= oldest.isoformat())
        settled = settled_until(self.told)  # every sync ends in a build here
        links = [replace(link, settled_until=settled) for link in self.links]
        for ask in to_pull(plan(links, known, now=self._now)):
            extract = make_extract(
                provider="gocardless", ask=ask, run_id=run_id, attempt=1, requested_at=self._now, version="model"
            )
            answer = self._answer(ask, str(extract.extract_id), fault)
            envelopes.append(RawEnvelope.of(extract, answer))
        self.envelopes += envelopes
        landed = land(envelopes, self._provider)
        self._extracts = pl.concat([self._extracts, landed[EXTRACTS]])

    # How it answers.
    def _answer(self, ask: Ask, extract_id: str, fault: str | None) -> Answer:
        status, body = 200, b""
        match ask.endpoint:
            case Endpoint.ACCOUNTS:
                body = json.dumps(self.account.metadata(ask.account_id)).encode()
            case Endpoint.DETAILS:
                body = json.dumps(self.account.details()).encode()
            case Endpoint.BALANCES:
                body = b'{"balances": []}'
            case Endpoint.TRANSACTIONS:
                status, body = self._transactions(ask, extract_id, fault)
        path = f"accounts/{ask.account_id}/" + ("" if ask.endpoint is Endpoint.ACCOUNTS else f"{ask.endpoint}/")
        days = {"date_from": ask.date_from, "date_to": ask.date_to}
        return Answer(
            method="GET",
            path=path,
            params={name: day.isoformat() for name, day in days.items() if day},
            started_at=self._now,
            ended_at=self._now,
            status=status,
            body=body,
        )

    def _transactions(self, ask: Ask, extract_id: str, fault: str | None) -> tuple[int, bytes]:
        as_of, account = self._now, self.account
        is_history = any(link.is_history and link.account_id == ask.account_id for link in self.links)
        if is_history:
            as_of = self._asked_at.setdefault(ask.account_id, self._now)
        match fault:
            case "down":
                return 503, b'{"summary": "Service down", "status_code": 503}'
            case "spent":
                return 429, b'{"summary": "Rate limit exceeded", "status_code": 429}'
        if is_history:
            account = self._frozen.setdefault(ask.account_id, deepcopy(self.account))
        if fault == "garbled":
            return 200, b'{"transactions": {"booked": ['
        assert ask.date_from is not None
        assert ask.date_to is not None
        date_from, date_to = ask.date_from, ask.date_to
        shown, pending = account.shown(date_from, date_to), account.pending

        def told(booked: list[Entry], *, is_faulty: bool) -> Told:
            days = [entry.booked_on for entry in booked if entry.booked_on]
            until = min(date_to, max([as_of.date(), *days])) if is_history else date_to
            return Told(
                extract_id=extract_id,
                requested_at=self._now,
                as_of=as_of,
                days=covered_days(days, date_from=date_from, date_to=until),
                shown=Counter(days),
                facts=tuple(entry.fact() for entry in booked),
                pending=frozenset(entry.serial for entry in pending) if not is_faulty else frozenset(),
                is_faulty=is_faulty,
            )

        answer = told(shown, is_faulty=False)
        if fault == "empty":
            shown, pending = [], []
            answer = told([], is_faulty=True)
        elif fault == "cut" and self._now - self._whole_at < _CUT_FOR:
            cut = told(shown[: len(shown) // 3], is_faulty=True)
            before = [each for each in self.told if each.as_of <= as_of]
            if looks_like_an_outage(cut, before):  # else nobody could tell that it was cut
                shown, pending = shown[: len(shown) // 3], []
                answer = cut
        if not answer.is_faulty:
            self._whole_at = self._now
        self.told.append(answer)
        return 200, json.dumps(lists(shown, pending)).encode()

    # What the oracle keeps in mind.
    def _recent(self, which: int) -> list[Entry]:
        """Pick a booked entry that the bank may still change, if there is one."""
        since = self._now.date() - LATE
        entry = _pick([each for each in self.account.booked if each.booked_on and each.booked_on >= since], which)
        return [] if entry is None else [entry]

    def _equals(self, entry: Entry) -> list[Entry]:
        return [each for each in self.account.booked if each.fact()[1:4] == entry.fact()[1:4]]

    def _has_equals(self, entry: Entry) -> bool:
        return len(self._equals(entry)) > 1

    def _disturb(self, entry: Entry) -> None:
        """Note that an entry and its equals may lose their names."""
        for each in self._equals(entry):
            each.changes += 1


def _pick(entries: list[Entry], which: int) -> Entry | None:
    return entries[which % len(entries)] if entries else None
