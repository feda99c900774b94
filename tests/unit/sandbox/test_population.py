"""Households by number: each on its own, in time and memory that its own entries need."""

import gc
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from farthing.sandbox import movements
from farthing.sandbox.answers import answers
from farthing.sandbox.books import Books
from farthing.sandbox.dice import Numbers, Throws, thrown
from farthing.sandbox.documents import array, to_json
from farthing.sandbox.households import HOUSEHOLDS
from farthing.sandbox.institutions import BANKS, Institution
from farthing.sandbox.ledger import Ledger
from farthing.sandbox.movements import LEDGER_START
from farthing.sandbox.population import HOUSEHOLDS_A_BANK, household
from farthing.sandbox.state import BankAccount
from farthing.sandbox.statement import Statement

GENERATED = BANKS[3:]
BANK = next(bank for bank in BANKS if bank.key.startswith("BURSUC"))
TODAY = date(2026, 3, 18)
DAYS = st.dates(LEDGER_START, TODAY)


def _told(first: date, last: date, number: int = 17) -> pl.Series:
    made = household(BANK, number, seed=7)
    told = Statement(
        account=made.accounts[0], ledger=Ledger(made, seed=7), bank=BANK, befallen=BankAccount(), today=last
    )
    return told.booked(first, last, undated=True)


def test_a_window_costs_what_is_in_it_wherever_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in throws of the dice, which no other load on the machine changes."""
    made, counted = household(BANK, 17, seed=7), [0]

    def counting(seeds: Throws, numbers: Numbers) -> Throws:
        throws = thrown(seeds, numbers)
        counted[0] += throws.size
        return throws

    monkeypatch.setattr(movements, "thrown", counting)

    def cost(first: date, last: date) -> int:
        counted[0] = 0
        assert Ledger(made, seed=7).entries(made.accounts[0], first, last)
        return counted[0]

    early, late = cost(date(2024, 6, 1), date(2024, 6, 30)), cost(date(2031, 6, 1), date(2031, 6, 30))
    assert early * 0.9 < late < early * 1.1
    assert late * 10 < cost(date(2031, 1, 1), date(2031, 12, 31)) < late * 14


@settings(max_examples=10, deadline=None)
@given(bank=st.sampled_from(BANKS), days=st.tuples(DAYS, DAYS).map(sorted), together=st.integers(2, 5))
def test_households_have_the_same_entries_alone_and_together(
    bank: Institution, days: list[date], together: int
) -> None:
    books = Books(HOUSEHOLDS, seed=7)
    many = books.together(bank.key, range(together))
    accounts = [account for each in many.households for account in each.accounts if account.institution_id == bank.key]
    drawn = many.columns(accounts, *days)
    for account in accounts:
        alone = books.of(account.key)[1].columns([account], *days)
        theirs = drawn.filter(pl.col("place") == many.place(account))
        assert theirs.drop("place", "source").equals(alone.drop("place", "source"))
    assert drawn["place"].is_sorted()


@settings(max_examples=25, deadline=None)
@given(
    bank=st.sampled_from(BANKS),
    number=st.integers(0, HOUSEHOLDS_A_BANK - 1),
    role=st.integers(0, 2),
    days=st.tuples(DAYS, DAYS).map(sorted),
)
def test_a_window_made_alone_is_cut_out_of_the_whole(
    bank: Institution, number: int, role: int, days: list[date]
) -> None:
    """The ledger's entries, and what the bank tells of them."""
    first, last = days

    def statement() -> Statement:
        books = Books(HOUSEHOLDS, seed=7)
        accounts = books.accounts(bank.key, user=str(number))
        account = accounts[role % len(accounts)]
        ledger = books.of(account.key)[1]
        return Statement(account=account, ledger=ledger, bank=bank, befallen=BankAccount(), today=TODAY)

    whole, alone = statement(), statement()
    entries = whole.ledger.entries(whole.account, LEDGER_START, TODAY)
    assert alone.ledger.entries(alone.account, first, last) == [each for each in entries if first <= each.day <= last]
    told = [json.loads(each) for each in whole.booked(LEDGER_START, TODAY, undated=False)]
    days_told = ([each[name] for name in ("bookingDate", "valueDate") if name in each] for each in told)
    expected = [
        each
        for each, dates in zip(told, days_told, strict=True)
        if any(str(first) <= day <= str(last) for day in dates)
    ]
    assert [json.loads(each) for each in alone.booked(first, last, undated=False)] == expected


def test_what_is_made_for_many_is_what_is_made_for_each() -> None:
    first, now = TODAY - timedelta(days=60), datetime(2026, 3, 18, 9, tzinfo=UTC)
    for bank in BANKS:
        books = Books(HOUSEHOLDS, seed=7)
        made = list(answers(books, bank, [1, 0], first=first, at=now))
        assert len(made) == 2 * len(books.accounts(bank.key))
        for each in made:
            booked, pending = each.statement.booked(first, TODAY, undated=True), each.statement.pending()
            lists = {"booked": array(booked), "pending": array(pending)}
            assert each.transactions == to_json({"transactions": lists, "last_updated": "2026-03-18T09:00:00.000000Z"})
            assert each.entries == len(booked) + len(pending)


def test_households_that_are_done_with_are_let_go() -> None:
    books = Books((), seed=7)

    def held() -> int:
        gc.collect()
        return sum(isinstance(each, Ledger) for each in gc.get_objects())

    before = held()
    for number in range(200):
        assert books.accounts(BANK.key, user=str(number))
    assert held() - before <= 64


@pytest.mark.parametrize(
    "numbers", [range(20), range(HOUSEHOLDS_A_BANK - 20, HOUSEHOLDS_A_BANK)], ids=["first", "last"]
)
def test_no_two_accounts_share_a_number(numbers: range) -> None:
    by_hand = [account for each in HOUSEHOLDS for account in each.accounts]
    generated = [
        account for bank in GENERATED for number in numbers for account in household(bank, number, seed=7).accounts
    ]
    ibans = [account.iban for account in [*by_hand, *generated] if account.iban and account.institution_id]
    assert len(ibans) > 20 * len(GENERATED)
    assert len(set(ibans)) == len(ibans)


def _steps(bank: Institution, number: int, seed: int) -> set[tuple[str, date]]:
    made = household(bank, number, seed=seed)
    regulars = [regular for account in made.accounts for regular in account.regulars if regular.amount < 0]
    raised = {(regular.payee.name, since) for regular in regulars for since, _ in regular.steps}
    return raised | {(regular.payee.name, regular.ends) for regular in regulars if regular.ends < date.max}


def test_prices_rise_and_things_stop_at_other_times_for_other_people() -> None:
    first = _steps(BANK, 1, seed=7)
    assert first == _steps(BANK, 1, seed=7)
    assert len({frozenset(_steps(BANK, number, seed=7)) for number in range(10)}) > 5
    assert len({frozenset(_steps(BANK, 1, seed=seed)) for seed in range(10)}) > 5


def test_prices_only_rise() -> None:
    for number in range(10):
        for account in household(BANK, number, seed=7).accounts:
            for regular in account.regulars:
                amounts = [abs(amount) for amount in (regular.amount, *(new for _, new in regular.steps))]
                assert amounts == sorted(set(amounts))


@pytest.mark.parametrize("bank", GENERATED, ids=lambda bank: bank.name)
def test_a_household_is_away_with_all_that_it_pays_with(bank: Institution) -> None:
    for number in range(10):
        accounts = household(bank, number, seed=7).accounts
        assert len({trip for account in accounts for trip in account.trips}) == 1


def test_the_server_sends_what_is_generated(api: Any) -> None:
    """Byte for byte, whichever part of it was asked for before."""
    account = api.connect(BANK.institution_id)["accounts"][0]
    first, last = TODAY - timedelta(days=89), TODAY
    path, half = f"/api/v2/accounts/{account}/transactions/", str(TODAY - timedelta(days=45))
    api.http.get(path, params={"date_from": half})
    sent = api.http.get(path, params={"date_from": str(first), "date_to": str(last)})
    assert to_json({"booked": array(_told(first, last, number=0))})[1:-1] in sent.content
