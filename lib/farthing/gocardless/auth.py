"""Bearer tokens: kept, renewed before they lapse, and renewed once more when GoCardless refuses one."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import datetime, timedelta
from typing import Protocol

import httpx
from pydantic import SecretStr, TypeAdapter

from farthing.gocardless.answers import read_answer
from farthing.gocardless.errors import CredentialsRefusedError, StaleTokenError, UnexpectedResponseError
from farthing.gocardless.refusals import WRONG_SECRETS, error_for
from farthing.gocardless.tokens import TokenAnswer, Tokens, digest_of

_MARGIN = timedelta(minutes=5)  # a token must outlive the slowest call made with it
_TOKEN_ANSWER = TypeAdapter(TokenAnswer)


class TokenStore(Protocol):
    """Where the tokens outlive the process. Both methods may block: they are called from a thread."""

    def load(self) -> Tokens | None:
        """Return the tokens last kept, or null."""

    def exchange(self, renew: Callable[[Tokens | None], Tokens]) -> Tokens:
        """Keep and return what ``renew`` makes of the tokens kept.

        Whoever else wants to renew them, in whatever process, waits meanwhile and is then given the new ones.
        """


class TokenAuth(httpx.Auth):
    """Authenticates an :class:`httpx.AsyncClient` with GoCardless's tokens.

    New pairs are rationed (100 an hour for a whole company), so a stored access token is used first, then the refresh
    token, and the secrets last. Whoever needs a renewal at the same time, in this process or another, shares it.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        secret_id: SecretStr,
        secret_key: SecretStr,
        store: TokenStore,
        now: Callable[[], datetime],
    ) -> None:
        """Take what is needed to get tokens.

        :param http: asks for them; as a rule the client that this authenticates.
        :param now: the time (UTC).
        """
        self._http = http
        self._secret_id = secret_id
        self._secret_key = secret_key
        self._owner = digest_of(secret_id, secret_key)
        self._store = store
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
            access = await self._access_token(refused)
            request.headers["Authorization"] = f"Bearer {access.get_secret_value()}"
            response = yield request
            if response.status_code != 401:
                return
            await response.aread()
            if not isinstance(error_for(response), StaleTokenError):
                return  # any other 401 stays one, and repeating it can get the account suspended
            refused = access

    async def _access_token(self, refused: SecretStr | None) -> SecretStr:
        """Find a token, or have one made.

        :param refused: the token that will not do, if one was just refused.
        """
        async with self._lock:
            if self._tokens is None or not self._is_usable(self._tokens, refused):
                self._tokens = await asyncio.to_thread(self._store.load)
            if self._tokens is None or not self._is_usable(self._tokens, refused):
                loop = asyncio.get_running_loop()

                def renew(kept: Tokens | None) -> Tokens:
                    return asyncio.run_coroutine_threadsafe(self._renewed(kept, refused), loop).result()

                # In a thread, because it waits for others and holds a transaction until the answer is stored. It
                # runs to its end even if the call that needs it is cancelled, so that no lock is left behind.
                self._tokens = await asyncio.to_thread(self._store.exchange, renew)
            return self._tokens.access

    def _is_usable(self, tokens: Tokens, refused: SecretStr | None) -> bool:
        is_fresh = tokens.access_expires_at - _MARGIN > self._now()
        return is_fresh and tokens.owner == self._owner and tokens.access != refused

    async def _renewed(self, kept: Tokens | None, refused: SecretStr | None) -> Tokens:
        """Make usable tokens of those kept, with no more calls than it takes."""
        if kept is None or kept.owner != self._owner:
            return await self._new_pair()
        if self._is_usable(kept, refused):
            return kept  # another process has just renewed them
        if kept.refresh_expires_at - _MARGIN <= self._now():
            return await self._new_pair()
        response = await self._post("token/refresh/", refresh=kept.refresh)
        if response.status_code in (400, 401):  # the refresh token is not accepted any more
            return await self._new_pair()
        return kept.renewed(self._read(response), self._now())

    async def _new_pair(self) -> Tokens:
        response = await self._post("token/new/", secret_id=self._secret_id, secret_key=self._secret_key)
        if response.status_code in (400, 401):
            message = f"GoCardless answered {response.status_code}: {WRONG_SECRETS}"
            raise CredentialsRefusedError(message, status=response.status_code)
        answer, at = self._read(response), self._now()
        if answer.refresh is None or answer.refresh_expires is None:
            raise UnexpectedResponseError("POST token/new/: no refresh token came.", status=response.status_code)
        return Tokens(
            access=answer.access,
            access_expires_at=at + timedelta(seconds=answer.access_expires),
            refresh=answer.refresh,
            refresh_expires_at=at + timedelta(seconds=answer.refresh_expires),
            owner=self._owner,
        )

    async def _post(self, path: str, **secrets: SecretStr) -> httpx.Response:
        body = {name: secret.get_secret_value() for name, secret in secrets.items()}
        return await self._http.request("POST", path, json=body, auth=None)

    def _read(self, response: httpx.Response) -> TokenAnswer:
        if not response.is_success:
            raise error_for(response)
        return read_answer(response, _TOKEN_ANSWER)
