"""Raw answers: append-only, byte for byte, one object an extract. All else can be rebuilt from them."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self
from uuid import UUID, uuid5

import orjson
from isal import igzip, isal_zlib
from pydantic import BaseModel, ConfigDict
from pydantic_core import from_json

from farthing.lake import layout
from farthing.lake.store import ObjectStore
from farthing.provider import Answer, Ask, Consent, Endpoint

_GZIP = 16 + isal_zlib.MAX_WBITS  # how zlib is told of gzip's header
_LEVEL = 1  # of 3: the highest takes four times as long, for files a thirtieth smaller
_EXTRACT_BYTES = 4_000  # an envelope begins with its extract, which takes a tenth of that
_NAMESPACE = UUID("5f0b6f0e-4d3c-4c55-9b53-6f1f8a1c2f10")


class Extract(BaseModel):
    """One call of one endpoint for one account, at a UTC time fixed when the run began."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    extract_id: UUID
    provider: str
    endpoint: Endpoint
    account_id: str
    run_id: UUID
    attempt: int
    requested_at: datetime
    farthing_version: str
    consent: Consent | None = None  # what was stored before it was noted has none


class _Beginning(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    extract: Extract


class RawEnvelope(BaseModel):
    """What is stored: the extract, the request (no token), and the answer with its body as it came."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    extract: Extract
    method: str
    path: str
    params: dict[str, str]
    started_at: datetime
    ended_at: datetime
    status: int | None
    headers: dict[str, str]
    failure: str | None
    encoding: Literal["utf-8", "base64"]
    body: str

    @classmethod
    def of(cls, extract: Extract, answer: Answer) -> Self:
        """Wrap an answer; a body that is not UTF-8 is kept as base64."""
        try:
            encoding, body = "utf-8", answer.body.decode()
        except UnicodeDecodeError:
            encoding, body = "base64", base64.b64encode(answer.body).decode()
        return cls.model_validate(
            {
                "extract": extract,
                "method": answer.method,
                "path": answer.path,
                "params": dict(answer.params),
                "started_at": answer.started_at,
                "ended_at": answer.ended_at,
                "status": answer.status,
                "headers": dict(answer.headers),
                "failure": answer.failure,
                "encoding": encoding,
                "body": body,
            }
        )

    @property
    def answer(self) -> Answer:
        """The answer as it came from the provider."""
        return Answer(
            method=self.method,
            path=self.path,
            params=self.params,
            started_at=self.started_at,
            ended_at=self.ended_at,
            status=self.status,
            headers=self.headers,
            failure=self.failure,
            body=self.body.encode() if self.encoding == "utf-8" else base64.b64decode(self.body),
        )


def make_extract(
    *, provider: str, ask: Ask, run_id: UUID, attempt: int, requested_at: datetime, version: str
) -> Extract:
    """Name one attempt at one question; the id follows from the rest, so nothing is ever stored twice.

    :param attempt: 1 for the first; each attempt's answer is an object of its own, refusals too.
    """
    return Extract(
        extract_id=uuid5(_NAMESPACE, f"{provider}/{run_id}/{ask.endpoint}/{ask.account_id}/{attempt}"),
        provider=provider,
        endpoint=ask.endpoint,
        account_id=ask.account_id,
        run_id=run_id,
        attempt=attempt,
        requested_at=requested_at,
        farthing_version=version,
        consent=ask.consent,
    )


def write_raw(store: ObjectStore, extract: Extract, answer: Answer, *, quoted_body: bytes | None = None) -> str:
    """Store an answer, a refusal too, and return the object's key.

    :param quoted_body: the body as a text within JSON, its quotes included, for who has it so; the answer is without.
    """
    key = raw_key(extract)
    envelope = RawEnvelope.of(extract, answer).model_dump(mode="json")
    if quoted_body is not None:
        envelope["body"] = orjson.Fragment(quoted_body)
    # The body is text within JSON, so each of its quotes is escaped once more: orjson does so in a third of the time.
    store.put(key, igzip.compress(orjson.dumps(envelope), _LEVEL, mtime=0))
    return key


def read_raw(store: ObjectStore, key: str) -> RawEnvelope:
    """Read one stored answer."""
    return parse_raw(store.get(key))


def read_raws(store: ObjectStore, keys: Sequence[str]) -> list[RawEnvelope]:
    """Read stored answers, many at a time where the store allows, and return them in the order of the keys.

    :raises FileNotFoundError: if one is not there.
    """
    return [parse_raw(content) for content in store.get_all(keys)]


def parse_raw(content: bytes) -> RawEnvelope:
    """Unpack an answer from the bytes of its object.

    :raises ValueError: if it is no whole envelope; nothing of it is quoted.
    """
    return RawEnvelope.model_validate(orjson.loads(_unpack(content)))


def peek_extract(content: bytes) -> Extract:
    """Read what an answer is of, without unpacking the answer, whose end may be missing then.

    :raises ValueError: if it is no envelope; nothing of it is quoted.
    """
    start = _unpack(content, at_most=_EXTRACT_BYTES)
    return _Beginning.model_validate(from_json(start, allow_partial=True)).extract


def raw_key(extract: Extract) -> str:
    """Where an extract's answer lies."""
    return layout.raw_key(
        provider=extract.provider,
        endpoint=extract.endpoint,
        day=extract.requested_at.date(),
        account_id=extract.account_id,
        extract_id=str(extract.extract_id),
    )


def _unpack(content: bytes, at_most: int | None = None) -> bytes:
    try:
        if at_most is None:
            return isal_zlib.decompress(content, _GZIP)
        return isal_zlib.decompressobj(_GZIP).decompress(content, at_most)
    except isal_zlib.error:  # type: ignore[misc]  # its stub takes the class for an instance
        raise ValueError("it is not gzipped, or not whole") from None
