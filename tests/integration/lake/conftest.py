"""The stores that a lake may lie in: a folder, the embedded S3 server, and a second S3 implementation."""

from pathlib import Path
from uuid import uuid4

import pytest

from farthing.settings import Settings


@pytest.fixture(scope="session")
def moto_settings(s3_settings: Settings, moto_endpoint: str) -> Settings:
    """Settings of moto's S3 server; name a bucket with ``lake_url``."""
    return s3_settings.model_copy(update={"s3_endpoint": moto_endpoint})


@pytest.fixture(params=["folder", "embedded-s3", "moto"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of an empty lake."""
    if request.param == "folder":
        return Settings(lake_url=f"file://{tmp_path}/lake", home=tmp_path / "home")
    server: Settings = request.getfixturevalue("s3_settings" if request.param == "embedded-s3" else "moto_settings")
    return server.model_copy(update={"lake_url": f"s3://lake-{uuid4().hex[:8]}/in/a/folder", "home": tmp_path / "home"})
