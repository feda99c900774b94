"""Keys and addresses of the embedded servers, kept in ``embedded.env`` (mode 600) and read like any settings."""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dotenv import dotenv_values

from farthing.errors import StackError
from farthing.settings import EMBEDDED_FILE, Settings
from farthing.stack.postgres import socket_url
from farthing.state.vault import make_key


def prepare_home(settings: Settings, extra: Mapping[str, str] | None = None) -> Settings:
    """Make the folder, and on first use the keys; return the settings with them.

    Only what is not set otherwise is embedded: a service with an address of its own in the settings is left out.

    :param extra: more values for the file, of a server that runs with the others.
    :raises StackError: if the folder cannot be written.
    """
    path = settings.home / EMBEDDED_FILE
    with _writable(settings.home):
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)  # all that the banks told lies in it
        kept = {name: value for name, value in dotenv_values(path).items() if value}
        keys = {name: kept[name] for name in _KEYS if name in kept}
        _write_private(path, _values(settings) | keys | dict(extra or {}))
    return Settings.load()


def read_or_make(path: Path, values: Mapping[str, str]) -> dict[str, str]:
    """Read a private file of keys, or make it with these values on first use."""
    with _writable(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in dotenv_values(path).items() if value}
        if not kept:
            _write_private(path, values)
        return kept or dict(values)


def is_embedded(settings: Settings, name: str) -> bool:
    """Whether a setting's value is the embedded one, so that its server is ours to run."""
    value = dotenv_values(settings.home / EMBEDDED_FILE).get(f"FARTHING_{name.upper()}")
    current = getattr(settings, name)
    return value is not None and value == (
        current.get_secret_value() if hasattr(current, "get_secret_value") else current
    )


_KEYS = ("FARTHING_VAULT_KEY", "FARTHING_S3_ACCESS_KEY_ID", "FARTHING_S3_SECRET_ACCESS_KEY")


def _values(settings: Settings) -> dict[str, str]:
    return {
        "FARTHING_VAULT_KEY": make_key(),
        "FARTHING_S3_ACCESS_KEY_ID": "farthing",
        "FARTHING_S3_SECRET_ACCESS_KEY": secrets.token_urlsafe(24),
        "FARTHING_S3_ENDPOINT": f"http://127.0.0.1:{settings.s3_port}",
        "FARTHING_DATABASE_URL": socket_url(settings.home / "postgres"),
        "FARTHING_PREFECT_API_URL": f"http://127.0.0.1:{settings.prefect_port}/api",
        "FARTHING_WEB_URL": f"http://127.0.0.1:{settings.web_port}",
    }


def _write_private(path: Path, values: Mapping[str, str]) -> None:
    written = path.with_suffix(".new")
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(
            "# Made by `farthing up` for the servers it embeds. The keys are secret: whoever has them reads all.\n"
        )
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    written.replace(path)


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise StackError(
            f"{folder} cannot be written ({exc.strerror}): mend its permissions, "
            "or name another folder with FARTHING_HOME."
        ) from exc
