"""Bearer tokens: random text that is worth something until a time."""

import hmac
import secrets
from datetime import datetime, timedelta

from farthing.sandbox.refusals import authentication_failed, invalid_token

_ACCESS_LIFE = timedelta(days=1)
_REFRESH_LIFE = timedelta(days=30)


class Tokens:
    """The tokens given out for one pair of secrets; they live as long as the process."""

    def __init__(self, *, secret_id: str, secret_key: str) -> None:
        self._pair = f"{secret_id}\n{secret_key}".encode()
        self._access: dict[str, datetime] = {}
        self._refresh: dict[str, datetime] = {}

    def issue(self, secret_id: str, secret_key: str, *, now: datetime) -> dict[str, object]:
        """Exchange the secrets for a pair of tokens.

        :raises Refusal: if they are not the right ones.
        """
        if not hmac.compare_digest(f"{secret_id}\n{secret_key}".encode(), self._pair):
            raise authentication_failed()
        refresh = _grant(self._refresh, _REFRESH_LIFE, now)
        return {**self._new_access(now), "refresh": refresh, "refresh_expires": int(_REFRESH_LIFE.total_seconds())}

    def renew(self, refresh: str, *, now: datetime) -> dict[str, object]:
        """Exchange a refresh token for an access token.

        :raises Refusal: if it is unknown or too old.
        """
        _check(self._refresh, refresh, now)
        return self._new_access(now)

    def check(self, access: str, *, now: datetime) -> None:
        """Accept an access token.

        :raises Refusal: if it is unknown or too old.
        """
        _check(self._access, access, now)

    def _new_access(self, now: datetime) -> dict[str, object]:
        access = _grant(self._access, _ACCESS_LIFE, now)
        return {"access": access, "access_expires": int(_ACCESS_LIFE.total_seconds())}


def _grant(tokens: dict[str, datetime], life: timedelta, now: datetime) -> str:
    for token in [token for token, expires in tokens.items() if expires <= now]:
        del tokens[token]
    token = secrets.token_urlsafe(32)
    tokens[token] = now + life
    return token


def _check(tokens: dict[str, datetime], token: str, now: datetime) -> None:
    expires = tokens.get(token)
    if expires is None or expires <= now:
        raise invalid_token()
