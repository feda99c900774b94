from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from farthing.sandbox.dice import part, seed_of, thrown
from farthing.sandbox.habits import BY_CARD, INCOMING, Kind
from farthing.sandbox.household import Account
from farthing.sandbox.households import HOUSEHOLDS, MUSTERFELD
from farthing.sandbox.iban import fictitious_iban, has_valid_checksum
from farthing.sandbox.institutions import BANKS
from farthing.sandbox.ledger import Entry, Ledger
from farthing.sandbox.merchants import Category, Merchant
from farthing.sandbox.movements import LEDGER_START
from farthing.sandbox.population import household as made

TODAY = date(2026, 3, 18)
LEDGER = Ledger(MUSTERFELD, seed=7)
ACCOUNTS = st.sampled_from(MUSTERFELD.accounts)
DAYS = st.dates(LEDGER_START, TODAY)


@settings(deadline=None)  # the first call of an account works its whole ledger out
@given(account=ACCOUNTS, days=st.tuples(DAYS, DAYS, DAYS).map(sorted))
def test_windows_concatenate(account: Account, days: list[date]) -> None:
    first, middle, last = days
    parts = LEDGER.entries(account, first, middle) + LEDGER.entries(account, middle + timedelta(days=1), last)
    assert parts == LEDGER.entries(account, first, last)


@settings(deadline=None)
@given(account=ACCOUNTS, day=DAYS)
def test_the_balance_is_the_opening_balance_plus_all_entries(account: Account, day: date) -> None:
    booked = sum((e.amount for e in LEDGER.entries(account, LEDGER_START, day)), start=Decimal(0))
    assert LEDGER.balance(account, day) == account.opening + booked


@settings(max_examples=5, deadline=None)
@given(account=ACCOUNTS, day=st.dates(LEDGER_START, date(2023, 6, 30)))
def test_a_later_day_only_adds(account: Account, day: date) -> None:
    young = Ledger(MUSTERFELD, seed=7)
    assert young.entries(account, LEDGER_START, day) == LEDGER.entries(account, LEDGER_START, day)


def test_it_holds_nothing_before_it_starts() -> None:
    before = LEDGER_START - timedelta(days=1)
    for account in MUSTERFELD.accounts:
        assert LEDGER.entries(account, date.min, before) == []
        assert LEDGER.balance(account, before) == account.opening


def test_two_years_hold_at_least_6500_entries() -> None:
    first = TODAY - timedelta(days=730)
    assert sum(len(LEDGER.entries(account, first, TODAY)) for account in MUSTERFELD.accounts) >= 6500


@pytest.mark.parametrize("seed", [7, 2])
def test_balances_stay_positive_but_for_the_credit_card(seed: int) -> None:
    for household in HOUSEHOLDS:
        ledger = Ledger(household, seed=seed)
        for account in household.accounts:
            running = ledger.running(account, LEDGER_START, date(2028, 12, 31))
            assert all(balance > 0 or account.is_card for _, balance in running), account.key


def test_own_transfers_net_to_zero_on_each_day() -> None:
    totals: Counter[date] = Counter()
    moved = 0
    for account in MUSTERFELD.accounts:
        for entry in LEDGER.entries(account, LEDGER_START, TODAY):
            if isinstance(entry.party, Account):
                totals[entry.day] += entry.cents
                moved += 1
    assert moved > 200
    assert not any(totals.values())


def test_the_card_is_settled_for_the_month_before() -> None:
    card = LEDGER.accounts["nordlicht-card"]
    spent = sum(
        e.amount for e in LEDGER.entries(card, date(2026, 1, 1), date(2026, 1, 31)) if isinstance(e.party, Merchant)
    )
    paid = [e for e in LEDGER.entries(card, date(2026, 2, 1), date(2026, 2, 28)) if e.kind is Kind.TRANSFER_IN]
    assert [e.amount for e in paid] == [-spent]


def test_the_kind_tells_which_way_money_went() -> None:
    """Banks' words for an entry follow from its source alone, so the sign has to."""
    for household in (*HOUSEHOLDS, *(made(bank, 4, seed=7) for bank in BANKS[3:6])):
        for account in household.accounts:
            for entry in Ledger(household, seed=7).entries(account, LEDGER_START, TODAY):
                assert (entry.cents > 0) == (entry.kind in INCOMING), entry.kind


def test_dice_are_fair_and_always_the_same() -> None:
    throws = thrown(np.array([seed_of("a test")], np.uint64), np.arange(60_000))
    assert len(set(throws.tolist())) == len(throws)
    for after in (0, 24):
        faces = Counter(part(throws, 6, bits=24, after=after).tolist())
        assert sorted(faces) == list(range(6))
        assert all(9_600 < count < 10_400 for count in faces.values())
    first = thrown(np.array([1234567], np.uint64), np.array([1, 2, 3])).tolist()
    assert first == [6457827717110365317, 3203168211198807973, 9817491932198370423]  # as splitmix64 is published


def test_some_payments_are_true_twins() -> None:
    joint = LEDGER.accounts["harbour-joint"]
    seen = Counter(
        (e.day, e.party.name, e.amount)
        for e in LEDGER.entries(joint, date(2025, 1, 1), date(2025, 12, 31))
        if isinstance(e.party, Merchant) and e.kind in BY_CARD
    )
    assert sum(count > 1 for count in seen.values()) >= 2


def test_prices_step_and_subscriptions_stop() -> None:
    card = LEDGER.accounts["nordlicht-card"]

    def paid(name: str, first: date, last: date) -> set[str]:
        entries = LEDGER.entries(card, first, last)
        return {str(e.amount) for e in entries if e.party.name == name}

    assert paid("Flimmerkiste Video", date(2025, 8, 1), date(2025, 12, 1)) == {"-12.99", "-13.99"}
    assert paid("Morgenblatt Digital", date(2026, 6, 1), date(2026, 6, 30)) == {"-19.90"}
    assert paid("Morgenblatt Digital", date(2026, 7, 1), date(2026, 9, 30)) == set()


def test_interest_and_refunds_come_in() -> None:
    kinds = Counter(
        (entry.kind, entry.amount > 0)
        for account in MUSTERFELD.accounts
        for entry in LEDGER.entries(account, date(2025, 1, 1), date(2025, 12, 31))
    )
    assert kinds[Kind.INTEREST, True] == 8
    assert kinds[Kind.REFUND, True] >= 3
    assert kinds[Kind.REFUND, False] == 0


YEAR = [
    entry for account in MUSTERFELD.accounts for entry in LEDGER.entries(account, date(2025, 1, 1), date(2025, 12, 31))
]


def _of(category: Category) -> list[Entry]:
    return [entry for entry in YEAR if isinstance(entry.party, Merchant) and entry.party.category is category]


@pytest.mark.parametrize(
    ("what", "found", "in_a_year"),
    [
        ("two salaries", [e for e in YEAR if e.kind is Kind.SALARY], 24),
        ("rent", _of(Category.RENT), 12),
        ("power, here each month and there each other", _of(Category.ENERGY), 18),
        ("two telephones", _of(Category.TELECOM), 24),
        ("annual bills", _of(Category.INSURANCE), 3),
        ("fees, monthly and quarterly", [e for e in YEAR if e.kind is Kind.FEE], 16),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_falls_due_is_paid_on_a_working_day(what: str, found: list[Entry], in_a_year: int) -> None:
    assert len(found) == in_a_year, what
    assert all(entry.day.weekday() < 5 for entry in found)


def test_life_is_in_it() -> None:
    """Shopping has its weekdays, cash is drawn, and a holiday is paid in another currency."""
    groceries = Counter(entry.day.weekday() for entry in _of(Category.GROCERIES))
    assert groceries[5] > 1.5 * groceries[0]
    assert len([entry for entry in YEAR if entry.kind is Kind.CASH]) > 10
    abroad = [entry.exchange for entry in YEAR if entry.exchange]
    assert len({exchange.currency for exchange in abroad} - {"EUR"}) >= 2
    assert sum(not isinstance(entry.party, Merchant) and "Sparen" in entry.text for entry in YEAR) == 24


def test_every_iban_passes_its_checksum() -> None:
    parties = {e.party for a in MUSTERFELD.accounts for e in LEDGER.entries(a, LEDGER_START, TODAY)}
    ibans = {party.iban for party in parties} | {a.iban for h in HOUSEHOLDS for a in h.accounts}
    assert len(ibans) > 40
    assert all(has_valid_checksum(iban) for iban in ibans if iban)


@pytest.mark.parametrize(
    ("iban", "bank_code", "length"),
    [
        pytest.param(fictitious_iban("DE", 4200000001), "00000000", 22, id="German"),
        pytest.param(fictitious_iban("IE", 31000001), "ZZZZ000000", 22, id="Irish"),
        pytest.param(fictitious_iban("GL", 7), "0000", 18, id="Greenlandic"),
    ],
)
def test_ibans_belong_to_no_bank(iban: str, bank_code: str, length: int) -> None:
    assert iban[4:].startswith(bank_code)
    assert len(iban) == length
    assert has_valid_checksum(iban)
    assert not has_valid_checksum(iban[:-1] + str((int(iban[-1]) + 1) % 10))
