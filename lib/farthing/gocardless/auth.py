"""Bearer tokens: kept, renewed before they lapse, and renewed once more when GoCardless refuses one."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import datetime, timedelta
from typing import Protocol

import httpx
from pydantic import SecretStr, ValidationError

from farthing.gocardless.errors import (
    WRONG_SECRETS,
    CredentialsRefusedError,
    StaleTokenError,
    UnexpectedResponseError,
    error_for,
)
from farthing.gocardless.models import TokenAnswer, Tokens

_MARGIN = timedelta(minutes=5)  # a token must outlive the slowest call made with it


class TokenStore(Protocol):
    """Where the tokens outlive the process. Both methods may block: they are called from a thread."""

    def load(self) -> Tokens | None:
        """Return the tokens last saved, or null."""

    def save(self, tokens: Tokens) -> None:
        """Keep the tokens, in place of earlier ones."""


class TokenAuth(httpx.Auth):
    """Authenticates an :class:`httpx.AsyncClient` with GoCardless's tokens.

    New pairs are rationed (100 an hour for a whole company), so a stored access token is used first, then the refresh
    token, and the secrets last. Calls that run side by side in one process share a renewal.
    """

    def __init__(
        self,
        *,
        secret_id: SecretStr,
        secret_key: SecretStr,
        store: TokenStore,
        base_url: str,
        now: Callable[[], datetime],
    ) -> None:
        self._secret_id = secret_id
        self._secret_key = secret_key
        self._store = store
        self._base_url = httpx.URL(base_url)
        self._now = now
        self._tokens: Tokens | None = None
        self._lock = asyncio.Lock()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Sign the request; where its token is refused as stale, renew it and send the request once more.

        :raises CredentialsRefusedError: if the secrets are wrong.
        :raises BankDataError: if no token can be had for another reason.
        """
        refused: SecretStr | None = None
        for _attempt in (1, 2):
            async with self._lock:
                tokens = await self._kept(refused)
                if tokens is None or not self._is_usable(tokens, refused):
                    renewed = None
                    if tokens is not None and tokens.refresh_expires_at - _MARGIN > self._now():
                        response = yield self._post(request, "token/refresh/", refresh=tokens.refresh)
                        renewed = await self._renewed(tokens, response)
                    if renewed is None:
                        response = yield self._post(
                            request, "token/new/", secret_id=self._secret_id, secret_key=self._secret_key
                        )
                        renewed = await self._new_pair(response)
                    await asyncio.to_thread(self._store.save, renewed)
                    tokens = self._tokens = renewed
            request.headers["Authorization"] = f"Bearer {tokens.access.get_secret_value()}"
            response = yield request
            if response.status_code != 401:
                return
            await response.aread()
            if not isinstance(error_for(response), StaleTokenError):
                return  # any other 401 stays one, and repeating it can get the account suspended
            refused = tokens.access

    async def _kept(self, refused: SecretStr | None) -> Tokens | None:
        """Return the tokens at hand; once those lapse, another process may have stored newer ones."""
        if self._tokens is None or not self._is_usable(self._tokens, refused):
            self._tokens = await asyncio.to_thread(self._store.load) or self._tokens
        return self._tokens

    def _is_usable(self, tokens: Tokens, refused: SecretStr | None) -> bool:
        return tokens.access != refused and tokens.access_expires_at - _MARGIN > self._now()

    def _post(self, request: httpx.Request, path: str, **secrets: SecretStr) -> httpx.Request:
        """Build a call for tokens under the time-outs of the request that needs them."""
        body = {name: secret.get_secret_value() for name, secret in secrets.items()}
        return httpx.Request("POST", self._base_url.join(path), json=body, extensions=request.extensions)

    async def _renewed(self, tokens: Tokens, response: httpx.Response) -> Tokens | None:
        """Read a refresh's answer; null if the refresh token is not accepted, so that the secrets are next."""
        await response.aread()
        if response.status_code in (400, 401):
            return None
        return tokens.renewed(_read(response), self._now())

    async def _new_pair(self, response: httpx.Response) -> Tokens:
        await response.aread()
        if response.status_code in (400, 401):
            message = f"GoCardless answered {response.status_code}: {WRONG_SECRETS}"
            raise CredentialsRefusedError(message, status=response.status_code)
        answer, at = _read(response), self._now()
        if answer.refresh is None or answer.refresh_expires is None:
            raise UnexpectedResponseError("POST token/new/: no refresh token came.", status=response.status_code)
        return Tokens(
            access=answer.access,
            access_expires_at=at + timedelta(seconds=answer.access_expires),
            refresh=answer.refresh,
            refresh_expires_at=at + timedelta(seconds=answer.refresh_expires),
        )


def _read(response: httpx.Response) -> TokenAnswer:
    if not response.is_success:
        raise error_for(response)
    try:
        return TokenAnswer.model_validate_json(response.content)
    except ValidationError as exc:
        message = f"The token answer has {exc.error_count()} bad fields."
        raise UnexpectedResponseError(message, status=response.status_code) from None
