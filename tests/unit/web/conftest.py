from collections.abc import Iterator
from contextlib import nullcontext

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from farthing.clock import utc_now
from farthing.settings import Settings
from farthing.web.app import create_app
from tests.unit.web.made_up import NOW, ORIGIN, MadeUpConsents, Outside


@pytest.fixture
def consents() -> MadeUpConsents:
    return MadeUpConsents()


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture
def app(lake: Settings, consents: MadeUpConsents, outside: Outside) -> FastAPI:
    settings = lake.model_copy(update={"prefect_api_url": "http://127.0.0.1:7401/api"})
    outside_of_it = httpx.MockTransport(outside)
    app = create_app(settings, lambda _: nullcontext(consents), notebooks=[], transport=outside_of_it)
    app.dependency_overrides[utc_now] = lambda: NOW
    return app


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url=ORIGIN, follow_redirects=False) as client:
        yield client


@pytest.fixture
def sandboxed(lake: Settings, consents: MadeUpConsents) -> TestClient:
    """Ask an app whose bank data is a sandbox's."""
    settings = lake.model_copy(update={"gocardless_url": "http://127.0.0.1:7403/api/v2/"})
    return TestClient(create_app(settings, lambda _: nullcontext(consents), notebooks=[]), base_url=ORIGIN)
