"""The stores that a lake may lie in: a folder, the embedded S3 server, and a second S3 implementation."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from moto.server import ThreadedMotoServer

from farthing.settings import Settings


@pytest.fixture(scope="session")
def moto_settings(s3_settings: Settings) -> Iterator[Settings]:
    """Run moto's S3 server."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield s3_settings.model_copy(update={"s3_endpoint": f"http://127.0.0.1:{port}"})
    server.stop()


@pytest.fixture(params=["folder", "embedded-s3", "moto"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of an empty lake."""
    if request.param == "folder":
        return Settings(lake_url=f"file://{tmp_path}/lake", home=tmp_path / "home")
    server: Settings = request.getfixturevalue("s3_settings" if request.param == "embedded-s3" else "moto_settings")
    return server.model_copy(update={"lake_url": f"s3://lake-{uuid4().hex[:8]}/in/a/folder", "home": tmp_path / "home"})
