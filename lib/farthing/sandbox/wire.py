"""Entries, balances and details as the API gives them, each bank in its own dialect."""

from datetime import date, timedelta
from decimal import Decimal

import orjson

from farthing.sandbox.habits import BY_CARD, Kind
from farthing.sandbox.household import Account
from farthing.sandbox.institutions import Dialect
from farthing.sandbox.ledger import Entry, Exchange, Movement
from farthing.sandbox.merchants import Category, Merchant

Document = dict[str, object]
_PROVIDERS = {  # of payments, whose name comes before the shop's on the slip
    Category.HOME: "PAYPORT *",
    Category.CAFE: "SUMSUM *",
    Category.CLOTHES: "ZETTLE-ISH *",
}


def booked_entry(entry: Entry, account: Account, dialect: Dialect, balance: Decimal | None) -> Document:
    """Return a booked entry, with ids.

    :param balance: what the account holds after it, where the bank says so.
    """
    movement, day = entry.movement, entry.day.isoformat()
    document: Document = {
        "transactionId": transaction_id(entry, dialect),
        "bookingDate": day,
        "valueDate": value_date(entry, account).isoformat() if account.is_card else day,
        "transactionAmount": money(movement.amount, account.currency),
        **_parties(movement, dialect),
        "remittanceInformationUnstructured": _text(entry, account, dialect),
        "bankTransactionCode": movement.kind.value,
        "internalTransactionId": entry.entry_id.hex,
    }
    if dialect is Dialect.SANDBOX:
        is_transfer = not isinstance(movement.party, Merchant) or movement.kind is Kind.SALARY
        document["entryReference"] = document["transactionId"]
        document["bankTransactionCode"] = "PMNT"
        document["proprietaryBankTransactionCode"] = "TRANSFER" if is_transfer else "PURCHASE"
    if movement.exchange is not None:
        document["currencyExchange"] = [_exchange(movement.exchange, account.currency)]
    if movement.kind in BY_CARD and isinstance(movement.party, Merchant) and _shows_category(account, dialect):
        document["merchantCategoryCode"] = movement.party.category.value
    if balance is not None:
        document["balanceAfterTransaction"] = {
            "balanceAmount": money(balance, account.currency),
            "balanceType": "interimBooked",
        }
    return document


def to_json(document: Document) -> bytes:
    """Write a document as the API sends it."""
    return orjson.dumps(document)


def pending_entry(entry: Entry, account: Account, dialect: Dialect) -> Document:
    """Return a card payment of today: no ids yet, and a text that will change when it books."""
    name = entry.movement.party.name
    text = f"Vorgemerkt: {name}" if dialect is Dialect.SLIPS else name.upper()
    return {
        "valueDate": entry.day.isoformat(),
        "transactionAmount": money(entry.movement.amount, account.currency),
        "remittanceInformationUnstructured": text,
    }


def balances(
    account: Account, dialect: Dialect, *, today: date, closed: Decimal, month_closed: Decimal, pending: Decimal
) -> list[Document]:
    """Return an account's balances.

    :param closed: what it held at the end of yesterday.
    :param month_closed: what it held at the end of the last whole month.
    :param pending: the sum of today's pending entries.
    """
    currency, yesterday = account.currency, today - timedelta(days=1)
    closing = _balance("closingBooked", closed, currency, yesterday)
    available = _balance("interimAvailable", closed + pending, currency, today)
    if dialect is Dialect.NAMES:
        return [_balance("interimBooked", closed, currency, today), available, closing]
    if dialect is Dialect.SANDBOX:
        return [
            _balance("expected", closed, currency, today),
            _balance("interimAvailable", closed, currency, today),
        ]
    if dialect is Dialect.PLAIN:
        return [closing, available]
    end = today.replace(day=1) - timedelta(days=1)
    booked = [closing, _balance("previouslyClosedBooked", month_closed, currency, end)]
    return booked if account.is_card else [*booked, available]


def details(account: Account, bic: str) -> Document:
    """Return an account's details; a card has a masked number in place of an IBAN."""
    number = {"maskedPan": account.masked_pan} if account.is_card else {"iban": account.iban, "bic": bic}
    return {
        "resourceId": account.resource_id,
        **number,
        "currency": account.currency,
        "ownerName": account.owner,
        "name": account.name,
        "product": account.product,
        "cashAccountType": account.cash_account_type,
        "status": "enabled",
        "usage": "PRIV",
    }


def money(amount: Decimal, currency: str) -> Document:
    """Return an amount as text, with its currency."""
    return {"amount": f"{amount:.2f}", "currency": currency}


def value_date(entry: Entry, account: Account) -> date:
    """Return the day from which an entry counts: a credit card's purchases are valued the day before they book."""
    by_credit_card = account.is_card and entry.movement.kind in BY_CARD
    return entry.day - timedelta(days=1) if by_credit_card else entry.day


def transaction_id(entry: Entry, dialect: Dialect) -> str:
    """Return the bank's own id of an entry; ids that were given anew differ."""
    if dialect in (Dialect.SLIPS, Dialect.SANDBOX):
        return f"{entry.day:%Y%m%d}{entry.serial:05}-{1 + entry.generation}"
    return f"HB{entry.entry_id.hex[:14].upper()}"


def _parties(movement: Movement, dialect: Dialect) -> Document:
    """Name the other side, and its account where money moved between accounts."""
    party, role = movement.party, "creditor" if movement.amount < 0 else "debtor"
    if isinstance(party, Merchant):
        if movement.kind in (Kind.FEE, Kind.INTEREST):
            return {}
        if movement.kind in BY_CARD:
            return {} if dialect is Dialect.SLIPS else {f"{role}Name": party.name}
        return {f"{role}Name": party.name, f"{role}Account": {"iban": party.iban}}
    number: Document = {"iban": party.iban} if party.iban else {"maskedPan": party.masked_pan}
    return {f"{role}Name": party.owner, f"{role}Account": number}


def _text(entry: Entry, account: Account, dialect: Dialect) -> str:
    movement = entry.movement
    if movement.kind not in BY_CARD or not isinstance(movement.party, Merchant):
        return movement.text
    merchant = movement.party
    name, town = merchant.slip_name, merchant.slip_town
    if dialect is Dialect.NAMES:
        return f"POS{value_date(entry, account):%d%b} {name} {town}".upper()
    if dialect in (Dialect.PLAIN, Dialect.SANDBOX):
        terminal = (merchant.number + entry.entry_id.int % 3) % 9000 + 1000  # a shop has three of them
        provider = _PROVIDERS.get(merchant.category, "")
        return f"{provider}{name[:22]} {terminal} {town} {merchant.country}"
    if account.is_card:
        return f"{name[:22]} {town}"
    minutes, seconds = divmod(entry.entry_id.int % (13 * 3600), 60)
    slip = f"{entry.day}T{8 + minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    return f"{name[:22]} {merchant.number % 900 + 100}//{town}/DE {slip} KARTE 4711 FOLGENR {entry.serial:03}"


def _exchange(exchange: Exchange, currency: str) -> Document:
    return {
        "sourceCurrency": exchange.currency,
        "exchangeRate": f"{exchange.rate}",
        "unitCurrency": exchange.currency,
        "targetCurrency": currency,
        "instructedAmount": {"amount": f"{exchange.price:.2f}", "currency": exchange.currency},
    }


def _shows_category(account: Account, dialect: Dialect) -> bool:
    return dialect in (Dialect.NAMES, Dialect.PLAIN) or account.is_card


def _balance(balance_type: str, amount: Decimal, currency: str, reference: date) -> Document:
    return {
        "balanceAmount": money(amount, currency),
        "balanceType": balance_type,
        "referenceDate": reference.isoformat(),
    }
