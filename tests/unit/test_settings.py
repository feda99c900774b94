from pathlib import Path

import pytest

from farthing.errors import ConfigurationError
from farthing.settings import PROJECT_DIR, Settings


class Sources:
    """The files and the environment of a test, none of the machine's own."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._patch = patch
        self.env(FARTHING_ENV_FILE=str(folder / "test.env"), FARTHING_HOME=str(folder))

    def env(self, **values: str) -> None:
        for name, value in values.items():
            self._patch.setenv(name, value)

    def file(self, **values: str) -> None:
        self._write("test.env", values)

    def embedded(self, **values: str) -> None:
        self._write("embedded.env", values)

    def _write(self, name: str, values: dict[str, str]) -> None:
        (self._folder / name).write_text("".join(f"{key}={value}\n" for key, value in values.items()))


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sources:
    return Sources(tmp_path, monkeypatch)


def test_takes_the_first_source_that_has_a_value(sources: Sources) -> None:
    seen = []
    sources.embedded(FARTHING_S3_REGION="embedded")
    seen.append(Settings.load().s3_region)
    sources.file(FARTHING_S3_REGION="file")
    seen.append(Settings.load().s3_region)
    sources.env(FARTHING_S3_REGION="environment")
    seen.append(Settings.load().s3_region)
    seen.append(Settings.load(s3_region="argument").s3_region)

    assert seen == ["embedded", "file", "environment", "argument"]


@pytest.mark.parametrize("place", ["file", "env"])
@pytest.mark.parametrize(
    ("name", "hint"),
    [
        pytest.param("FARTHING_LAKE_ULR", "did you mean FARTHING_LAKE_URL?", id="near"),
        pytest.param("FARTHING_QQQQQQQQQQQQQQQQQQQQ", ".env.example", id="far"),
    ],
)
def test_names_a_misspelt_setting_with_a_hint(sources: Sources, place: str, name: str, hint: str) -> None:
    getattr(sources, place)(**{name: "CANARY"})

    with pytest.raises(ConfigurationError) as refused:
        Settings.load()

    assert name in str(refused.value)
    assert hint in str(refused.value)
    assert "CANARY" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("FARTHING_LAKE_URL", "http://canary", id="scheme"),
        pytest.param("FARTHING_SYNC_LOOKBACK_DAYS", "-1", id="range"),
        pytest.param("FARTHING_WEB_PORT", "canary", id="kind"),
        pytest.param("FARTHING_LOCALE", "canary", id="locale"),
    ],
)
def test_names_a_value_that_does_not_fit_without_quoting_it(sources: Sources, name: str, value: str) -> None:
    sources.env(**{name: value})

    with pytest.raises(ConfigurationError, match=name) as refused:
        Settings.load()

    assert "canary" not in str(refused.value)


EMBEDDED = {
    "FARTHING_S3_ENDPOINT": "http://127.0.0.1:7402",
    "FARTHING_S3_ACCESS_KEY_ID": "embedded",
    "FARTHING_S3_SECRET_ACCESS_KEY": "embedded",
}


@pytest.mark.parametrize("place", ["file", "env"])
def test_keeps_embedded_keys_from_another_s3_server(sources: Sources, place: str) -> None:
    sources.embedded(**EMBEDDED, FARTHING_DATABASE_URL="postgresql://h/d")
    getattr(sources, place)(FARTHING_S3_ENDPOINT="https://s3.test")

    settings = Settings.load()

    assert settings.s3_endpoint == "https://s3.test"
    assert settings.s3_access_key_id is None
    assert settings.s3_secret_access_key is None
    assert settings.database_url is not None


def test_uses_embedded_keys_for_the_embedded_server(sources: Sources) -> None:
    sources.embedded(**EMBEDDED)

    assert Settings.load().s3_access_key_id is not None


@pytest.mark.parametrize("place", ["file", "env"])
def test_takes_an_empty_value_for_none(sources: Sources, place: str) -> None:
    getattr(sources, place)(FARTHING_DATABASE_URL="", FARTHING_WEB_PORT="")

    settings = Settings.load()

    assert (settings.database_url, settings.web_port) == (None, 7400)


@pytest.mark.parametrize(
    ("url", "is_sandbox"),
    [
        pytest.param("https://bankaccountdata.gocardless.com/api/v2", False, id="gocardless"),
        pytest.param("http://127.0.0.1:7403/api/v2", True, id="sandbox"),
    ],
)
def test_ends_the_banks_address_with_a_slash_and_knows_a_sandbox(sources: Sources, url: str, is_sandbox: bool) -> None:
    settings = Settings.load(gocardless_url=url)

    assert (settings.gocardless_url, settings.is_sandbox) == (f"{url}/", is_sandbox)


def test_the_example_file_names_every_setting_with_its_default() -> None:
    lines = (PROJECT_DIR / ".env.example").read_text().splitlines()
    shown = dict(line.removeprefix("# ").split("=", 1) for line in lines if line.startswith("# FARTHING_"))

    for name, field in Settings.model_fields.items():
        default = shown.pop(f"FARTHING_{name.upper()}")
        expected = "" if field.default is None or name == "home" else str(field.default)
        assert default == expected, name
    assert shown == {}
