import asyncio
import json

import httpx
import pytest

from farthing.runs import start_sync

API_URL = "http://prefect.test:4200/api"
KNOWN = httpx.Response(200, json={"id": "d", "name": "sync"})


class Prefect:
    """Answers as Prefect's API does: the same key gives the same run."""

    def __init__(self, deployment: httpx.Response = KNOWN) -> None:
        self.deployment = deployment
        self.runs: dict[str, str] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/deployments/name/sync/sync":
            return self.deployment
        assert (request.method, request.url.path) == ("POST", "/api/deployments/d/create_flow_run")
        key = json.loads(request.content)["idempotency_key"]
        is_new = key not in self.runs
        return httpx.Response(
            201 if is_new else 200, json={"id": self.runs.setdefault(key, f"run-{len(self.runs) + 1}")}
        )


def start(prefect: Prefect, *, once_for: str = "reference", url: str | None = API_URL) -> str | None:
    return asyncio.run(start_sync(url, once_for=once_for, transport=httpx.MockTransport(prefect)))


def test_gives_the_runs_page_and_starts_one_run_for_one_reason() -> None:
    prefect = Prefect()

    assert start(prefect) == start(prefect) == "http://prefect.test:4200/runs/flow-run/run-1"
    assert start(prefect, once_for="another") == "http://prefect.test:4200/runs/flow-run/run-2"
    assert "reference" not in "".join(prefect.runs)  # the reference lets a bank's callback in


@pytest.mark.parametrize(
    ("url", "deployment"),
    [
        pytest.param(None, KNOWN, id="no-prefect"),
        pytest.param("http://host:port/api", KNOWN, id="no-address"),
        pytest.param(API_URL, httpx.Response(404, json={"detail": "Deployment not found"}), id="not-deployed"),
        pytest.param(API_URL, httpx.Response(200, text="<html>"), id="something-else"),
        pytest.param(API_URL, httpx.Response(200, json=[]), id="another-shape"),
        pytest.param(API_URL, httpx.Response(200, json={}), id="no-id"),
    ],
)
def test_gives_nothing_where_prefect_cannot_run_it(url: str | None, deployment: httpx.Response) -> None:
    assert start(Prefect(deployment), url=url) is None


def test_gives_nothing_when_prefect_is_down() -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("")

    assert asyncio.run(start_sync(API_URL, once_for="reference", transport=httpx.MockTransport(refuse))) is None
