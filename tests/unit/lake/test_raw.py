from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from farthing.lake.raw import Extract, make_extract, peek_extract, raw_key, read_raw, write_raw
from farthing.lake.store import open_store
from farthing.provider import Answer, Ask, Consent, Endpoint
from farthing.settings import Settings

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
RUN = UUID(int=1)
CONSENT = Consent(given_at=NOON - timedelta(days=2), ends_at=NOON + timedelta(days=88), is_history=True)


def extract(*, run_id: UUID = RUN, attempt: int = 1, account_id: str = "a") -> Extract:
    ask = Ask(endpoint=Endpoint.BALANCES, account_id=account_id, consent=CONSENT)
    return make_extract(provider="bank", ask=ask, run_id=run_id, attempt=attempt, requested_at=NOON, version="0.1.0")


@pytest.mark.parametrize(
    ("status", "failure", "body"),
    [
        pytest.param(200, None, b'{"a": 1.10}\n', id="json"),
        pytest.param(200, None, "Kåre\r\n\x00".encode(), id="text"),
        pytest.param(502, None, b"\xff\xfe\x80 not utf-8", id="not-utf-8"),
        pytest.param(200, None, b"\xef\xbb\xbf{}", id="byte-order-mark"),
        pytest.param(200, None, "\ud83d".encode(errors="surrogatepass"), id="half-a-surrogate"),
        pytest.param(None, "ReadTimeout", b"", id="silence"),
    ],
)
def test_gives_back_an_answer_as_it_came(
    empty_lake: Settings, status: int | None, failure: str | None, body: bytes
) -> None:
    store = open_store(empty_lake)
    answer = Answer(
        method="GET", path="accounts/a/balances/", params={"x": "y"}, started_at=NOON,
        ended_at=NOON + timedelta(seconds=2), status=status, headers={"date": "now"}, body=body, failure=failure,
    )  # fmt: skip

    envelope = read_raw(store, write_raw(store, extract(), answer))

    assert envelope.answer == answer
    assert envelope.extract == extract()


def test_reads_answers_that_were_stored_before_consents_were_noted() -> None:
    stored = extract().model_dump(mode="json", exclude={"consent"})

    assert Extract.model_validate(stored) == extract().model_copy(update={"consent": None})

    stored["consent"] = {"given_at": CONSENT.given_at.isoformat(), "ends_at": None}  # nor what they were for

    assert Extract.model_validate(stored).consent == Consent(given_at=CONSENT.given_at, ends_at=None, is_history=False)


@pytest.mark.parametrize("shift", range(8))  # wherever the beginning is cut: within a character, or an escape
def test_tells_what_an_answer_is_of_from_its_beginning(empty_lake: Settings, shift: int) -> None:
    store = open_store(empty_lake)
    body = b"x" * shift + '"€😀\x00'.encode() * 3_000
    answer = Answer(method="GET", path="p", params={}, started_at=NOON, ended_at=NOON, status=200, body=body)

    key = write_raw(store, extract(), answer)

    assert peek_extract(store.get(key)) == extract()


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        pytest.param(extract(), True, id="same"),
        pytest.param(extract(attempt=2), False, id="attempt"),
        pytest.param(extract(run_id=UUID(int=2)), False, id="run"),
        pytest.param(extract(account_id="b"), False, id="account"),
    ],
)
def test_names_each_attempt_by_what_it_is(other: Extract, is_same: bool) -> None:
    assert (other.extract_id == extract().extract_id) is is_same
    assert (raw_key(other) == raw_key(extract())) is is_same
