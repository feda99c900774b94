"""A bank changes what it had told: its answers and balances follow, and the truth still knows what belongs together."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from farthing.sandbox.admin import create_admin
from farthing.sandbox.institutions import BANKS
from farthing.sandbox.scenario import Scenario
from farthing.sandbox.truth import write_truth

HARBOUR, NORDLICHT, WABENBANK = "HARBOUR_HBRSIEZZ", "NORDLICHT_NOLIDEZZ", "WABENBANK_WABEDEZZ"
TODAY = date(2026, 3, 18)
NEW = "Corrected by the bank"
ONLY_ELSEWHERE = {14, 51}  # of card payments, a placeholder that is never corrected; a text that is not told of each


def booked(api: Any, account: str) -> list[Any]:
    found: list[Any] = api.get(f"accounts/{account}/transactions/")["transactions"]["booked"]
    return found


def truth(api: Any, folder: Path, *banks: str) -> tuple[dict[str, Any], list[Any], list[Any]]:
    """Return the bank's own accounts, entries by their ids, and events."""
    chosen, at_bank = [bank for bank in BANKS if bank.key in banks], api.bank.state.at_bank
    first, last = TODAY - timedelta(days=400), TODAY - timedelta(days=1)
    write_truth(folder, api.bank.books, chosen, households=1, first=first, last=last, at_bank=at_bank)
    tables = {name: pq.read_table(folder / f"{name}.parquet").to_pylist() for name in ("accounts", "entries", "events")}
    return {each["entry_id"]: each for each in tables["entries"]}, tables["accounts"], tables["events"]


@pytest.fixture
def act(api: Any) -> Callable[..., Any]:
    admin = TestClient(create_admin(api.bank))
    return lambda action, **fields: admin.post("/actions", json={"action": action, **fields})


def test_text_day_and_amount_are_told_anew_and_balances_follow(api: Any, act: Any) -> None:
    account = api.connect(HARBOUR)["accounts"][0]
    before = booked(api, account)
    meant = before[7]
    changed = {"text": NEW, "day": "2026-03-01", "amount": "-1.5"}
    assert act("amend", account=account, entry=meant["internalTransactionId"], **changed).status_code == 200

    after = booked(api, account)
    [told] = [each for each in after if each["internalTransactionId"] == meant["internalTransactionId"]]
    assert (told["remittanceInformationUnstructured"], told["bookingDate"], told["valueDate"]) == (
        NEW,
        *["2026-03-01"] * 2,
    )
    assert told["transactionAmount"] == {"amount": "-1.50", "currency": "EUR"}
    assert told["creditorName"] == meant["creditorName"]
    assert [each["bookingDate"] for each in after] == sorted((each["bookingDate"] for each in after), reverse=True)

    def without(entries: list[Any]) -> list[Any]:
        kept = [each for each in entries if each["internalTransactionId"] != meant["internalTransactionId"]]
        return [{**each, "balanceAfterTransaction": None} for each in kept]

    assert without(after) == without(before)
    less = Decimal("-1.50") - Decimal(meant["transactionAmount"]["amount"])
    balances = [Decimal(each[0]["balanceAfterTransaction"]["balanceAmount"]["amount"]) for each in (before, after)]
    assert balances[1] - balances[0] == less
    told_of = {
        each["balanceType"]: each["balanceAmount"] for each in api.get(f"accounts/{account}/balances/")["balances"]
    }
    assert told_of["interimBooked"]["amount"] == str(balances[1])


def test_what_is_left_out_stays_and_a_later_word_counts(api: Any, act: Any) -> None:
    account = api.connect(NORDLICHT)["accounts"][0]
    first, second, third = booked(api, account)[:3]
    act("amend", account=account, entries=2, text="at first")
    act("amend", account=account, entry=first["internalTransactionId"], text=NEW)
    act("amend", account=account, entry=first["internalTransactionId"], amount="-7.77")
    told = booked(api, account)[:3]
    assert [each["remittanceInformationUnstructured"] for each in told[:2]] == [NEW, "at first"]
    assert [each["transactionAmount"]["amount"] for each in told] == [
        "-7.77", second["transactionAmount"]["amount"], third["transactionAmount"]["amount"],
    ]  # fmt: skip
    assert [each["transactionId"] for each in told] == [each["transactionId"] for each in (first, second, third)]
    assert told[2] == third


def test_an_entry_is_meant_by_the_id_that_it_was_given_anew(api: Any, act: Any) -> None:
    account = api.connect(HARBOUR)["accounts"][0]
    act("reissue_ids", account=account)
    meant = booked(api, account)[3]["internalTransactionId"]
    act("amend", account=account, entry=meant, text=NEW)
    assert [
        e["internalTransactionId"] for e in booked(api, account) if e["remittanceInformationUnstructured"] == NEW
    ] == [meant]
    act("withdraw", account=account, entry=meant)
    assert meant not in {each["internalTransactionId"] for each in booked(api, account)}


def test_what_was_posted_is_amended_and_what_was_amended_withdrawn(api: Any, act: Any) -> None:
    account = api.connect(HARBOUR)["accounts"][0]
    before = booked(api, account)
    act("post", account=account, amount="-12.50", counterparty="Museum of Shadows", by_card=True, text="as posted")
    assert booked(api, account)[0]["remittanceInformationUnstructured"] == "as posted"
    act("amend", account=account, text=NEW, amount="-13.50")
    newest, *others = booked(api, account)
    assert (newest["remittanceInformationUnstructured"], newest["transactionAmount"]["amount"]) == (NEW, "-13.50")
    assert others == before
    act("withdraw", account=account)
    assert booked(api, account) == before


def test_a_price_abroad_goes_with_the_amount(api: Any, act: Any) -> None:
    account = api.connect(HARBOUR)["accounts"][0]
    [meant, *_] = [each for each in booked(api, account) if "currencyExchange" in each]
    act("amend", account=account, entry=meant["internalTransactionId"], amount="-100.00")
    [told] = [e for e in booked(api, account) if e["internalTransactionId"] == meant["internalTransactionId"]]
    [exchange] = told["currencyExchange"]
    assert exchange["exchangeRate"] == meant["currencyExchange"][0]["exchangeRate"]
    price = Decimal(exchange["instructedAmount"]["amount"]) * Decimal(exchange["exchangeRate"])
    assert abs(price - 100) < Decimal("0.02")


@pytest.mark.parametrize("bank", BANKS, ids=lambda bank: bank.key)
def test_every_bank_tells_the_new_text_in_its_own_way(api: Any, act: Any, bank: Any) -> None:
    account = api.connect(bank.institution_id, max_historical_days=90)["accounts"][0]
    act("amend", account=account, entries=20, text=NEW)
    told = json.dumps(booked(api, account)).replace(";", " ")
    is_told = NEW in told or NEW.upper() in told
    assert is_told or bank.quirks & ONLY_ELSEWHERE


def test_the_truth_tells_what_became_of_an_entry_and_what_it_had_been(api: Any, act: Any, tmp_path: Path) -> None:
    account = api.connect(HARBOUR)["accounts"][0]
    before, _, _ = truth(api, tmp_path, HARBOUR)
    meant = UUID(booked(api, account)[4]["internalTransactionId"]).hex
    act("amend", account=account, entry=meant, text=NEW, day="2026-02-10", amount="-0.99")
    act("amend", account=account, entry=meant, amount="-1.99")
    act("withdraw", account=account, entries=1)
    after, [*accounts], events = truth(api, tmp_path, HARBOUR)

    now, was = after[meant], before[meant]
    assert (now["text"], now["booking_date"], now["amount"]) == (NEW, date(2026, 2, 10), Decimal("-1.99"))
    same = ("account_key", "kind", "counterparty", "category", "transfer_id", "series_id", "refunded_entry_id")
    assert [now[name] for name in same] == [was[name] for name in same]
    told = [(each["what"], each["booking_date"], each["amount"], each["text"]) for each in events]
    assert told[:2] == [
        ("amended", was["booking_date"], was["amount"], was["text"]),
        ("amended", date(2026, 2, 10), Decimal("-0.99"), NEW),
    ]
    gone = before[events[2]["entry_id"]]
    assert told[2] == ("withdrawn", gone["booking_date"], gone["amount"], gone["text"])
    [closing] = [each["closing_balance"] for each in accounts if each["account_key"] == now["account_key"]]
    running = [each for each in after.values() if each["account_key"] == now["account_key"]]
    assert running[-1]["balance_after"] == closing


def test_what_belongs_together_does_so_whatever_the_bank_says_now(api: Any, act: Any, tmp_path: Path) -> None:
    """Amend, in all it can, one side of a transfer, a regular payment, a refund and its purchase."""
    linked = {bank: api.connect(bank)["accounts"] for bank in (HARBOUR, NORDLICHT)}
    before, _, _ = truth(api, tmp_path, HARBOUR, NORDLICHT)
    sides: dict[str, list[str]] = {}
    for entry_id, each in before.items():
        sides.setdefault(each["transfer_id"] or "", []).append(entry_id)
    side = next(ids[0] for transfer, ids in sides.items() if transfer and len(ids) == 2)
    regular = next(entry for entry, each in before.items() if each["series_id"] and not each["is_own_transfer"])
    refund = next(entry for entry, each in before.items() if each["refunded_entry_id"] in before)
    purchase = before[refund]["refunded_entry_id"]
    for entry in (side, regular, refund, purchase):
        for accounts in linked.values():
            for account in accounts:
                act("amend", account=account, entry=entry, text=NEW, day="2026-01-15", amount="-3.21")
    after, _, _ = truth(api, tmp_path, HARBOUR, NORDLICHT)

    assert {after[entry]["text"] for entry in (side, regular, refund, purchase)} == {NEW}
    labels = ("transfer_id", "series_id", "refunded_entry_id")
    assert [[each[name] for name in labels] for each in (after[key] for key in sorted(after))] == [
        [each[name] for name in labels] for each in (before[key] for key in sorted(before))
    ]


def test_a_window_has_what_was_moved_into_it_and_not_what_was_moved_out(api: Any, act: Any) -> None:
    account = api.connect(WABENBANK)["accounts"][0]
    meant = booked(api, account)[0]["internalTransactionId"]
    act("amend", account=account, entry=meant, day="2025-08-15")

    def has(first: str, last: str) -> bool:
        window = api.get(f"accounts/{account}/transactions/", date_from=first, date_to=last)["transactions"]["booked"]
        return meant in {each["internalTransactionId"] for each in window}

    assert has("2025-08-15", "2025-08-15")
    assert not has("2026-03-01", "2026-03-18")


def test_a_scenario_amends(api: Any, act: Any, tmp_path: Path) -> None:
    account = api.connect(HARBOUR)["accounts"][0]
    step = f'[[steps]]\nat = "+0s"\ndo = [{{ action = "amend", institution = "{HARBOUR}", text = "{NEW}" }}]'
    (tmp_path / "story.toml").write_text(step)
    Scenario.read(tmp_path / "story.toml").play(api.bank)
    assert booked(api, account)[0]["remittanceInformationUnstructured"] == NEW


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param({}, 422, id="nothing new"),
        pytest.param({"day": "2026-03-19"}, 409, id="a day to come"),
        pytest.param({"text": NEW, "entry": str(UUID(int=7))}, 409, id="no such entry"),
        pytest.param({"amount": "1.001"}, 422, id="tenths of a cent"),
    ],
)
def test_what_cannot_be_amended_is_refused(api: Any, act: Any, fields: dict[str, str], status: int) -> None:
    account = api.connect(HARBOUR)["accounts"][0]
    before = booked(api, account)
    refused = act("amend", account=account, **fields)
    assert (refused.status_code, booked(api, account)) == (status, before)
