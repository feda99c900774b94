import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from farthing.gocardless.landing import COLUMNS, read
from farthing.provider import Endpoint, Reading

CANARY = "CANARY-DE89370400440532013000"


def body(document: object) -> bytes:
    return json.dumps(document).encode()


def rows_of(reading: Reading, endpoint: Endpoint) -> list[dict[str, str | None]]:
    columns = reading.columns[endpoint]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def filled_rows_of(reading: Reading, endpoint: Endpoint) -> list[dict[str, str]]:
    rows = rows_of(reading, endpoint)
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def only_row(endpoint: Endpoint, document: object) -> dict[str, str]:
    """The one row of an answer, without its nulls."""
    [row] = filled_rows_of(read(endpoint, body(document)), endpoint)
    return row


def test_lands_a_booked_and_a_pending_entry() -> None:
    booked = {
        "transactionId": "t1",
        "bookingDate": "2026-03-09",
        "transactionAmount": {"amount": "-42.90", "currency": "EUR"},
        "creditorAccount": {"iban": "DE00", "maskedPan": "12**34"},
        "remittanceInformationUnstructuredArray": ["a", "ü"],
    }
    document = {"transactions": {"booked": [booked], "pending": [{"valueDate": "2026-03-10"}]}, "last_updated": "now"}
    reading = read(Endpoint.TRANSACTIONS, body(document))
    assert filled_rows_of(reading, Endpoint.TRANSACTIONS) == [
        {
            "booking_status": "booked",
            "entry_index": "0",
            "transaction_id": "t1",
            "booking_date": "2026-03-09",
            "transaction_amount": "-42.90",
            "transaction_currency": "EUR",
            "creditor_account_iban": "DE00",
            "creditor_account_masked_pan": "12**34",
            "remittance_information_unstructured_array": '["a","ü"]',
        },
        {"booking_status": "pending", "entry_index": "0", "value_date": "2026-03-10"},
    ]
    assert reading.other_fields == '{"last_updated":"now"}'


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param({"balanceAmount": {"amount": 12.10, "x": 1}}, {"balance_amount": "12.1"}, id="number"),
        pytest.param({"creditLimitIncluded": False}, {"credit_limit_included": "false"}, id="boolean"),
        pytest.param({"balanceAmount": "9"}, {"other_fields": '{"balanceAmount":"9"}'}, id="text-for-an-object"),
        pytest.param({"new": None}, {"other_fields": '{"new":null}'}, id="unknown-null"),
        pytest.param("odd", {"other_fields": '{"":"odd"}'}, id="no-object"),
        pytest.param({"referenceDate": "\ud83d"}, {"reference_date": "\\ud83d"}, id="half-a-surrogate-pair"),
    ],
)
def test_keeps_odd_values(entry: object, expected: dict[str, str]) -> None:
    row = only_row(Endpoint.BALANCES, {"balances": [entry]})
    assert expected.items() <= row.items()
    "".join(row.values()).encode()


def test_rounds_no_digit() -> None:
    raw = b'{"balances":[{"balanceAmount":{"amount":0.10000000000000000001}},{"balanceType":NaN}]}'
    [exact, odd] = rows_of(read(Endpoint.BALANCES, raw), Endpoint.BALANCES)
    assert (exact["balance_amount"], odd["balance_type"]) == ("0.10000000000000000001", "NaN")


def test_lands_details_and_accounts_with_nested_fields() -> None:
    details = {"account": {"resourceId": "r", "ownerAddressStructured": {"townName": "X", "floor": "2"}}}
    assert only_row(Endpoint.DETAILS, details) == {
        "resource_id": "r",
        "owner_address_town_name": "X",
        "other_fields": '{"ownerAddressStructured":{"floor":"2"}}',
    }
    assert only_row(Endpoint.ACCOUNTS, {"id": "a", "created": "c", "iban": None}) == {"created_at": "c"}


def test_keeps_a_third_list_apart_from_an_equal_key_outside() -> None:
    document = {"transactions": {"information": ["in"]}, "transactions.information": "out"}
    other = read(Endpoint.TRANSACTIONS, body(document)).other_fields
    assert json.loads(other or "") == {"transactions": {"information": ["in"]}, "transactions.information": "out"}


@pytest.mark.parametrize(
    ("endpoint", "raw"),
    [
        pytest.param(Endpoint.ACCOUNTS, b"", id="empty"),
        pytest.param(Endpoint.ACCOUNTS, b"[]", id="list"),
        pytest.param(Endpoint.ACCOUNTS, b"\xff\xfe\xfd", id="no-text"),
        pytest.param(Endpoint.ACCOUNTS, b'{"a":' * 100_000, id="deep"),
        pytest.param(Endpoint.ACCOUNTS, b'{"a":' * 3_000 + b"1" + b"}" * 3_000, id="deep-and-whole"),
        pytest.param(Endpoint.DETAILS, body({"account": CANARY}), id="details"),
        pytest.param(Endpoint.BALANCES, body({"balances": {"a": CANARY}}), id="balances"),
        pytest.param(Endpoint.TRANSACTIONS, body({"transactions": [CANARY]}), id="transactions"),
        pytest.param(Endpoint.TRANSACTIONS, body({"transactions": {"booked": CANARY}}), id="booked"),
        pytest.param(Endpoint.TRANSACTIONS, body({"transactions": {"booked": [CANARY]}})[:-3], id="cut"),
    ],
)
def test_refuses_another_shape_without_quoting_it(endpoint: Endpoint, raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        read(endpoint, raw)
    assert CANARY not in f"{raised.value!r}"
    assert raised.value.__cause__ is None


STEADY = settings(deadline=None, derandomize=True)  # the same examples on every machine, however busy

KEYS = st.sampled_from(
    ["transactionId", "transactionAmount", "balanceAmount", "amount", "currency", "creditorAccount", "iban",
     "currencyExchange", "balanceAfterTransaction", "ownerAddressStructured", "townName", "status", ""]
) | st.text(max_size=4)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
DOCUMENTS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=15
)
ENTRIES = st.lists(st.dictionaries(KEYS, DOCUMENTS, max_size=6) | DOCUMENTS, max_size=3)
ENVELOPES: dict[Endpoint, st.SearchStrategy[object]] = {
    Endpoint.ACCOUNTS: st.dictionaries(KEYS, DOCUMENTS, max_size=6),
    Endpoint.INSTITUTIONS: st.dictionaries(KEYS, DOCUMENTS, max_size=6),
    Endpoint.DETAILS: st.fixed_dictionaries({"account": st.dictionaries(KEYS, DOCUMENTS)}, optional={"x": DOCUMENTS}),
    Endpoint.BALANCES: st.fixed_dictionaries({"balances": ENTRIES}, optional={"x": DOCUMENTS}),
    Endpoint.TRANSACTIONS: st.fixed_dictionaries(
        {"transactions": st.fixed_dictionaries({}, optional={"booked": ENTRIES, "pending": ENTRIES, "x": DOCUMENTS})},
        optional={"last_updated": DOCUMENTS, "transactions.x": DOCUMENTS},
    ),
}


@STEADY
@given(endpoint=st.sampled_from(Endpoint), document=DOCUMENTS)
def test_raises_nothing_but_value_errors_whatever_comes(endpoint: Endpoint, document: object) -> None:
    try:
        reading = read(endpoint, body(document))
    except ValueError:
        return
    assert_nothing_lost(endpoint, document, reading)


@STEADY
@given(data=st.data(), endpoint=st.sampled_from(Endpoint))
def test_loses_no_leaf_of_an_answer(data: st.DataObject, endpoint: Endpoint) -> None:
    document = data.draw(ENVELOPES[endpoint])
    assert_nothing_lost(endpoint, document, read(endpoint, body(document)))


@STEADY
@given(data=st.data(), endpoint=st.sampled_from([Endpoint.BALANCES, Endpoint.TRANSACTIONS]))
def test_lands_the_same_whether_there_is_a_number_in_the_answer_or_not(data: st.DataObject, endpoint: Endpoint) -> None:
    document = data.draw(ENVELOPES[endpoint])
    assert isinstance(document, dict)
    reading, numbered = read(endpoint, body(document)), read(endpoint, body({"number": 1, **document}))
    assert filled_rows_of(reading, endpoint) == filled_rows_of(numbered, endpoint)
    assert {"number": "1", **json.loads(reading.other_fields or "{}")} == json.loads(numbered.other_fields or "{}")


@STEADY
@given(raw=st.binary(), endpoint=st.sampled_from(Endpoint))
def test_bears_any_bytes(raw: bytes, endpoint: Endpoint) -> None:
    try:
        read(endpoint, raw)
    except ValueError:
        return


@pytest.mark.parametrize(
    ("number", "endpoint"),
    [
        *[(number, Endpoint.TRANSACTIONS) for number in (*map(str, range(10, 19)), "22", "24")],
        ("07", Endpoint.ACCOUNTS),
        ("08", Endpoint.DETAILS),
        ("09", Endpoint.BALANCES),
        ("24", Endpoint.BALANCES),
    ],
)
def test_lands_every_sample_whole(sample: Callable[[str], Any], number: str, endpoint: Endpoint) -> None:
    documents = list(answers_in(sample(number), endpoint))
    assert documents
    for document in documents:
        assert_nothing_lost(endpoint, document, read(endpoint, body(document)))


def answers_in(value: object, endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    """Find an endpoint's answers anywhere in a sample."""
    wanted = {"accounts": "last_accessed", "details": "account"}.get(endpoint, str(endpoint))
    if isinstance(value, dict):
        inner = value.get(wanted)
        is_envelope = isinstance(inner, dict) and "booked" in inner if endpoint is Endpoint.TRANSACTIONS else True
        if wanted in value and is_envelope and (endpoint is not Endpoint.BALANCES or isinstance(inner, list)):
            yield value
            return
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from answers_in(child, endpoint)


def assert_nothing_lost(endpoint: Endpoint, document: object, reading: Reading) -> None:
    rows = rows_of(reading, endpoint)
    assert all(set(row) <= set(COLUMNS[endpoint]) for row in rows)
    kept = {reading.other_fields} | {value for row in rows for value in row.values()}
    found = {leaf for value in kept if value is not None for leaf in (value, *leaves_of_text(value))}
    sent = json.loads(json.dumps(document), parse_float=str, parse_int=str)
    if endpoint is Endpoint.ACCOUNTS:
        sent.pop("id", None)  # the extract has it
    assert set(leaves(sent)) <= found


def leaves_of_text(text: str) -> Iterator[str]:
    try:
        yield from leaves(json.loads(text, parse_float=str, parse_int=str))
    except ValueError:
        return


def leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            yield from leaves(child)
    elif isinstance(value, bool):
        yield json.dumps(value)
    elif value is not None:
        yield str(value)
