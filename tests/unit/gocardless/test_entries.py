import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter

from farthing.gocardless.answers import read_answer
from farthing.gocardless.entries import (
    AccountBalances,
    AccountDetails,
    AccountTransactions,
    Amount,
    Balance,
    Details,
    Exchange,
    Transaction,
)
from farthing.gocardless.errors import UnexpectedResponseError


def read[T](shape: type[T], body: object) -> T:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = httpx.Response(200, content=content, request=httpx.Request("GET", "https://bank.test/x/"))
    return read_answer(response, TypeAdapter(shape))


def entry(**fields: object) -> Any:
    [got] = read(AccountTransactions, {"transactions": {"booked": [fields]}}).transactions.booked
    return got


EXCHANGE = {"sourceCurrency": "CHF", "exchangeRate": "0.9512", "instructedAmount": {"amount": "-20.45"}}


@pytest.mark.parametrize(
    ("fields", "name", "expected"),
    [
        pytest.param({"bookingDate": "2026-03-05"}, "booking_date", date(2026, 3, 5), id="day"),
        pytest.param({"bookingDate": "20260305"}, "booking_date", date(2026, 3, 5), id="day-without-dashes"),
        pytest.param({"bookingDate": "5.3.2026"}, "booking_date", "5.3.2026", id="no-day"),
        pytest.param({"bookingDate": 20260305}, "booking_date", 20260305, id="number-for-a-day"),
        pytest.param(
            {"bookingDateTime": "2026-03-05T01:02:03Z"},
            "booking_date_time",
            datetime(2026, 3, 5, 1, 2, 3, tzinfo=UTC),
            id="moment",
        ),
        pytest.param({"creditorName": None}, "creditor_name", None, id="null"),
        pytest.param({"creditorName": ["A"]}, "creditor_name", ["A"], id="list-for-text"),
        pytest.param({"creditorAccount": "000-00"}, "creditor_account", "000-00", id="text-for-an-account"),
        pytest.param({"balanceAfterTransaction": "118.20"}, "balance_after_transaction", "118.20", id="bare-balance"),
        pytest.param({"transactionAmount": None}, "transaction_amount", None, id="no-amount"),
        pytest.param(
            {"remittanceInformationUnstructuredArray": ["a", None]},
            "remittance_information_unstructured_array",
            ["a", None],
            id="null-among-texts",
        ),
        pytest.param(
            {"currencyExchange": EXCHANGE},
            "currency_exchange",
            (
                Exchange(
                    sourceCurrency="CHF",
                    exchangeRate=Decimal("0.9512"),
                    instructedAmount=Amount(amount=Decimal("-20.45")),
                ),
            ),
            id="one-exchange",
        ),
        pytest.param(
            {"currencyExchange": [{"exchangeRate": "0"}, {"sourceCurrency": "EUR"}]},
            "currency_exchange",
            (Exchange(exchangeRate=Decimal(0)), Exchange(sourceCurrency="EUR")),
            id="exchanges",
        ),
        pytest.param({"currencyExchange": "1.2"}, "currency_exchange", "1.2", id="no-exchange"),
    ],
)
def test_keeps_an_odd_value_as_it_was_sent(fields: dict[str, object], name: str, expected: object) -> None:
    assert getattr(entry(**fields), name) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param('"-92"', Decimal("-92"), id="whole"),
        pytest.param('"0.000"', Decimal("0.000"), id="zeros"),
        pytest.param('"123456789012345678.91"', Decimal("123456789012345678.91"), id="long"),
        pytest.param("123456789012345678.91", Decimal("123456789012345678.91"), id="number-for-text"),
        pytest.param("1e99999999999999999999", "1e99999999999999999999", id="beyond-any-decimal"),
        pytest.param('"NaN"', "NaN", id="no-number"),
        pytest.param('"1,204.37"', "1,204.37", id="thousands"),
    ],
)
def test_rounds_no_amount(sent: str, expected: object) -> None:
    body = b'{"balances":[{"balanceAmount":{"amount":' + sent.encode() + b"}}]}"
    [balance] = read(AccountBalances, body).balances
    assert isinstance(balance.balance_amount, Amount)
    assert balance.balance_amount.amount == expected
    assert str(balance.balance_amount.amount) == str(expected)


def test_loses_no_entry_and_no_key() -> None:
    sent = {"transactions": {"booked": [7, "x", {"later": {"a": 1}}], "pending": None, "information": []}}
    lists = read(AccountTransactions, sent | {"later": 1}).transactions
    assert lists.booked[:2] == (7, "x")
    assert isinstance(lists.booked[2], Transaction)
    assert lists.booked[2].model_extra == {"later": {"a": 1}}
    assert lists.pending == ()
    assert lists.model_extra == {"information": []}


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        pytest.param(AccountTransactions, {"transactions": []}, id="transactions"),
        pytest.param(AccountTransactions, {"transactions": {}}, id="nothing-booked"),
        pytest.param(AccountTransactions, {"transactions": {"booked": {}}}, id="booked-object"),
        pytest.param(AccountBalances, {"balances": {}}, id="balances"),
        pytest.param(AccountBalances, {}, id="no-balances"),
        pytest.param(AccountDetails, {"account": []}, id="details"),
    ],
)
def test_refuses_another_envelope(shape: type[object], body: object) -> None:
    with pytest.raises(UnexpectedResponseError):
        read(shape, body)


@pytest.mark.parametrize(
    ("number", "shape", "entries"),
    [
        pytest.param("08", AccountDetails, lambda got: [got.account], id="details"),
        pytest.param("09", AccountBalances, lambda got: got.balances, id="balances"),
        *(
            pytest.param(number, AccountTransactions, lambda got: got.transactions.booked, id=number)
            for number in ("10", "11", "12", "13", "14", "15", "16", "17", "18", "22", "24")
        ),
    ],
)
def test_reads_every_entry_of_every_sample(
    sample: Callable[[str], Any], number: str, shape: type[Any], entries: Callable[[Any], Any]
) -> None:
    [key] = {"account", "balances", "transactions"} & set(shape.model_fields)
    bodies = list(envelopes(sample(number), key))
    assert bodies
    for body in bodies:
        assert all(isinstance(each, Transaction | Balance | Details) for each in entries(read(shape, body)))


def envelopes(document: object, key: str) -> Iterator[object]:
    """Find the bodies of one endpoint, however deep they stand in a sample."""
    children = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    within = [body for child in children for body in envelopes(child, key)]
    if within:
        yield from within
    elif isinstance(document, dict) and isinstance(document.get(key), dict | list):
        yield document
