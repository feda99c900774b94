"""Entries as the API gives them, each bank in its own dialect."""

from datetime import date, timedelta

import polars as pl

from farthing.sandbox import thorough
from farthing.sandbox.habits import BY_CARD, Kind
from farthing.sandbox.household import Account
from farthing.sandbox.institutions import Dialect
from farthing.sandbox.ledger import Entry
from farthing.sandbox.merchants import Category
from farthing.sandbox.told import Field, Fields, Told, dated, either, money, padded

_PROVIDERS = {  # of payments, whose name comes before the shop's on the slip
    Category.HOME: "PAYPORT *",
    Category.CAFE: "SUMSUM *",
    Category.CLOTHES: "ZETTLE-ISH *",
}
_NAMELESS = [Kind.FEE.value, Kind.INTEREST.value]


def booked_entry(told: Told) -> Fields:
    """Return the fields of booked entries, with ids."""
    dialect, is_sandbox = told.bank.dialect, told.bank.dialect is Dialect.SANDBOX
    is_transfer = ~told.is_merchant | (told.kind == Kind.SALARY.value)
    fields: Fields = {
        "transactionId": transaction_id(told),
        "bookingDate": told.day,
        "valueDate": _value_day(told),
        "transactionAmount": money(pl.col("cents")),
        **_parties(told),
        "remittanceInformationUnstructured": pl.coalesce("said", either(told.is_by_card, _slip(told), told.text)),
        "bankTransactionCode": "PMNT" if is_sandbox else told.kind,
        "internalTransactionId": pl.col("id") if told.bank.has_internal_ids else None,
    }
    if is_sandbox:
        fields["entryReference"] = fields["transactionId"]
        fields["proprietaryBankTransactionCode"] = either(is_transfer, "TRANSFER", "PURCHASE")
    fields["currencyExchange"] = [either(told.is_foreign, _exchange(), None)]
    shows_category = pl.lit(dialect in (Dialect.NAMES, Dialect.PLAIN)) | pl.col("account_is_card")
    fields["merchantCategoryCode"] = either(told.is_by_card & shows_category, pl.col("party_category"), None)
    if 30 in told.bank.quirks:
        fields["balanceAfterTransaction"] = {"balanceAmount": money(pl.col("balance")), "balanceType": "interimBooked"}
    return thorough.entry(fields, told) if told.bank.is_thorough else fields


def pending_entry(told: Told) -> Fields:
    """Return the fields of card payments of today: no ids yet, and a text that will change when they book."""
    slips = told.bank.dialect is Dialect.SLIPS
    return {
        "valueDate": told.day,
        "transactionAmount": money(pl.col("cents")),
        "remittanceInformationUnstructured": (
            pl.format("Vorgemerkt: {}", told.name) if slips else told.name.str.to_uppercase()
        ),
    }


def value_date(entry: Entry, account: Account) -> date:
    """Return the day from which an entry counts: a credit card's purchases are valued the day before they book."""
    by_credit_card = account.is_card and entry.kind in BY_CARD
    return entry.day - timedelta(days=1) if by_credit_card else entry.day


def day_and_serial(told: Told) -> pl.Expr:
    """Return the id that some banks make of day and number; ids that were given anew differ."""
    serial = padded(pl.col("serial"), 5)
    return pl.format("{}{}-{}", dated(told.day, "%Y%m%d"), serial, pl.col("account_generation") + 1)


def _value_day(told: Told) -> pl.Expr:
    return pl.when(pl.col("account_is_card") & told.is_by_card).then(told.later(-1)).otherwise(told.day)


def transaction_id(told: Told) -> pl.Expr:
    """Return the id that a bank gives an entry before any habit."""
    if told.bank.dialect in (Dialect.SLIPS, Dialect.SANDBOX):
        return day_and_serial(told)
    return pl.format("HB{}", told.hex_id.str.head(14).str.to_uppercase())


def _parties(told: Told) -> Fields:
    """Name the other side, and its account where money moved between accounts."""
    names_shops = told.bank.dialect is not Dialect.SLIPS
    is_named = ~told.kind.is_in(_NAMELESS) & (pl.lit(names_shops) | ~told.is_by_card)
    shows_account = is_named & ~told.is_by_card
    iban = pl.col("party_iban")
    number = {"iban": iban, "maskedPan": either(iban.is_null(), pl.col("party_masked_pan"), None)}
    return {
        name: field
        for role, is_theirs in (("creditor", told.is_outgoing), ("debtor", ~told.is_outgoing))
        for name, field in (
            (f"{role}Name", either(is_named & is_theirs, pl.col("party_owner"), None)),
            (f"{role}Account", either(shows_account & is_theirs, number, None)),
        )
    }


def _slip(told: Told) -> Field:
    """Return what a payment by card has as text."""
    name, town = pl.col("party_slip_name"), pl.col("party_slip_town")
    number = pl.col("party_number")
    if told.bank.dialect is Dialect.NAMES:
        return pl.format("POS{} {} {}", dated(_value_day(told), "%d%b"), name, town).str.to_uppercase()
    if told.bank.dialect in (Dialect.PLAIN, Dialect.SANDBOX):
        terminal = (number + told.number(3).cast(pl.Int64)) % 9000 + 1000  # a shop has three of them
        provider = pl.col("party_category").replace_strict(
            {category.value: text for category, text in _PROVIDERS.items()}, default=""
        )
        return pl.format("{}{} {} {} {}", provider, name.str.head(22), terminal, town, pl.col("party_country"))
    second = told.number(13 * 3600)
    minute = second // 60
    clock = [(8 + minute // 60), minute % 60, second % 60]
    time = pl.concat_str(*(padded(part, 2) for part in clock), separator=":")
    serial = padded(pl.col("serial"), 3)
    at_home = pl.format(
        "{} {}//{}/DE {}T{} KARTE 4711 FOLGENR {}",
        name.str.head(22),
        number % 900 + 100,
        town,
        dated(told.day, "%Y-%m-%d"),
        time,
        serial,
    )
    return either(pl.col("account_is_card"), pl.format("{} {}", name.str.head(22), town), at_home)


def _exchange() -> Fields:
    currency = pl.col("foreign_currency")
    return {
        "sourceCurrency": currency,
        "exchangeRate": Told.foreign_rate,
        "unitCurrency": currency,
        "targetCurrency": pl.col("account_currency"),
        "instructedAmount": {"amount": Told.foreign_price, "currency": currency},
    }
