"""Bearer tokens: signed JSON Web Tokens whose expiry clients read, checked by the bank's own clock."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import jwt
from jwt.types import Options

from farthing.sandbox.refusals import authentication_failed, invalid_token
from farthing.sandbox.state import State

_LIVES = {"access": timedelta(days=1), "refresh": timedelta(days=30)}
_OWN_CLOCK: Options = {"verify_exp": False, "verify_iat": False}


class Tokens:
    """The tokens of one pair of secrets; what is signed with the secret outlives the process."""

    def __init__(self, state: State, *, secret_id: str, secret_key: str, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock
        self._pair = f"{secret_id}\n{secret_key}".encode()
        self._key = hashlib.sha256(self._pair).digest()

    def issue(self, secret_id: str, secret_key: str) -> dict[str, object]:
        """Exchange the secrets for a pair of tokens.

        :raises Refusal: if they are not the right ones.
        """
        if not hmac.compare_digest(f"{secret_id}\n{secret_key}".encode(), self._pair):
            raise authentication_failed()
        return self._grant("access") | self._grant("refresh")

    def renew(self, refresh: str) -> dict[str, object]:
        """Exchange a refresh token for an access token.

        :raises Refusal: if it is unknown or too old.
        """
        self.check(refresh, kind="refresh")
        return self._grant("access")

    def check(self, token: str, *, kind: str = "access") -> None:
        """Accept a token.

        :raises Refusal: if it is unknown, of another kind or too old.
        """
        now, since = self._clock(), self._state.tokens_since
        try:
            claims = jwt.decode(token, self._key, algorithms=["HS256"], options=_OWN_CLOCK)
        except jwt.InvalidTokenError:
            raise invalid_token() from None
        is_void = since is not None and claims["iat"] < since.timestamp()
        if claims["token_type"] != kind or claims["exp"] <= now.timestamp() or is_void:
            raise invalid_token()

    def _grant(self, kind: str) -> dict[str, object]:
        now, life = self._clock(), _LIVES[kind]
        claims = {"token_type": kind, "iat": now.timestamp(), "exp": int((now + life).timestamp()), "jti": uuid4().hex}
        token = jwt.encode(claims, self._key, algorithm="HS256")
        return {kind: token, f"{kind}_expires": int(life.total_seconds())}
