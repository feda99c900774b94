"""What a bank tells that fills in every field that the API knows."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from farthing.sandbox.documents import Document, balance
from farthing.sandbox.habits import Kind
from farthing.sandbox.household import Account
from farthing.sandbox.told import Fields, Told, dated, either, padded

_PURPOSES = {  # ISO 20022
    Kind.SALARY: "SALA",
    Kind.INTEREST: "INTE",
    Kind.DEBIT: "SUPP",
    Kind.STANDING_ORDER: "OTHR",
    Kind.TRANSFER_OUT: "CASH",
    Kind.TRANSFER_IN: "CASH",
}
_BY_ORDER = [Kind.STANDING_ORDER.value, Kind.TRANSFER_OUT.value]
_TOLD_TODAY = (
    "openingBooked", "openingAvailable", "openingCleared", "interimBooked", "interimCleared", "information",
)  # fmt: skip
_TOLD_YESTERDAY = ("closingBooked", "closingAvailable", "closingCleared")


def entry(fields: Fields, told: Told) -> Fields:
    """Complete the fields of booked entries."""
    is_named = fields["creditorName"].is_not_null() | fields["debtorName"].is_not_null()
    is_moved, is_debit = is_named & ~told.is_by_card, told.kind == Kind.DEBIT.value
    shop, place = pl.col("party_number"), pl.format("ZZZZ{}ZZ", pl.col("party_country"))
    purposes = {kind.value: code for kind, code in _PURPOSES.items()}
    card = {"cardSchemeName": "Girella", "name": pl.col("account_owner"), "identification": "************4711"}
    [exchange] = fields["currencyExchange"]
    number = padded(told.number(10**6), 6)
    quoted = {"quotationDate": told.day, "contractIdentification": pl.format("FX{}", number)}
    return {
        **fields,
        "entryReference": fields["transactionId"],
        "endToEndId": either(is_moved, pl.format("E2E{}", told.hex_id.str.head(12).str.to_uppercase()), "NOTPROVIDED"),
        "mandateId": either(is_debit, pl.format("MD{}", padded(shop, 8)), None),
        "creditorId": either(is_debit, pl.format("AT00ZZZ{}", padded(shop, 11)), None),
        "checkId": either(told.kind.is_in(_BY_ORDER) & told.one_in(5), pl.format("CHQ{}", number), None),
        "bookingDateTime": dated(told.day, "%Y-%m-%dT00:00:00Z"),
        "valueDateTime": dated(fields["valueDate"], "%Y-%m-%dT00:00:00Z"),
        "creditorAccount": _account(fields["creditorAccount"], told),
        "debtorAccount": _account(fields["debtorAccount"], told),
        "creditorAgent": either(is_moved & told.is_outgoing, place, None),
        "debtorAgent": either(is_moved & ~told.is_outgoing, place, None),
        "ultimateCreditor": fields["creditorName"],
        "ultimateDebtor": fields["debtorName"],
        "purposeCode": told.kind.replace_strict(purposes, default=None, return_dtype=pl.String),
        "currencyExchange": [exchange | either(told.is_foreign, quoted, None)],
        "additionalInformationStructured": pl.format("KIND/{}", told.kind),
        "additionalDataStructured": {"cardInstrument": either(told.is_by_card, card, None)},
    }


def details(document: Document, account: Account) -> Document:
    """Complete an account's details."""
    numbers = {} if account.iban is None else {"bban": account.iban[4:], "msisdn": "+43 720 000000"}
    street, town = {"streetName": "Amtsgasse", "buildingNumber": "7"}, {"postCode": "0000", "townName": "Zettelkirchen"}
    return {
        **document,
        **numbers,
        "displayName": account.name,
        "details": f"{account.product}, told of in full",
        "linkedAccounts": "" if account.masked_pan is None else account.masked_pan,
        "ownerAddressUnstructured": ["Amtsgasse 7", "0000 Zettelkirchen", "Austria"],
        "ownerAddressStructured": {**street, **town, "country": "AT"},
        "additionalAccountData": {"secondaryIdentification": f"{account.resource_id}/1"},
    }


def balances(
    account: Account, *, today: date, closed: Decimal, month_closed: Decimal, pending: Decimal, last_entry: str | None
) -> list[Document]:
    """Tell of a balance of every type there is, those of cards at cards.

    :param closed: and ``month_closed``, ``pending``: see :func:`farthing.sandbox.documents.balances`.
    :param last_entry: reference of the newest booked entry, None if there is none.
    """
    yesterday, month_end = today - timedelta(days=1), today.replace(day=1) - timedelta(days=1)
    due = [
        *((kind, closed, yesterday) for kind in _TOLD_YESTERDAY),
        *((kind, closed, today) for kind in _TOLD_TODAY),
        *((kind, closed + pending, today) for kind in ("expected", "interimAvailable")),
        ("forwardAvailable", closed + pending, today + timedelta(days=1)),
        ("previouslyClosedBooked", month_closed, month_end),
        *([("nonInvoiced", closed - month_closed, today)] if account.is_card else []),
    ]
    beside: Document = {"creditLimitIncluded": False, "lastChangeDateTime": f"{yesterday}T22:00:00Z"}
    if last_entry is not None:
        beside["lastCommittedTransaction"] = last_entry
    return [balance(kind, amount, account.currency, day) | beside for kind, amount, day in due]


def _account(number: Fields, told: Told) -> Fields:
    """Complete the number of an account by its other forms; here and there it is that of a card or a telephone."""
    iban, end = number["iban"], padded(told.number(10**9), 12)
    is_card, is_telephone = iban.is_not_null() & told.one_in(13), iban.is_not_null() & told.one_in(11)
    return {
        **number,
        "bban": iban.str.slice(4),
        "pan": either(is_card, pl.format("9999{}", end), None),
        "maskedPan": either(is_card, pl.format("9999********{}", end.str.tail(4)), number["maskedPan"]),
        "msisdn": either(is_telephone, pl.format("+43 720 {}", padded(told.number(10**6), 6)), None),
        "currency": either(iban.is_not_null(), pl.col("account_currency"), None),
    }
