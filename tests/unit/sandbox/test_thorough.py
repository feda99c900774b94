"""Every field that the API knows comes from some bank."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from farthing.sandbox.books import Books
from farthing.sandbox.documents import Document
from farthing.sandbox.households import HOUSEHOLDS
from farthing.sandbox.institutions import BANKS
from farthing.sandbox.state import BankAccount
from farthing.sandbox.statement import Statement

TODAY = date(2026, 3, 20)
NUMBERS = ("iban", "bban", "pan", "maskedPan", "msisdn", "currency")
DOCUMENTED = {
    "details": {
        *("resourceId", "iban", "bban", "scan", "msisdn", "currency", "ownerName", "name", "displayName", "product"),
        *("cashAccountType", "status", "bic", "linkedAccounts", "maskedPan", "usage", "details"),
        *("ownerAddressUnstructured", "ownerAddressStructured", "additionalAccountData.secondaryIdentification"),
        *(
            f"ownerAddressStructured.{name}"
            for name in ("streetName", "buildingNumber", "townName", "postCode", "country")
        ),
    },
    "balances": {
        *("balanceAmount.amount", "balanceAmount.currency", "balanceType", "referenceDate"),
        *("creditLimitIncluded", "lastChangeDateTime", "lastCommittedTransaction"),
    },
    "entries": {
        *(
            "transactionId",
            "internalTransactionId",
            "entryReference",
            "endToEndId",
            "mandateId",
            "checkId",
            "creditorId",
        ),
        *("bookingDate", "valueDate", "bookingDateTime", "valueDateTime"),
        *("transactionAmount.amount", "transactionAmount.currency"),
        *(f"currencyExchange.{name}" for name in ("sourceCurrency", "exchangeRate", "unitCurrency", "targetCurrency")),
        *(f"currencyExchange.{name}" for name in ("quotationDate", "contractIdentification")),
        *("currencyExchange.instructedAmount.amount", "currencyExchange.instructedAmount.currency"),
        *("creditorName", "debtorName", "creditorAgent", "debtorAgent", "ultimateCreditor", "ultimateDebtor"),
        *(f"{role}Account.{name}" for role in ("creditor", "debtor") for name in NUMBERS),
        *("remittanceInformationUnstructured", "remittanceInformationUnstructuredArray"),
        *("remittanceInformationStructured", "remittanceInformationStructuredArray"),
        *("additionalInformation", "additionalInformationStructured", "additionalDataStructured.cardInstrument.name"),
        *("purposeCode", "bankTransactionCode", "proprietaryBankTransactionCode", "merchantCategoryCode"),
        *("balanceAfterTransaction.balanceAmount.amount", "balanceAfterTransaction.balanceType"),
    },
}
BALANCE_TYPES = {
    *("closingAvailable", "closingBooked", "closingCleared", "expected", "forwardAvailable", "information"),
    *("interimAvailable", "interimBooked", "interimCleared", "nonInvoiced", "openingAvailable", "openingBooked"),
    *("openingCleared", "previouslyClosedBooked"),
}


def _statements() -> Iterator[Statement]:
    books = Books(HOUSEHOLDS, seed=3)
    for bank in BANKS:
        for account in (account for user in ("0", "1") for account in books.accounts(bank.key, user=user)):
            yield Statement(
                account=account, ledger=books.of(account.key)[1], bank=bank, befallen=BankAccount(), today=TODAY
            )


def _names(document: object, within: str = "") -> Iterator[str]:
    """Give the dotted names of all that a document holds."""
    if isinstance(document, list):
        for part in document:
            yield from _names(part, within)
    elif isinstance(document, dict):
        for name, part in document.items():
            yield f"{within}{name}"
            yield from _names(part, f"{within}{name}.")


@pytest.fixture(scope="module")
def told() -> dict[str, list[Document]]:
    """What all banks tell of two households each, over two years."""
    found: dict[str, list[Document]] = {name: [] for name in DOCUMENTED}
    for statement in _statements():
        found["details"].append(statement.details())
        found["balances"] += statement.balances()
        found["entries"] += map(json.loads, statement.booked(date(2024, 3, 20), TODAY, undated=True))
    return found


@pytest.mark.parametrize("kind", list(DOCUMENTED))
def test_every_documented_field_is_told_by_some_bank(told: dict[str, list[Document]], kind: str) -> None:
    assert DOCUMENTED[kind] - {name for document in told[kind] for name in _names(document)} == set()


def test_every_type_of_balance_is_told_by_some_bank(told: dict[str, list[Document]]) -> None:
    assert {document["balanceType"] for document in told["balances"]} == BALANCE_TYPES


def test_what_a_thorough_bank_tells_agrees_with_itself() -> None:
    thorough = [statement for statement in _statements() if statement.bank.is_thorough]
    assert thorough
    for statement in thorough:
        [newest, *_] = map(json.loads, statement.booked(date(2026, 2, 18), TODAY, undated=True))
        balances = statement.balances()
        booked = {each["balanceType"]: each["balanceAmount"] for each in balances}

        assert {each["lastCommittedTransaction"] for each in balances} == {newest["entryReference"]}
        assert booked["closingBooked"] == booked["openingBooked"] == booked["interimBooked"]
        closed = statement.ledger.balance(statement.account, date(2026, 3, 19))
        assert Decimal(booked["closingBooked"]["amount"]) == closed  # type: ignore[index]  # an object of JSON
