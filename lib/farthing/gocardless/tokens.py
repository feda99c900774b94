"""GoCardless's tokens: what its token calls answer, and what is kept of them."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, ValidationError


def _fits_a_header(token: SecretStr) -> SecretStr:
    text = token.get_secret_value()
    if not (text.isascii() and text.isprintable() and text and " " not in text):
        raise ValueError("a token is printable ASCII")  # otherwise the HTTP library would quote it in its own error
    return token


_Token = Annotated[SecretStr, AfterValidator(_fits_a_header)]
_Seconds = Annotated[int, Field(ge=0, le=10**9)]  # what a date can bear


class TokenAnswer(BaseModel):
    """A new pair, or a new access token alone; lives are in seconds."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    access: _Token
    access_expires: _Seconds
    refresh: _Token | None = None
    refresh_expires: _Seconds | None = None


class Tokens(BaseModel):
    """An access token and the refresh token that renews it, with the times (UTC) at which they lapse.

    ``owner`` is the :func:`digest_of` the secret they were got with; null for tokens kept before it was.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    access: _Token
    access_expires_at: AwareDatetime
    refresh: _Token
    refresh_expires_at: AwareDatetime
    owner: str | None = Field(default=None, repr=False)

    @classmethod
    def from_secret(cls, kept: SecretStr) -> "Tokens | None":
        """Read what :meth:`to_secret` wrote; null if it is of another make, for new ones can be had."""
        try:
            return cls.model_validate_json(kept.get_secret_value())
        except ValidationError:
            return None

    def to_secret(self) -> SecretStr:
        """Write the tokens as text, to be kept encrypted."""
        plain = {"access": self.access.get_secret_value(), "refresh": self.refresh.get_secret_value()}
        return SecretStr(json.dumps(self.model_dump(mode="json") | plain))

    def renewed(self, answer: TokenAnswer, at: datetime) -> Self:
        """Put a new access token in the old one's place; the refresh token stays, for none is sent with it."""
        return self.model_copy(
            update={
                "access": answer.access,
                "access_expires_at": at + timedelta(seconds=answer.access_expires),
            }
        )


def digest_of(secret_id: SecretStr, secret_key: SecretStr) -> str:
    """Name a secret without telling it, so that another one never uses its tokens."""
    parts = (secret_id.get_secret_value(), secret_key.get_secret_value())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
