"""The client held against the vendor's own schema: each operation, each parameter, each example of an answer."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from farthing.gocardless import BankDataClient, TokenAuth, Tokens, open_client
from farthing.gocardless.errors import BankDataError, UnexpectedResponseError
from farthing.gocardless.refusals import error_for
from farthing.gocardless.tokens import digest_of

type Call = Callable[[BankDataClient], Awaitable[object]]
type Operation = tuple[str, str]

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
ID = "00000000-0000-4000-8000-000000000001"
ENTITY = {"id": ID, "institution_id": ID, "name": ID, "status": ID, "countries": [], "logo": ID}
ANSWER = ENTITY | {
    "access": ID, "access_expires": 1, "refresh": ID, "refresh_expires": 1,
    "count": 0, "results": [], "account": {}, "balances": [], "transactions": {"booked": []},
}  # fmt: skip
FILTERS = (
    "access_scopes_supported", "account_selection_supported", "business_accounts_supported",
    "card_accounts_supported", "corporate_accounts_supported", "pending_transactions_supported",
    "private_accounts_supported", "read_debtor_account_supported", "read_refund_account_supported",
    "separate_continuous_history_consent_supported", "ssn_verification_supported",
)  # fmt: skip

# Each operation of the schema, asked with all it takes.
_AGREEMENT, _REQUISITION, _ACCOUNT = (
    "/api/v2/agreements/enduser/{id}/",
    "/api/v2/requisitions/{id}/",
    "/api/v2/accounts/{id}/",
)
COVERED: Mapping[Operation, Call] = {
    ("POST", "/api/v2/token/new/"): lambda c: c.account("no-tokens-kept"),
    ("POST", "/api/v2/token/refresh/"): lambda c: c.account("tokens-lapsed"),
    ("GET", "/api/v2/institutions/"): lambda c: c.institutions("gb", **dict.fromkeys(FILTERS, True)),
    ("GET", "/api/v2/institutions/{id}/"): lambda c: c.institution(ID),
    ("POST", "/api/v2/agreements/enduser/"): lambda c: c.create_agreement(
        ID, 90, 90, access_scope=["details"], reconfirmation=True
    ),
    ("GET", "/api/v2/agreements/enduser/"): lambda c: anext(c.agreements(), None),
    ("GET", _AGREEMENT): lambda c: c.agreement(ID),
    ("DELETE", _AGREEMENT): lambda c: c.delete_agreement(ID),
    ("PUT", f"{_AGREEMENT}accept/"): lambda c: c.accept_agreement(ID, user_agent=ID, ip_address=ID),
    ("POST", f"{_AGREEMENT}reconfirm/"): lambda c: c.create_reconfirmation(ID, redirect=ID),
    ("GET", f"{_AGREEMENT}reconfirm/"): lambda c: c.reconfirmation(ID),
    ("POST", "/api/v2/requisitions/"): lambda c: c.create_requisition(
        ID, ID, ID, ID, user_language="de", ssn=ID, account_selection=True, redirect_immediate=True
    ),
    ("GET", "/api/v2/requisitions/"): lambda c: anext(c.requisitions(), None),
    ("GET", _REQUISITION): lambda c: c.requisition(ID),
    ("DELETE", _REQUISITION): lambda c: c.delete_requisition(ID),
    ("GET", _ACCOUNT): lambda c: c.account(ID),
    ("GET", f"{_ACCOUNT}details/"): lambda c: c.details(ID),
    ("GET", f"{_ACCOUNT}balances/"): lambda c: c.balances(ID),
    ("GET", f"{_ACCOUNT}transactions/"): lambda c: c.transactions(
        ID, date_from=date(2026, 1, 1), date_to=date(2026, 2, 1)
    ),
}

# Operation to the reason why the client does not have it. Whatever the schema gains must come here or above.
NOT_COVERED: Mapping[Operation, str] = {}


class Store:
    """Keeps tokens that have lapsed, or none."""

    def __init__(self, tokens: Tokens | None) -> None:
        self.tokens = tokens

    def load(self) -> Tokens | None:
        return self.tokens

    def exchange(self, renew: Callable[[Tokens | None], Tokens]) -> Tokens:
        return renew(self.tokens)


SECRET = SecretStr("x")
LAPSED = Tokens(
    access=SecretStr(ID),
    access_expires_at=NOW,
    refresh=SecretStr(ID),
    refresh_expires_at=NOW + timedelta(days=9),
    owner=digest_of(SECRET, SECRET),
)


def requests_of(do: Call, *, tokens: Tokens | None, answer: object = ANSWER) -> list[httpx.Request]:
    sent: list[httpx.Request] = []

    def answering(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        is_list = request.url.path == "/api/v2/institutions/"
        return httpx.Response(200, json=[ENTITY] if is_list else answer)

    async def run() -> None:
        auth = partial(TokenAuth, secret_id=SECRET, secret_key=SECRET, store=Store(tokens), now=lambda: NOW)
        transport = httpx.MockTransport(answering)
        async with open_client("https://bank.test/api/v2/", auth, transport=transport) as client:
            await do(client)

    asyncio.run(run())
    return sent


def operations(schema: Mapping[str, Any]) -> Iterator[tuple[Operation, Mapping[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield (method.upper(), path), operation


def test_has_every_operation_or_a_reason_why_not(schema: dict[str, Any]) -> None:
    assert {operation for operation, _ in operations(schema)} == {*COVERED, *NOT_COVERED}
    assert not set(COVERED) & set(NOT_COVERED)


@pytest.mark.parametrize("operation", COVERED, ids=" ".join)
def test_asks_all_that_the_schema_describes_and_nothing_else(schema: dict[str, Any], operation: Operation) -> None:
    method, path = operation
    sent = requests_of(COVERED[operation], tokens=None if "new" in path else LAPSED)
    [request] = [each for each in sent if (each.method, each.url.path.replace(ID, "{id}")) == operation]
    described = schema["paths"][path][method.lower()]
    parameters = {each["name"] for each in described.get("parameters", []) if each["in"] == "query"}
    assert set(request.url.params) == parameters
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    name = body.get("$ref", "").rpartition("/")[2]
    fields = set(schema["components"]["schemas"][name]["properties"]) if name else set()
    assert set(json.loads(request.content or b"{}")) == fields


def test_reads_every_example_of_a_success_and_names_every_example_of_a_refusal(schema: dict[str, Any]) -> None:
    unnamed: list[tuple[Operation, str, str]] = []
    successes = refusals = 0
    for operation, described in operations(schema):
        for status, answer in described["responses"].items():
            examples = answer.get("content", {}).get("application/json", {}).get("examples", {})
            for name, example in examples.items():
                value = example["value"]
                if int(status) < 300:
                    is_list = isinstance(value, list)
                    requests_of(COVERED[operation], tokens=LAPSED, answer=ANSWER | ({} if is_list else value))
                    successes += 1
                    continue
                refusals += 1
                error: BankDataError = error_for(httpx.Response(int(status), json=value))
                if isinstance(error, UnexpectedResponseError):
                    unnamed.append((operation, status, name))
    assert unnamed == []
    assert successes > 5
    assert refusals > 100
