"""Puts the parts together from settings: the one place where a provider, its secrets and our records meet."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from time import monotonic

import httpx
from pydantic import SecretStr
from sqlalchemy.orm import Session, sessionmaker

from farthing.clock import Clock, utc_now
from farthing.consent import Consents
from farthing.errors import ConfigurationError
from farthing.gocardless import landing
from farthing.gocardless.auth import TokenAuth
from farthing.gocardless.client import BankDataClient, open_client
from farthing.gocardless.pace import Pace
from farthing.gocardless.provider import GoCardlessProvider, GoCardlessReader
from farthing.gocardless.tokens import Tokens
from farthing.lake import layout
from farthing.lake.fold import GRACE, Folded, fold
from farthing.lake.landing import EXTRACTS, with_lineage, write_schemas
from farthing.lake.store import open_store
from farthing.settings import Settings
from farthing.state import database
from farthing.state.database import check as check_database
from farthing.state.database import migrate, open_engine
from farthing.state.tokens import SecretStore
from farthing.state.vault import Vault

PROVIDER = "gocardless"
READER = GoCardlessReader()  # of stored answers: it needs no secrets, and asks nothing


class StoredTokens:
    """The provider's tokens, encrypted in Postgres and shared by all processes."""

    def __init__(self, secrets: SecretStore) -> None:
        self._secrets = secrets

    def load(self) -> Tokens | None:
        """Read the kept tokens."""
        kept = self._secrets.load()
        return None if kept is None else Tokens.from_secret(kept)

    def exchange(self, renew: Callable[[Tokens | None], Tokens]) -> Tokens:
        """Keep what ``renew`` makes of the tokens, one process at a time."""
        renewed: list[Tokens] = []

        def renew_secret(kept: SecretStr | None) -> SecretStr:
            renewed.append(renew(None if kept is None else Tokens.from_secret(kept)))
            return renewed[-1].to_secret()

        self._secrets.exchange(renew_secret)
        return renewed[-1]


def prepare_stores(settings: Settings) -> None:
    """Bring the database to the newest revision and make the bucket, ours or not.

    :raises ServiceDownError: if either does not answer.
    """
    if settings.database_url is not None:
        engine = open_engine(settings.database_url)
        check_database(engine)
        migrate(engine)
        engine.dispose()
    open_store(settings).prepare()
    prepare_landing(settings)


def prepare_landing(settings: Settings) -> None:
    """Give the lake every entity and column that this version reads; one of an older version has fewer."""
    write_schemas(open_store(settings), PROVIDER, landing.COLUMNS)


def fold_landing(
    settings: Settings,
    *,
    now: datetime,
    today: date,
    grace: timedelta = GRACE,
    check: Callable[[], None] = lambda: None,
) -> Folded:
    """Fold the closed months of landing; see :func:`farthing.lake.fold.fold`."""
    entities = with_lineage(landing.COLUMNS)
    return fold(open_store(settings), PROVIDER, entities, now=now, today=today, grace=grace, check=check)


def newest_moment(settings: Settings, *, now: datetime) -> datetime:
    """Say until when answers can have come: now, or the end of the newest day of a sandbox bank whose clock is moved.

    What a real bank's answers say of later days is of a clock that was ahead.
    """
    days = open_store(settings).days(layout.landing_prefix(PROVIDER, EXTRACTS)) if settings.is_sandbox else []
    return max(now, datetime.combine(days[-1], time.max, UTC)) if days else now


@contextmanager
def sessions(settings: Settings) -> Iterator[sessionmaker[Session]]:
    """Open the state database.

    :raises ConfigurationError: if no database is set.
    :raises ServiceDownError: if it does not answer.
    """
    engine = open_engine(_required(settings.database_url, "FARTHING_DATABASE_URL"))
    try:
        check_database(engine)
        yield database.new_session(engine)
    finally:
        engine.dispose()


@asynccontextmanager
async def bank_data(
    settings: Settings,
    new_session: sessionmaker[Session],
    *,
    now: Clock = utc_now,
    pace: Pace | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[BankDataClient]:
    """Open a client of the bank data API whose tokens are kept in the state database.

    Without GoCardless's secret each call raises :class:`~farthing.errors.ConfigurationError`, but not before: what is
    known of consents can be read.

    :param pace: the general limits to keep to; if left out, those shared by all clients of this process.
    :raises ConfigurationError: if the vault's key is not set.
    """
    vault = Vault(_required(settings.vault_key, "FARTHING_VAULT_KEY"))
    store = StoredTokens(SecretStore(new_session, vault, provider=source_of(settings), kind="tokens", now=now))

    def make_auth(http: httpx.AsyncClient) -> httpx.Auth:
        try:
            secret_id, secret_key = secret(settings)
        except ConfigurationError as exc:
            return _NoSecret(exc)
        return TokenAuth(http, secret_id=secret_id, secret_key=secret_key, store=store, now=now)

    async with open_client(
        settings.gocardless_url, make_auth, pace=pace or _pace_of(source_of(settings)), transport=transport
    ) as client:
        yield client


@asynccontextmanager
async def provider(settings: Settings, *, now: Clock = utc_now) -> AsyncIterator[GoCardlessProvider]:
    """Open the provider that the settings name.

    :raises ConfigurationError: if its secret is not set.
    """
    secret(settings)  # at once, and not with each question
    with sessions(settings) as new_session:
        async with bank_data(settings, new_session, now=now) as client:
            yield GoCardlessProvider(client, now=now)


@asynccontextmanager
async def consents(settings: Settings, *, now: Clock = utc_now) -> AsyncIterator[Consents]:
    """Open the consent service of the provider that the settings name."""
    with sessions(settings) as new_session:
        async with bank_data(settings, new_session, now=now) as client:
            vault = Vault(_required(settings.vault_key, "FARTHING_VAULT_KEY"))
            yield Consents(
                client,
                new_session,
                provider=source_of(settings),
                identify=lambda iban: vault.digest("".join(iban.split()).upper()),
                now=now,
            )


def secret(settings: Settings) -> tuple[SecretStr, SecretStr]:
    """Give GoCardless's secret: its id and its key.

    :raises ConfigurationError: if either is not set; it says what to do.
    """
    how = "put GoCardless's two keys in .env and start `farthing up` again, or try `make demo`, which needs none"
    return (
        _required(settings.gocardless_secret_id, "FARTHING_GOCARDLESS_SECRET_ID", how),
        _required(settings.gocardless_secret_key, "FARTHING_GOCARDLESS_SECRET_KEY", how),
    )


def source_of(settings: Settings) -> str:
    """Name the host that tokens and consents belong to: what a sandbox gave must not be sent elsewhere."""
    return f"{PROVIDER} at {httpx.URL(settings.gocardless_url).netloc.decode()}"


@cache
def _pace_of(_source: str) -> Pace:
    """Make one pace a host: GoCardless's limits are for all its clients, and every task of a sync opens its own."""
    return Pace(clock=monotonic, sleep=asyncio.sleep)


class _NoSecret(httpx.Auth):
    """Refuses whatever would be asked."""

    def __init__(self, refusal: ConfigurationError) -> None:
        self._refusal = refusal

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        raise self._refusal
        yield request  # never: it makes this the generator that httpx asks for


def _required(
    value: SecretStr | None,
    name: str,
    how: str = "put it in .env, or start the embedded servers with `farthing up` (or try `make demo`)",
) -> SecretStr:
    if value is None:
        raise ConfigurationError(f"{name} is not set: {how}.")
    return value
