"""How a GoCardless answer becomes landing rows: each documented field a text column, the rest kept as JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "transactions": ("booking_status", "entry_index", *_TRANSACTION, "other_fields"),
    "balances": ("entry_index", *_BALANCE, "other_fields"),
    "details": (*_DETAILS, "other_fields"),
    "accounts": (*_ACCOUNT, "other_fields"),
}

DAYS = ("booking_date", "booking_date_time", "value_date", "value_date_time")


type _Tree = dict[str, "str | _Tree"]


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


_TRANSACTION_TREE, _BALANCE_TREE = _tree(_TRANSACTION), _tree(_BALANCE)


def read(endpoint: Endpoint, body: bytes) -> Reading:
    """Make one good answer's body into rows of its entity.

    :raises ValueError: if the body is not JSON of the endpoint's shape; the message holds no value of it.
    """
    try:
        return _read(endpoint, _parse(body))
    except RecursionError:
        raise ValueError("the body is nested too deeply") from None


def _read(endpoint: Endpoint, document: dict[str, Any]) -> Reading:
    match endpoint:
        case Endpoint.ACCOUNTS:
            return Reading(rows={"accounts": [_row(document, _ACCOUNT, drop=("id",))]})
        case Endpoint.DETAILS:
            account = _member(document, "account", dict)
            return Reading(rows={"details": [_row(account, _DETAILS)]}, other_fields=_rest(document, "account"))
        case Endpoint.BALANCES:
            balances = _member(document, "balances", list)
            return Reading(
                rows={"balances": list(_rows(balances, _BALANCE, _BALANCE_TREE))},
                other_fields=_rest(document, "balances"),
            )
        case Endpoint.TRANSACTIONS:
            lists = _member(document, "transactions", dict)
            rows = [
                {"booking_status": status, **row}
                for status in ("booked", "pending")
                for row in _rows(
                    _member(lists, status, list) if lists.get(status) is not None else [],
                    _TRANSACTION,
                    _TRANSACTION_TREE,
                )
            ]
            # Another list beside the two (banks may send "information") is not ours to interpret, nor to lose.
            rest = {key: value for key, value in document.items() if key != "transactions"}
            if others := {key: value for key, value in lists.items() if key not in ("booked", "pending")}:
                rest["transactions"] = others
            return Reading(rows={"transactions": rows}, other_fields=_json(rest) if rest else None)


def _parse(body: bytes) -> dict[str, Any]:
    """Read JSON with its numbers left as the text they were sent as, so that no digit is rounded."""
    try:
        document = json.loads(body, parse_float=str, parse_int=str, parse_constant=str)
    except ValueError:
        raise ValueError("the body is not JSON") from None
    if not isinstance(document, dict):
        raise ValueError("the body is not a JSON object")
    return document


def _member[T](document: Mapping[str, Any], key: str, kind: type[T]) -> T:
    value = document.get(key)
    if not isinstance(value, kind):
        raise ValueError(f"{key!r} is not a {kind.__name__}")
    return value


def _rows(entries: Sequence[Any], columns: Mapping[str, Path], tree: _Tree) -> Iterator[Row]:
    for index, entry in enumerate(entries):
        row: Row = {"entry_index": str(index)}
        # An entry that is not an object (never seen) still counts and is kept whole.
        if not isinstance(entry, dict):
            yield row | _row({"": entry}, columns)
        elif _fill(row, entry, tree):
            yield row
        else:
            yield {"entry_index": str(index), **_row(entry, columns)}


def _fill(row: Row, entry: Mapping[str, Any], tree: _Tree) -> bool:
    """Put an entry that is as documented into a row, the quick way; false where it is not, then some may be there."""
    for key, value in entry.items():
        node = tree.get(key)
        if type(node) is str:
            if type(value) is str:
                row[node] = value if value.isascii() else _storable(value)
            elif value is not None:
                row[node] = _json(value)
        elif type(node) is not dict or type(value) is not dict or not _fill(row, value, node):
            return False
    return True


def _row(entry: Mapping[str, Any], columns: Mapping[str, Path], *, drop: tuple[str, ...] = ()) -> Row:
    """Pick the columns' values and gather what no column names, nested keys included."""
    rest = _copy(entry)
    for key in drop:
        rest.pop(key, None)
    row: Row = {name: _text(_take(rest, path)) for name, path in columns.items()}
    row["other_fields"] = _json(rest) if rest else None
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


def _rest(document: Mapping[str, Any], taken: str) -> str | None:
    rest = {key: value for key, value in document.items() if key != taken}
    return _json(rest) if rest else None


def _text(value: object) -> str | None:
    return _storable(value) if isinstance(value, str) else None if value is None else _json(value)


def _json(value: object) -> str:
    return _storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _storable(text: str) -> str:
    r"""Write half a surrogate pair, which UTF-8 cannot hold, as the escape it was sent as (``\ud83d``)."""
    return text.encode(errors="backslashreplace").decode()
