from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from farthing.errors import ConfigurationError
from farthing.settings import Settings


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("FARTHING_HOME", str(tmp_path))
    monkeypatch.setenv("FARTHING_ENV_FILE", str(tmp_path / "none.env"))
    monkeypatch.setenv("FARTHING_SSM_PATH", "/farthing/test")
    with mock_aws():
        yield


def put(name: str, value: str, kind: str = "String") -> None:
    boto3.client("ssm").put_parameter(Name=f"/farthing/test/{name}", Value=value, Type=kind)  # type: ignore[arg-type]  # one of the types that there are


def test_settings_come_from_the_path_decrypted() -> None:
    put("lake_url", "s3://elsewhere")
    put("gocardless_secret_key", "a secret", "SecureString")

    settings = Settings.load()

    assert settings.lake_url == "s3://elsewhere"
    assert settings.gocardless_secret_key is not None
    assert settings.gocardless_secret_key.get_secret_value() == "a secret"


def test_all_pages_of_the_path_are_read() -> None:
    for name in [*(f"{part}_port" for part in ("web", "prefect", "s3", "sandbox"))]:
        put(name, "7999")
    for name in ("lake_url", "s3_region", "s3_endpoint", "database_url", "web_url", "log_level", "sync_lookback_days"):
        put(name, {"lake_url": "s3://b", "log_level": "ERROR", "sync_lookback_days": "30"}.get(name, "x"))

    settings = Settings.load()  # eleven parameters: AWS answers ten at once

    assert (settings.lake_url, settings.log_level, settings.sync_lookback_days) == ("s3://b", "ERROR", 30)
    assert {settings.web_port, settings.prefect_port, settings.s3_port, settings.sandbox_port} == {7999}


def test_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    put("lake_url", "s3://elsewhere")
    monkeypatch.setenv("FARTHING_LAKE_URL", "s3://here")

    assert Settings.load().lake_url == "s3://here"


def test_a_misspelt_parameter_is_named() -> None:
    put("lake_ulr", "s3://elsewhere")

    with pytest.raises(ConfigurationError, match="FARTHING_LAKE_ULR in /farthing/test is no setting: did you mean"):
        Settings.load()


def test_a_refusal_says_what_to_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")

    with pytest.raises(ConfigurationError, match=r"AWS SSM cannot be read .*: check AWS_REGION and the credentials"):
        Settings.load()
