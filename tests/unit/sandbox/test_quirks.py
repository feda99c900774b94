"""Each habit is some bank's, and shows; most are looked at in the answers of the bank that has it."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import polars as pl
import pytest

from farthing.sandbox.books import Books
from farthing.sandbox.households import HOUSEHOLDS
from farthing.sandbox.iban import has_valid_checksum
from farthing.sandbox.institutions import BANKS, COUNTRIES, Institution
from farthing.sandbox.quirks import QUIRKS
from farthing.sandbox.quirks.ids import uuids
from farthing.sandbox.state import BankAccount
from farthing.sandbox.statement import Statement

TODAY = date(2026, 3, 18)
BOOKS = Books(HOUSEHOLDS, seed=7)
REMITTANCE = "remittanceInformationUnstructured"
ROLES = {"current": 0, "savings": 1, "card": -1}


def bank_with(number: int, *, but: str = "") -> Institution:
    """Return a bank that has a habit."""
    return next(bank for bank in BANKS if number in bank.quirks and bank.key != but)


def statement(number: int, role: str = "current", *, today: date = TODAY, but: str = "") -> Statement:
    """Return what a bank with a habit tells of one of its accounts on a day."""
    return statement_of(bank_with(number, but=but), role, today=today)


def statement_of(bank: Institution, role: str, *, today: date = TODAY) -> Statement:
    """Return what a bank tells of one of its accounts on a day."""
    account = BOOKS.accounts(bank.key)[ROLES[role]]
    ledger = BOOKS.of(account.key)[1]
    return Statement(account=account, ledger=ledger, bank=bank.on(today), befallen=BankAccount(), today=today)


def read(objects: pl.Series) -> list[Any]:
    """Return what JSON objects say."""
    return [json.loads(each) for each in objects]


def booked(number: int, role: str = "current", *, days: int = 120, today: date = TODAY, but: str = "") -> list[Any]:
    """Return the booked entries of the last days at a bank with a habit."""
    told = statement(number, role, today=today, but=but)
    return read(told.booked(today - timedelta(days=days), today, undated=True))


def pending(number: int, role: str = "current", *, but: str = "") -> list[Any]:
    """Return the pending entries of a month at a bank with a habit, one day after the other."""
    days = (TODAY - timedelta(days=number_of_days) for number_of_days in range(30))
    return [each for day in days for each in read(statement(number, role, today=day, but=but).pending())]


def is_card(entry: Any) -> bool:
    return "CCRD" in str(entry.get("bankTransactionCode", ""))


def text_of(entry: Any) -> str:
    return str(entry.get(REMITTANCE, ""))


def amount_of(entry: Any) -> Decimal:
    return Decimal(entry["transactionAmount"]["amount"])


def test_every_habit_is_that_of_some_bank() -> None:
    assert set(QUIRKS) == set(range(1, 56))
    assert set().union(*(bank.quirks for bank in BANKS)) == set(QUIRKS)


def test_there_are_banks_enough() -> None:
    assert len(BANKS) >= 12
    assert len({country for bank in BANKS for country in bank.countries} & COUNTRIES) >= 8
    assert len({bank.institution_id for bank in BANKS}) == len(BANKS)
    for bank in BANKS:
        assert bank.institution_id.endswith(f"_{bank.bic}")
        assert bank.bic.endswith("ZZ") or bank.bic == "SFIN0000"
        assert isinstance(bank.quirks, frozenset)


def _shows_1() -> bool:
    return not any("transactionId" in each for each in booked(1))


def _shows_2() -> bool:
    blanks = [each for each in booked(2) if each.get("transactionId") == " "]
    return 0 < len(blanks) < len(booked(2))


def _shows_3() -> bool:
    shared = [each for each in booked(3) if each["transactionId"] == "9998"]
    return len({each["transactionAmount"]["amount"] for each in shared}) > 1


def _shows_4() -> bool:
    ids = {each["transactionId"] for each in booked(4) if is_card(each)}
    return ids == {each["transactionId"] for each in pending(4)} == {"NOTPROVIDED"}


def _shows_5() -> bool:
    young, old = booked(5, days=2), booked(5, days=10, today=TODAY + timedelta(days=5))
    before, after = ({each["internalTransactionId"]: each for each in entries} for entries in (young, old))
    stayed, moved = before.keys() & after.keys(), before.keys() - after.keys()
    new_days = {(each["bookingDate"], amount_of(each)) for each in old}
    return (
        bool(stayed)
        and all(before[each]["transactionId"] != after[each]["transactionId"] for each in stayed)
        and bool(moved)
        and all((_day_after(before[each]["bookingDate"]), amount_of(before[each])) in new_days for each in moved)
    )


def _day_after(day: str) -> str:
    return str(date.fromisoformat(day) + timedelta(days=1))


def _shows_6() -> bool:
    young = [each for each in booked(6, days=2) if each["transactionId"].startswith("00DEBIT")]
    later = booked(6, days=10, today=TODAY + timedelta(days=5))
    replaced = {(each["bookingDate"], amount_of(each), text_of(each)): each for each in later}
    lasting = [replaced[each["bookingDate"], amount_of(each), text_of(each)] for each in young]
    names = ("transactionId", "internalTransactionId")
    return bool(young) and not any(
        each[name] == last[name] for each, last in zip(young, lasting, strict=True) for name in names
    )


def _shows_7() -> bool:
    one, other = ({each["internalTransactionId"] for each in booked(7, role)} for role in ("current", "card"))
    return bool(one & other)


def _shows_8() -> bool:
    one, other = ({each["transactionId"] for each in booked(8, role)} for role in ("current", "savings"))
    return bool(one & other)


def _shows_9() -> bool:
    name, klaphat = "internalTransactionId", next(bank for bank in BANKS if bank.key.startswith("KLAPHAT"))
    never = read(statement_of(klaphat, "current").booked(TODAY - timedelta(days=60), TODAY, undated=True))
    return bool(pending(9)) and bool(never) and not any(name in each for each in [*pending(9), *never])


def _shows_10() -> bool:
    wallet = next(bank for bank in BANKS if bank.key.startswith("PAYFERRET"))
    account = BOOKS.accounts(wallet.key)[0]
    days = (TODAY - timedelta(days=back) for back in range(150))
    told = [
        Statement(account=account, ledger=BOOKS.of(account.key)[1], bank=wallet, befallen=BankAccount(), today=day)
        for day in days
    ]
    announced = [(one.today, each) for one in told for each in read(one.pending())]  # what books under that day
    waiting = [each for _, each in announced]
    days_late = {date.fromisoformat(each["valueDate"]) - day for day, each in announced}
    real = read(told[0].booked(TODAY - timedelta(days=150), TODAY, undated=True))
    ids, texts = ({each.get(name) for each in real} for name in ("transactionId", REMITTANCE))
    checks = [each for each in waiting if amount_of(each) == -1]  # which never book
    fuel = {each["bookingDate"]: amount_of(each) for each in real if each.get("merchantCategoryCode") == "5541"}
    held = {day.isoformat(): amount_of(each) for day, each in announced if amount_of(each) % 50 == 0}
    known = fuel.keys() & held.keys()
    return (
        bool(checks)
        and not any(each["transactionId"] in ids or text_of(each) in texts for each in waiting)
        and days_late == {timedelta(0), timedelta(days=1)}
        and len(known) > 2
        and all(held[day] < fuel[day] for day in known)
    )


def _shows_11() -> bool:
    ahead = [each for each in pending(11) if each.get("bookingDate", "") > str(TODAY + timedelta(days=7))]
    return bool(ahead) and any(text_of(each).count("BS ") for each in _texts(11))


def _texts(number: int) -> list[Any]:
    keep = "additionalInformation"
    return [{"remittanceInformationUnstructured": each.get(keep, text_of(each))} for each in booked(number)]


def _shows_12() -> bool:
    return all(str(each["bookingDate"]) > str(TODAY) for each in read(statement(12).pending())) and bool(pending(12))


def _shows_13() -> bool:
    return bool(pending(13)) and all(amount_of(each) > 0 and "ΑΓΟΡΑ" in text_of(each) for each in pending(13))


def _shows_14() -> bool:
    texts = {text_of(each) for each in pending(14)}
    return len(texts) == 1 and any(next(iter(texts)) in text_of(each) for each in booked(14) if is_card(each))


def _shows_15() -> bool:
    young = {each["internalTransactionId"]: each for each in booked(15, days=16, today=date(2026, 3, 4))}
    old = {each["internalTransactionId"]: each for each in booked(15, days=16, today=date(2026, 3, 8))}
    unsettled = [each for each in young if text_of(young[each]).startswith("RESERVERT ")]
    settled = [old[each] for each in unsettled if each in old]
    return (
        any("creditorAccount" in each for each in settled)
        and not any("creditorAccount" in young[each] or "debtorAccount" in young[each] for each in unsettled)
        and not any(text_of(each).startswith("RESERVERT") for each in settled)
    )


def _shows_16() -> bool:
    return bool(pending(16)) and not any("Date" in name for each in pending(16) for name in each)


def _shows_17() -> bool:
    cards = [each for each in booked(17) if is_card(each)]
    return bool(cards) and all("(..4711) 20" in text_of(each) for each in cards)


def _shows_18() -> bool:
    cards = [each for each in booked(18) if is_card(each)]
    return bool(cards) and all(
        each["valueDate"][-2:] == "01" and each["valueDate"] > each["bookingDate"] for each in cards
    )


def _shows_19() -> bool:
    cards = [each for each in booked(19) if is_card(each)]
    return bool(cards) and all(each["valueDate"] < each["bookingDate"] for each in cards)


def _shows_20() -> bool:
    before = {e["internalTransactionId"] for e in booked(20, days=6)}
    later = booked(20, days=12, today=TODAY + timedelta(days=4))
    return any(e["internalTransactionId"] not in before for e in later if e["bookingDate"] < str(TODAY))


def _shows_21() -> bool:
    found = booked(21)
    return bool(found) and all(each["bookingDateTime"][:10] < each["bookingDate"] for each in found)


def _shows_22() -> bool:
    found: dict[str, list[Any]] = {}
    for each in booked(22, "savings", days=360):
        if "bookingDateTime" in each:
            found.setdefault(each["bookingDate"], []).append(each)
    names = ("bookingDateTime", "valueDateTime")
    return bool(found) and all(
        [one[name] for name in names] == [twin[name] for name in reversed(names)]
        and one["transactionId"] == twin["transactionId"]
        and one["internalTransactionId"] != twin["internalTransactionId"]
        for one, twin in found.values()
    )


def _shows_23() -> bool:
    cards = [each for each in booked(23, days=700) if is_card(each)]
    same = Counter((each["bookingDate"], text_of(each), each["transactionAmount"]["amount"]) for each in cards)
    return max(same.values()) > 1


def _shows_24() -> bool:
    return sum(amount_of(each) > 0 for each in booked(24, "card", days=300) if is_card(each)) > 5


def _shows_25() -> bool:
    foreign = [
        each
        for each in booked(25, "card", days=360)
        if "billingAmount: " in each.get("additionalInformation", text_of(each))
    ]
    return bool(foreign) and {each["transactionAmount"]["currency"] for each in foreign} == {"EUR"}


def _shows_26() -> bool:
    found = [each["currencyExchange"] for each in booked(26, days=360) if "currencyExchange" in each]
    return all(isinstance(each, dict) for each in found) and {each["exchangeRate"] == "0" for each in found} == {
        True,
        False,
    }


def _types(number: int, role: str = "card") -> dict[str, Decimal]:
    return _amounts(statement(number, role).balances())


def _amounts(balances: list[Any]) -> dict[str, Decimal]:
    return {each["balanceType"]: Decimal(each["balanceAmount"]["amount"]) for each in balances}


def _shows_27() -> bool:
    found = _types(27)
    return found["interimAvailable"] - found["interimBooked"] == statement(27, "card").account.credit_limit


def _shows_28() -> bool:
    kinds = {"WABENBANK": {"expected"}, "PLASTIKGELD": {"information"}, "SMULTRONKORT": {"expected", "nonInvoiced"}}
    for bank in BANKS:
        if 28 in bank.quirks:
            told = statement_of(bank, "card")
            found = _amounts(told.balances())
            found.pop("interimAvailable", None)
            owed = told.ledger.balance(told.account, TODAY - timedelta(days=1))
            parts = {**found, "expected": -found["expected"]} if len(found) == 2 else found
            if set(found) != kinds.pop(bank.key.partition("_")[0]) or sum(parts.values()) != owed or not owed:
                return False
    return not kinds


def _shows_29() -> bool:
    told = {bank.key: _amounts(statement_of(bank, "current").balances()) for bank in BANKS if 29 in bank.quirks}
    return [set(each) for each in told.values()].count({"interimBooked"}) == 3 and set(told["KLAPHAT_KLAPDKZZ"]) == {
        "interimAvailable"
    }


def _shows_30() -> bool:
    at_harbour, at_klompen = (
        {"balanceAfterTransaction" in each for each in booked(30, but=but)} for but in ("", "HARBOUR_HBRSIEZZ")
    )
    return (at_harbour, at_klompen) == ({True}, {True, False})


def _shows_36() -> bool:
    signs = Counter(amount_of(each) > 0 for each in booked(36, "savings") if "RCDT" in each["bankTransactionCode"])
    return signs[True] == signs[False] > 0


def _shows_37() -> bool:
    cards = [each for each in booked(37) if is_card(each)]
    lists = [each["remittanceInformationUnstructuredArray"] for each in cards]
    return not any(text_of(each) for each in cards) and all(any(",PAS" in line for line in each) for each in lists)


def _shows_38() -> bool:
    places = {
        next(i for i, line in enumerate(each["remittanceInformationUnstructuredArray"]) if line.startswith("REF "))
        for each in booked(38)
    }
    return len(places) == 3


def _shows_39() -> bool:
    long = [each for each in booked(39) if len(text_of(each)) == 140]
    return bool(long) and all("".join(e["remittanceInformationUnstructuredArray"]).startswith(text_of(e)) for e in long)


def _shows_40() -> bool:
    names = {name for each in booked(40) for name in each if name.startswith("remittance")}
    return names == {"remittanceInformationStructured", "remittanceInformationStructuredArray"}


def _shows_41() -> bool:
    found = booked(41)
    others = any(text_of(each) or "creditorName" in each for each in found)
    return bool(found) and all("additionalInformation" in each for each in found) and not others


def _shows_42() -> bool:
    found = booked(42)
    return bool(found) and all("narrative: ['" in each["additionalInformation"] for each in found)


def _shows_43() -> bool:
    out = [each for each in booked(43) if amount_of(each) < 0]
    return bool(out) and all(each["creditorName"] == "" and each["debtorName"] for each in out)


def _shows_44() -> bool:
    named = [each for each in booked(44) if "ultimateCreditor" in each]
    return {each["creditorName"] for each in named} == {"Kartenzahlung", "Lastschriftzahlung"}


def _shows_45() -> bool:
    texts = [text_of(each) for each in _texts(45)]
    return all(any(noise in text for text in texts) for noise in ("EndToEndID", "/Txt/D|", "\tPOS"))


def _shows_46() -> bool:
    return any("\\U0001f600" in text_of(each) for each in booked(46))


def _shows_47() -> bool:
    return any(
        "&amp;" in each.get("debtorName", "") + each.get("creditorName", "") for each in booked(47, days=700)
    ) or any("&#x27;" in each.get("creditorName", "") for each in booked(47))


def _shows_48() -> bool:
    return str(statement(48, "card").details()["iban"]).startswith("XXXX-")


def _shows_49() -> bool:
    ibans = [each["creditorAccount"]["iban"] for each in booked(49) if "creditorAccount" in each]
    others = [each for each in ibans if not has_valid_checksum(each)]
    return len(others) > 5


def _shows_51() -> bool:
    found = booked(51, days=400)
    bare = [each for each in found if set(each) == {"transactionAmount"}]
    balances = [each["balanceAfterTransaction"] for each in found if "balanceAfterTransaction" in each]
    return (
        bool(bare)
        and any(isinstance(each.get("creditorAccount"), str) for each in found)
        and bool(balances)
        and all(isinstance(each, str) for each in balances)
    )


def _shows_53() -> bool:
    before, after = (booked(53, today=day) for day in (date(2026, 6, 30), date(2026, 7, 1)))
    return any(map(text_of, before)) and not any(map(text_of, after))


def _shows_54() -> bool:
    told, first = statement(54), TODAY - timedelta(days=300)
    shown = read(told.booked(first, TODAY, undated=True))
    before, after = (told.ledger.balance(told.account, day - timedelta(days=1)) for day in (first, TODAY))
    return sum(map(amount_of, shown)) > after - before and _types(54, "current")["closingBooked"] == after


SHOWN: dict[int, Callable[[], bool]] = {
    int(name.removeprefix("_shows_")): check for name, check in list(globals().items()) if name.startswith("_shows_")
}


@pytest.mark.parametrize("number", sorted(SHOWN))
def test_a_habit_shows(number: int) -> None:
    assert SHOWN[number](), QUIRKS[number]


@pytest.mark.parametrize("bank", BANKS, ids=lambda bank: bank.key)
def test_balances_are_those_of_the_books(bank: Institution) -> None:
    """Whatever the habits, a bank's own ledger adds up."""
    for account in BOOKS.accounts(bank.key):
        ledger = BOOKS.of(account.key)[1]
        entries = ledger.entries(account, date.min, TODAY)
        total = account.opening + sum((entry.amount for entry in entries), start=Decimal(0))
        assert ledger.balance(account, TODAY) == total


# What follows is about consents and accounts rather than entries.


def _answer(api: Any, account: str, scope: str) -> Any:
    return api.http.get(f"/api/v2/accounts/{account}/{scope}/")


def test_31_another_account_id_comes_with_each_link(api: Any) -> None:
    bank = bank_with(31).institution_id
    first, second = api.connect(bank)["accounts"], api.connect(bank)["accounts"]
    assert set(first).isdisjoint(second)
    ibans = [[api.get(f"accounts/{each}/")["iban"] for each in accounts] for accounts in (first, second)]
    assert ibans[0] == ibans[1]


def test_32_a_long_history_is_frozen_and_a_short_one_goes_on(api: Any, clock: Any) -> None:
    bank = bank_with(32).institution_id
    long, short = api.connect(bank), api.connect(bank, max_historical_days=90)
    assert set(long["accounts"]).isdisjoint(short["accounts"])

    def newest(linked: Any) -> tuple[str, str]:
        answer = _answer(api, linked["accounts"][0], "transactions").json()
        return answer["transactions"]["booked"][0]["bookingDate"], answer["last_updated"]

    before = newest(long), newest(short)
    clock.advance(days=10)
    api.sign_in()
    assert newest(long) == before[0]
    assert newest(short) > before[1]


def test_33_access_ends_before_the_agreement(api: Any, clock: Any) -> None:
    linked = api.connect(bank_with(33).institution_id)
    seen = []
    for wait in ({}, {"seconds": 5}, {"days": 30}):
        clock.advance(**wait)
        api.sign_in()
        answers = [_answer(api, account, "balances") for account in linked["accounts"]]
        seen.append([each.json().get("type", each.status_code) for each in answers])
    assert seen == [[200, 200], [200, "AccessExpiredError"], ["AccessExpiredError"] * 2]  # the second one has savings
    assert api.get(f"requisitions/{linked['id']}/")["status"] == "LN"


@pytest.mark.parametrize(("days", "status"), [(365, 200), (366, 500)])
def test_34_more_history_is_agreed_than_survives(api: Any, days: int, status: int) -> None:
    account = api.connect(bank_with(34).institution_id, max_historical_days=days)["accounts"][0]
    assert _answer(api, account, "transactions").status_code == status


def test_35_closed_sub_accounts_stay(api: Any) -> None:
    accounts = api.connect(bank_with(35).institution_id)["accounts"]
    details = [_answer(api, each, "details").json()["account"] for each in accounts]
    assert sum(each["status"] == "deleted" for each in details) == 3


def test_48_an_account_has_its_number_in_its_details_only(api: Any) -> None:
    bank = bank_with(48, but="PLASTIKGELD_PLASDEZZ").institution_id
    *_, dollars = api.connect(bank)["accounts"]
    metadata, details = api.get(f"accounts/{dollars}/"), _answer(api, dollars, "details").json()["account"]
    assert (metadata["iban"], metadata["bban"], "iban" in details) == (None, None, False)
    assert (details["bban"], details["currency"]) == ("ZZZZ0000000000000003", "USD")
    [balance, *_] = _answer(api, dollars, "balances").json()["balances"]
    assert balance["balanceAmount"]["currency"] == "USD"


def test_50_metadata_and_details_disagree(api: Any) -> None:
    account = api.connect(bank_with(50).institution_id)["accounts"][0]
    details = _answer(api, account, "details").json()["account"]
    metadata = api.get(f"accounts/{account}/")
    assert (metadata["owner_name"], details["name"]) == ("", "")
    assert metadata["name"]
    assert details["ownerName"]


def test_52_a_bank_is_renamed(api: Any, clock: Any) -> None:
    old = bank_with(52)
    assert old.successor
    linked = api.connect(old.institution_id)
    clock.advance(days=300)
    api.sign_in()
    assert api.http.get(f"/api/v2/institutions/{old.institution_id}/").status_code == 404
    new = api.get(f"accounts/{linked['accounts'][0]}/")["institution_id"]
    assert new == old.successor[1] == api.get(f"institutions/{new}/")["id"]
    assert api.connect(new)["status"] == "LN"


def test_55_last_accessed_is_missing_at_first(api: Any) -> None:
    account = api.connect(bank_with(55).institution_id)["accounts"][0]
    assert "last_accessed" not in api.get(f"accounts/{account}/")
    _answer(api, account, "balances")
    assert api.get(f"accounts/{account}/")["last_accessed"]


def test_any_of_ten_thousand_households_is_there(api: Any) -> None:
    bank = "CROUTON_CROUFRZZ"
    owners = {BOOKS.accounts(bank, user=user)[0].owner for user in ("", "0", "me", "9999", "19999", "17")}
    assert len(owners) == 3
    freelancer = BOOKS.accounts(bank, user="4")[0]
    entries = BOOKS.of(freelancer.key)[1].entries(freelancer, date(2025, 1, 1), date(2025, 12, 31))
    assert sum(entry.text.startswith("INV 2025-") for entry in entries) > 10


GUIDE = Path(__file__).parents[3] / "docs" / "sandbox.md"


@pytest.mark.parametrize("number", sorted(QUIRKS))
def test_the_guide_names_a_habit_and_its_banks(number: int) -> None:
    line = next(line for line in GUIDE.read_text().splitlines() if line.startswith(f"| {number} | "))
    _, _, what, where, _ = (part.strip() for part in line.split("|"))
    banks = [bank.name for bank in BANKS if number in bank.quirks]
    assert what == QUIRKS[number]
    assert where == ("every bank" if len(banks) == len(BANKS) else ", ".join(banks))


def test_the_guide_names_every_bank() -> None:
    for bank in BANKS:
        line = next(line for line in GUIDE.read_text().splitlines() if line.startswith(f"| `{bank.institution_id}`"))
        assert line.rstrip("| ").endswith(", ".join(map(str, sorted(bank.quirks))))


@pytest.mark.parametrize("ids", [[], [None], [bytes(16), None, bytes(range(16)), b"\xff" * 16]], ids=len)
def test_ids_in_bulk_are_those_of_the_standard_library(ids: list[bytes | None]) -> None:
    expected = [None if each is None else uuid5(UUID(bytes=each), "lasting").hex for each in ids]
    assert uuids(pl.Series(ids, dtype=pl.Binary), b"lasting").to_list() == expected
