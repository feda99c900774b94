"""How a GoCardless answer becomes landing rows: each documented field a text column, the rest kept as JSON."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from farthing.gocardless.parsing import EXACT, QUICK, NotQuickError, Parser
from farthing.provider import Endpoint, Reading

type Path = tuple[str, ...]
type Row = dict[str, str | None]

_PARTY_ACCOUNT = {
    "iban": "iban",
    "bban": "bban",
    "pan": "pan",
    "masked_pan": "maskedPan",
    "msisdn": "msisdn",
    "currency": "currency",
}

# Column name to where its value stands in an entry. A list or an object found at a path is kept as JSON.
_TRANSACTION: Mapping[str, Path] = {
    "transaction_id": ("transactionId",),
    "internal_transaction_id": ("internalTransactionId",),
    "entry_reference": ("entryReference",),
    "end_to_end_id": ("endToEndId",),
    "mandate_id": ("mandateId",),
    "check_id": ("checkId",),
    "creditor_id": ("creditorId",),
    "booking_date": ("bookingDate",),
    "booking_date_time": ("bookingDateTime",),
    "value_date": ("valueDate",),
    "value_date_time": ("valueDateTime",),
    "transaction_amount": ("transactionAmount", "amount"),
    "transaction_currency": ("transactionAmount", "currency"),
    "currency_exchange": ("currencyExchange",),
    "creditor_name": ("creditorName",),
    **{f"creditor_account_{name}": ("creditorAccount", key) for name, key in _PARTY_ACCOUNT.items()},
    "creditor_agent": ("creditorAgent",),
    "debtor_name": ("debtorName",),
    **{f"debtor_account_{name}": ("debtorAccount", key) for name, key in _PARTY_ACCOUNT.items()},
    "debtor_agent": ("debtorAgent",),
    "ultimate_creditor": ("ultimateCreditor",),
    "ultimate_debtor": ("ultimateDebtor",),
    "remittance_information_unstructured": ("remittanceInformationUnstructured",),
    "remittance_information_unstructured_array": ("remittanceInformationUnstructuredArray",),
    "remittance_information_structured": ("remittanceInformationStructured",),
    "remittance_information_structured_array": ("remittanceInformationStructuredArray",),
    "additional_information": ("additionalInformation",),
    "additional_information_structured": ("additionalInformationStructured",),
    "additional_data_structured": ("additionalDataStructured",),
    "purpose_code": ("purposeCode",),
    "bank_transaction_code": ("bankTransactionCode",),
    "proprietary_bank_transaction_code": ("proprietaryBankTransactionCode",),
    "merchant_category_code": ("merchantCategoryCode",),
    "balance_after_transaction_amount": ("balanceAfterTransaction", "balanceAmount", "amount"),
    "balance_after_transaction_currency": ("balanceAfterTransaction", "balanceAmount", "currency"),
    "balance_after_transaction_type": ("balanceAfterTransaction", "balanceType"),
}
_BALANCE: Mapping[str, Path] = {
    "balance_amount": ("balanceAmount", "amount"),
    "balance_currency": ("balanceAmount", "currency"),
    "balance_type": ("balanceType",),
    "credit_limit_included": ("creditLimitIncluded",),
    "last_change_date_time": ("lastChangeDateTime",),
    "reference_date": ("referenceDate",),
    "last_committed_transaction": ("lastCommittedTransaction",),
}
_DETAILS: Mapping[str, Path] = {
    "resource_id": ("resourceId",),
    "iban": ("iban",),
    "bban": ("bban",),
    "scan": ("scan",),
    "msisdn": ("msisdn",),
    "currency": ("currency",),
    "owner_name": ("ownerName",),
    "name": ("name",),
    "display_name": ("displayName",),
    "product": ("product",),
    "cash_account_type": ("cashAccountType",),
    "status": ("status",),
    "bic": ("bic",),
    "linked_accounts": ("linkedAccounts",),
    "masked_pan": ("maskedPan",),
    "usage": ("usage",),
    "details": ("details",),
    "owner_address_unstructured": ("ownerAddressUnstructured",),
    "owner_address_street_name": ("ownerAddressStructured", "streetName"),
    "owner_address_building_number": ("ownerAddressStructured", "buildingNumber"),
    "owner_address_town_name": ("ownerAddressStructured", "townName"),
    "owner_address_post_code": ("ownerAddressStructured", "postCode"),
    "owner_address_country": ("ownerAddressStructured", "country"),
    "secondary_identification": ("additionalAccountData", "secondaryIdentification"),
}
_ACCOUNT: Mapping[str, Path] = {
    "created_at": ("created",),
    "last_accessed_at": ("last_accessed",),
    "iban": ("iban",),
    "bban": ("bban",),
    "status": ("status",),
    "institution_id": ("institution_id",),
    "owner_name": ("owner_name",),
    "name": ("name",),
}
_INSTITUTION: Mapping[str, Path] = {
    "institution_id": ("id",),
    "name": ("name",),
    "bic": ("bic",),
    "countries": ("countries",),
    "logo": ("logo",),
    "transaction_total_days": ("transaction_total_days",),
    "max_access_valid_for_days": ("max_access_valid_for_days",),
    "max_access_valid_for_days_reconfirmation": ("max_access_valid_for_days_reconfirmation",),
    "supported_features": ("supported_features",),
    "identification_codes": ("identification_codes",),
}

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "transactions": ("booking_status", "entry_index", *_TRANSACTION, "other_fields"),
    "balances": ("entry_index", *_BALANCE, "other_fields"),
    "details": (*_DETAILS, "other_fields"),
    "accounts": (*_ACCOUNT, "other_fields"),
    "institutions": (*_INSTITUTION, "other_fields"),
}

_STATUSES = ("booked", "pending")
_ABSENT: dict[str, Any] = {}  # where an object is documented
DAYS = ("booking_date", "booking_date_time", "value_date", "value_date_time")


type _Tree = dict[str, "str | _Tree"]
type _Columns = dict[str, Sequence[str | None]]


def _tree(columns: Mapping[str, Path]) -> _Tree:
    """Turn columns' paths into a tree of keys that ends in their names."""
    tree: _Tree = {}
    for name, (*folders, key) in columns.items():
        node = tree
        for folder in folders:
            child = node.setdefault(folder, {})
            assert isinstance(child, dict)  # noqa: S101 - no path of ours leads through another's end
            node = child
        node[key] = name
    return tree


_LISTED = {"transactions": _TRANSACTION, "balances": _BALANCE}
_TREES = {entity: _tree(paths) for entity, paths in _LISTED.items()}


def read(endpoint: Endpoint, body: bytes) -> Reading:
    """Make one good answer's body into columns of its entity.

    :raises ValueError: if the body is not JSON of the endpoint's shape; the message holds no value of it.
    """
    try:
        try:
            return _read(endpoint, body, QUICK)
        except NotQuickError:
            return _read(endpoint, body, EXACT)
    except RecursionError:
        raise ValueError("the body is nested too deeply") from None


def _read(endpoint: Endpoint, body: bytes, parser: Parser) -> Reading:
    document = parser.parse(body)
    if not isinstance(document, dict):
        raise ValueError("the body is not a JSON object")
    match endpoint:
        case Endpoint.ACCOUNTS:
            document.pop("id", None)  # the extract has it
            return Reading(columns={"accounts": _by_row([document], _ACCOUNT, parser)})
        case Endpoint.INSTITUTIONS:
            return Reading(columns={"institutions": _by_row([document], _INSTITUTION, parser)})
        case Endpoint.DETAILS:
            account = _pop(document, "account", dict)
            columns = {"details": _by_row([account], _DETAILS, parser)}
        case Endpoint.BALANCES:
            balances = _pop(document, "balances", list)
            columns = {"balances": {"entry_index": _numbers(len(balances))} | _gather(balances, "balances", parser)}
        case Endpoint.TRANSACTIONS:
            lists = _pop(document, "transactions", dict)
            booked, pending = (_pop(lists, key, list) if lists.get(key) is not None else [] for key in _STATUSES)
            place = {
                "booking_status": ["booked"] * len(booked) + ["pending"] * len(pending),
                "entry_index": _numbers(len(booked)) + _numbers(len(pending)),
            }
            columns = {"transactions": place | _gather(booked + pending, "transactions", parser)}
            # Another list beside the two (banks may send "information") is not ours to interpret, nor to lose.
            if others := {key: value for key, value in lists.items() if key not in _STATUSES}:
                document["transactions"] = others
    return Reading(columns=columns, other_fields=parser.write(document) if document else None)


def _pop[T](document: dict[str, Any], key: str, kind: type[T]) -> T:
    value = document.pop(key, None)
    if not isinstance(value, kind):
        raise ValueError(f"{key!r} is not a {kind.__name__}")
    return value


@lru_cache(maxsize=100)  # most lists are as long as others
def _numbers(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(count)))


def _gather(entries: Sequence[Any], entity: str, parser: Parser) -> _Columns:
    """Put a list's entries into columns."""
    columns = _documented(entries, _TREES[entity], parser)
    return _by_row(entries, _LISTED[entity], parser) if columns is None else columns


def _documented(entries: Sequence[Any], tree: _Tree, parser: Parser, *, is_nested: bool = False) -> _Columns | None:
    """Put entries into columns a column at a time, which is several times as fast as an entry at a time.

    :returns: null where an entry is nested otherwise than documented.
    """
    if set(map(type, entries)) - {dict}:
        return None
    keys = set[str]().union(*entries)
    columns: _Columns = {}
    for key in keys & tree.keys():
        node = tree[key]
        if isinstance(node, str):
            columns[node] = parser.texts(_values(entries, key, None))
            continue
        nested = _documented(_values(entries, key, _ABSENT), node, parser, is_nested=True)
        if nested is None:
            return None
        columns |= nested
    if unknown := keys - tree.keys():
        if is_nested:
            return None
        rests = ({key: value for key, value in entry.items() if key in unknown} for entry in entries)
        columns["other_fields"] = [parser.write(rest) if rest else None for rest in rests]
    return columns


def _values(entries: Sequence[Mapping[str, Any]], key: str, default: object) -> list[Any]:
    try:
        return list(map(itemgetter(key), entries))  # mostly all have it, and this takes half the time
    except KeyError:
        return [entry.get(key, default) for entry in entries]


def _by_row(entries: Sequence[Any], paths: Mapping[str, Path], parser: Parser) -> _Columns:
    """Put entries into columns whatever they hold; one that is not an object (never seen) still counts, kept whole."""
    rows = [_row(entry if isinstance(entry, dict) else {"": entry}, paths, parser) for entry in entries]
    return {name: [row[name] for row in rows] for name in (*paths, "other_fields")}


def _row(entry: Mapping[str, Any], paths: Mapping[str, Path], parser: Parser) -> Row:
    """Pick the columns' values and gather what no column names, nested keys included."""
    rest = _copy(entry)
    row: Row = {name: parser.text(_take(rest, path)) for name, path in paths.items()}
    row["other_fields"] = parser.write(rest) if rest else None
    return row


def _take(document: dict[str, Any], path: Path) -> object:
    """Remove and return the value at a path, and each object on the way that is empty then."""
    key, *further = path
    if not further:
        return document.pop(key, None)
    child = document.get(key)
    if not isinstance(child, dict):
        return None  # the bank sent text where an object is documented: it stays for other_fields
    value = _take(child, tuple(further))
    if not child:
        del document[key]
    return value


def _copy(value: Any) -> Any:
    return {key: _copy(child) for key, child in value.items()} if isinstance(value, Mapping) else value
