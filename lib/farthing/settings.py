"""Settings: one class, read at the edge and handed inwards.

Sources, the first that has a value wins: arguments, the environment (``FARTHING_…``), the file ``.env`` in the
project's folder, an AWS SSM path (only when ``FARTHING_SSM_PATH`` is set), and last the file ``embedded.env`` in
:attr:`Settings.home`, where ``farthing up`` keeps the keys and addresses of the servers it embeds.
"""

import difflib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from farthing.errors import ConfigurationError

PROJECT_DIR = Path(__file__).resolve().parents[2]
DBT_PROJECT_DIR = PROJECT_DIR / "dbt_project"
EMBEDDED_FILE = "embedded.env"
_PREFIX = "FARTHING_"


class Settings(BaseSettings):
    """Everything that can be set, each as ``FARTHING_<NAME>``."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    home: Path = Field(
        default=PROJECT_DIR / ".farthing", description="Folder of the embedded servers: data, keys, logs."
    )
    ssm_path: str | None = Field(
        default=None, description="AWS SSM path with further settings, such as /farthing/prod."
    )

    # Bank data
    gocardless_url: str = Field(
        default="https://bankaccountdata.gocardless.com/api/v2/",
        description="Base address of the GoCardless Bank Account Data API, or of a sandbox bank.",
    )
    gocardless_secret_id: SecretStr | None = Field(default=None, description="Secret id from GoCardless's portal.")
    gocardless_secret_key: SecretStr | None = Field(default=None, description="Secret key that belongs to the id.")
    sync_lookback_days: int = Field(default=14, ge=1, le=90, description="Settled days asked for again by each sync.")
    sync_lookback_by_bank: dict[str, Annotated[int, Field(ge=1, le=90)]] = Field(
        default={}, description='The same for single banks, as {"INSTITUTION_ID": 30}.'
    )

    # The lake
    lake_url: str = Field(
        default="s3://farthing", description="Where the lake lies: s3://bucket[/prefix] or file:///folder."
    )
    s3_endpoint: str | None = Field(default=None, description="Address of an S3 server; empty for AWS's own.")
    s3_region: str = Field(default="eu-west-1", description="Region of the bucket.")
    s3_access_key_id: SecretStr | None = Field(default=None, description="Access key; empty for the usual AWS chain.")
    s3_secret_access_key: SecretStr | None = Field(default=None, description="Secret that belongs to the access key.")

    # Money
    base_currency: str = Field(
        default="EUR",
        pattern=r"^[A-Z]{3}$",
        description="ISO 4217 code of the currency that all amounts are also shown in.",
    )
    locale: str | None = Field(
        default=None,
        description="How all amounts are written, as de_DE; empty for the way of each account's country.",
    )
    rates_url: str = Field(
        default="https://www.ecb.europa.eu/stats/eurofxref/", description="Folder of the ECB's files of exchange rates."
    )

    # State
    database_url: SecretStr | None = Field(
        default=None, description="Postgres, as postgresql://user:password@host/name."
    )
    vault_key: SecretStr | None = Field(default=None, description="Fernet key that encrypts credentials in Postgres.")

    # Flows and pages
    prefect_api_url: str | None = Field(default=None, description="A Prefect server, as http://host:4200/api.")
    web_url: str | None = Field(default=None, description="Address at which people and banks reach the web app.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="WARNING", description="What is logged.")

    # Ports of the embedded servers, all on loopback
    web_port: int = Field(default=7400, ge=1, le=65535, description="Port of the web app.")
    prefect_port: int = Field(default=7401, ge=1, le=65535, description="Port of the embedded Prefect server.")
    s3_port: int = Field(default=7402, ge=1, le=65535, description="Port of the embedded S3 server.")
    sandbox_port: int = Field(default=7403, ge=1, le=65535, description="Port of the sandbox bank.")
    sandbox_admin_port: int = Field(default=7404, ge=1, le=65535, description="Port of the sandbox bank's admin.")

    @field_validator("gocardless_url", "rates_url")
    @classmethod
    def _ends_with_slash(cls, value: str) -> str:
        return value if value.endswith("/") else f"{value}/"

    @field_validator("locale")
    @classmethod
    def _is_a_locale(cls, value: str | None) -> str | None:
        from babel import Locale, UnknownLocaleError  # it takes its time, and few set one

        try:
            return None if value is None else str(Locale.parse(value))
        except (UnknownLocaleError, ValueError):
            raise ValueError("is no locale: write the language and the country, as de_DE") from None

    @field_validator("sync_lookback_by_bank", mode="before")
    @classmethod
    def _is_json(cls, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value  # a file's or SSM's; the environment's is parsed

    @field_validator("lake_url")
    @classmethod
    def _is_a_known_scheme(cls, value: str) -> str:
        if not value.startswith(("s3://", "file://")):
            raise ValueError("must begin with s3:// or file://")
        return value.rstrip("/")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Fix the order of the sources; see the module's docstring."""
        return init_settings, env_settings, _Files(settings_cls)

    @classmethod
    def load(cls, **values: Any) -> Self:
        """Read the settings, with every mistake put in one line that says what to do.

        :raises ConfigurationError: if a name is unknown or a value does not fit; values are not quoted.
        """
        _refuse_unknown_names(os.environ)
        try:
            return cls(**values)
        except ValidationError as exc:
            faults = "; ".join(
                f"{_PREFIX}{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in exc.errors()
            )
            raise ConfigurationError(f"{faults}. Correct it in the environment or in .env.") from None

    @property
    def is_sandbox(self) -> bool:
        """Whether bank data comes from somewhere else than GoCardless itself."""
        return urlsplit(self.gocardless_url).hostname != "bankaccountdata.gocardless.com"


class _Files(PydanticBaseSettingsSource):
    """The sources that are not the environment: ``.env``, SSM, and the embedded servers' own file."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False  # unused: __call__ gives all values at once

    def __call__(self) -> dict[str, Any]:
        env_file = Path(os.environ.get(f"{_PREFIX}ENV_FILE") or PROJECT_DIR / ".env")
        written = _values_of(env_file)
        _refuse_unknown_names(written, where=env_file.name)
        chosen = written | {name: value for name, value in os.environ.items() if value and name.startswith(_PREFIX)}
        if ssm_path := chosen.get(f"{_PREFIX}SSM_PATH"):
            from farthing.ssm import read_parameters  # boto3 takes a while to import

            remote = {f"{_PREFIX}{name.upper()}": value for name, value in read_parameters(ssm_path).items()}
            _refuse_unknown_names(remote, where=ssm_path)
            written = remote | written
            chosen = remote | chosen
        home = Path(chosen.get(f"{_PREFIX}HOME") or self.settings_cls.model_fields["home"].default)
        embedded = _values_of(home / EMBEDDED_FILE)
        if chosen.get(f"{_PREFIX}S3_ENDPOINT"):  # the embedded server's keys are of no use elsewhere
            embedded = {name: value for name, value in embedded.items() if not name.startswith(f"{_PREFIX}S3_")}
        merged = embedded | written
        names = {_PREFIX + name.upper(): name for name in self.settings_cls.model_fields}
        return {names[name]: value for name, value in merged.items() if name in names and value != ""}


def _values_of(path: Path) -> dict[str, str]:
    try:
        values = dotenv_values(path)
    except OSError as exc:
        raise ConfigurationError(f"{path} cannot be read ({type(exc).__name__}): mend its permissions.") from None
    return {name: value for name, value in values.items() if value is not None}


def _refuse_unknown_names(names: Mapping[str, str], *, where: str = "the environment") -> None:
    """Say that a setting is misspelt rather than ignore it."""
    known = {_PREFIX + name.upper() for name in Settings.model_fields} | {f"{_PREFIX}ENV_FILE"}
    for name in names:
        if name.startswith(_PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else "see .env.example for all names."
            raise ConfigurationError(f"{name} in {where} is no setting: {hint}")
