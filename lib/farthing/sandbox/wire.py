"""Entries, balances and details as the API gives them, each bank in its own dialect."""

from datetime import date, timedelta
from decimal import Decimal

from farthing.sandbox.habits import BY_CARD, Kind
from farthing.sandbox.households import Account
from farthing.sandbox.institutions import Dialect
from farthing.sandbox.ledger import Entry, Exchange
from farthing.sandbox.merchants import Merchant

Document = dict[str, object]
_UMLAUTS = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE", "É": "E", "È": "E", "&": "+"})


def booked_entry(entry: Entry, account: Account, dialect: Dialect) -> Document:
    """Return a booked entry, with ids."""
    movement = entry.movement
    document: Document = {
        "transactionId": _transaction_id(entry, dialect),
        "bookingDate": entry.day.isoformat(),
        "valueDate": value_date(entry, account).isoformat(),
        "transactionAmount": money(movement.amount),
        **_parties(entry, dialect),
        "remittanceInformationUnstructured": _text(entry, account, dialect),
        "bankTransactionCode": movement.kind.value,
        "internalTransactionId": entry.entry_id.hex,
    }
    if movement.exchange is not None:
        document["currencyExchange"] = [_exchange(movement.exchange)]
    if movement.kind in BY_CARD and isinstance(movement.party, Merchant) and _shows_category(account, dialect):
        document["merchantCategoryCode"] = movement.party.category.value
    if dialect is Dialect.NAMES:
        document["balanceAfterTransaction"] = {
            "balanceAmount": money(entry.balance),
            "balanceType": "interimBooked",
        }
    return document


def pending_entry(entry: Entry, dialect: Dialect) -> Document:
    """Return a card payment of today: no ids yet, and a text that will change when it books."""
    name = entry.movement.party.name
    text = f"Vorgemerkt: {name}" if dialect is Dialect.SLIPS else name.upper()
    return {
        "valueDate": entry.day.isoformat(),
        "transactionAmount": money(entry.movement.amount),
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
    yesterday = today - timedelta(days=1)
    closing = _balance("closingBooked", closed, yesterday)
    if dialect is Dialect.NAMES:
        return [
            _balance("interimBooked", closed, today),
            _balance("interimAvailable", closed + pending, today),
            closing,
        ]
    booked = [closing, _balance("previouslyClosedBooked", month_closed, today.replace(day=1) - timedelta(days=1))]
    return booked if account.is_card else [*booked, _balance("interimAvailable", closed + pending, today)]


def details(account: Account, bic: str) -> Document:
    """Return an account's details; a card has a masked number in place of an IBAN."""
    number = {"maskedPan": account.masked_pan} if account.is_card else {"iban": account.iban, "bic": bic}
    return {
        "resourceId": account.resource_id,
        **number,
        "currency": "EUR",
        "ownerName": account.owner,
        "name": account.name,
        "product": account.product,
        "cashAccountType": account.cash_account_type,
        "status": "enabled",
        "usage": "PRIV",
    }


def money(amount: Decimal) -> Document:
    """Return an amount in euros as text."""
    return {"amount": f"{amount:.2f}", "currency": "EUR"}


def value_date(entry: Entry, account: Account) -> date:
    """Return the day from which an entry counts: a credit card's purchases are valued the day before they book."""
    by_credit_card = account.is_card and entry.movement.kind in BY_CARD
    return entry.day - timedelta(days=1) if by_credit_card else entry.day


def _transaction_id(entry: Entry, dialect: Dialect) -> str:
    if dialect is Dialect.SLIPS:
        return f"{entry.day:%Y%m%d}{entry.serial:05}-1"
    return f"HB{entry.entry_id.hex[:14].upper()}"


def _parties(entry: Entry, dialect: Dialect) -> Document:
    """Name the other side, and its account where money moved between accounts."""
    movement = entry.movement
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
    name, town = (text.upper().translate(_UMLAUTS) for text in (movement.party.name, movement.party.town))
    if dialect is Dialect.NAMES:
        return f"POS{value_date(entry, account):%d%b} {name} {town}".upper()
    if account.is_card:
        return f"{name[:22]} {town}"
    minutes, seconds = divmod(entry.entry_id.int % (13 * 3600), 60)
    slip = f"{entry.day}T{8 + minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    return f"{name[:22]} {movement.party.number % 900 + 100}//{town}/DE {slip} KARTE 4711 FOLGENR {entry.serial:03}"


def _exchange(exchange: Exchange) -> Document:
    return {
        "sourceCurrency": exchange.currency,
        "exchangeRate": f"{exchange.rate}",
        "unitCurrency": exchange.currency,
        "targetCurrency": "EUR",
        "instructedAmount": {"amount": f"{exchange.price:.2f}", "currency": exchange.currency},
    }


def _shows_category(account: Account, dialect: Dialect) -> bool:
    return dialect is Dialect.NAMES or account.is_card


def _balance(balance_type: str, amount: Decimal, reference: date) -> Document:
    return {"balanceAmount": money(amount), "balanceType": balance_type, "referenceDate": reference.isoformat()}
