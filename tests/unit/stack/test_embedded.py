import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values

from farthing.errors import StackError
from farthing.settings import EMBEDDED_FILE, Settings
from farthing.stack.embedded import is_embedded, prepare_home, read_or_make
from farthing.stack.services import s3

KEYS = ("FARTHING_VAULT_KEY", "FARTHING_S3_ACCESS_KEY_ID", "FARTHING_S3_SECRET_ACCESS_KEY")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FARTHING_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FARTHING_ENV_FILE", str(tmp_path / "none.env"))
    return tmp_path / "home"


def test_only_the_owner_can_read_the_keys_and_the_lake(home: Path) -> None:
    settings = prepare_home(Settings.load())

    assert stat.S_IMODE((home / EMBEDDED_FILE).stat().st_mode) == 0o600
    assert [file.name for file in home.iterdir()] == [EMBEDDED_FILE]
    s3(settings)
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (home, home / "s3")] == [0o700, 0o700]


def test_returns_settings_with_the_keys_and_addresses(home: Path) -> None:
    settings = prepare_home(Settings.load())

    assert settings.vault_key is not None
    assert settings.s3_secret_access_key is not None
    assert settings.s3_endpoint == f"http://127.0.0.1:{settings.s3_port}"
    assert settings.web_url == f"http://127.0.0.1:{settings.web_port}"


def test_keeps_the_keys_but_follows_the_ports(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_home(Settings.load())
    first = dotenv_values(home / EMBEDDED_FILE)
    monkeypatch.setenv("FARTHING_WEB_PORT", "7999")

    settings = prepare_home(Settings.load())

    second = dotenv_values(home / EMBEDDED_FILE)
    assert [second[name] for name in KEYS] == [first[name] for name in KEYS]
    assert settings.web_url == "http://127.0.0.1:7999"


def test_takes_in_the_values_of_a_further_server(home: Path) -> None:
    settings = prepare_home(Settings.load(), {"FARTHING_GOCARDLESS_URL": "http://127.0.0.1:1/api/v2/"})

    assert settings.gocardless_url == "http://127.0.0.1:1/api/v2/"


def test_says_what_to_do_about_a_folder_that_cannot_be_written(tmp_path: Path, home: Path) -> None:
    home.write_text("a file where the folder should be")  # refuses even root

    with pytest.raises(StackError, match=r"home cannot be written .*FARTHING_HOME"):
        prepare_home(Settings.load())
    with pytest.raises(StackError, match="cannot be written"):
        read_or_make(home / "keys" / "secret.env", {"NAME": "value"})


def test_makes_a_file_of_keys_once(tmp_path: Path) -> None:
    path = tmp_path / "sandbox" / "secret.env"

    assert read_or_make(path, {"NAME": "first"}) == {"NAME": "first"}
    assert read_or_make(path, {"NAME": "second"}) == {"NAME": "first"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_service_with_an_address_of_its_own_is_not_embedded(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARTHING_PREFECT_API_URL", "http://elsewhere:4200/api")
    monkeypatch.setenv("FARTHING_DATABASE_URL", "postgresql://me@elsewhere/farthing")

    settings = prepare_home(Settings.load())

    assert not is_embedded(settings, "prefect_api_url")
    assert not is_embedded(settings, "database_url")
    assert is_embedded(settings, "s3_endpoint")


def test_what_is_set_nowhere_is_embedded(home: Path) -> None:
    before = Settings.load()
    settings = prepare_home(before)

    for name in ("prefect_api_url", "database_url", "s3_endpoint"):
        assert is_embedded(settings, name)
        assert not is_embedded(before, name)
