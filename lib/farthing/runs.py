"""Runs that are started from afar: Prefect is asked over HTTP, so that neither pages nor commands import it."""

import hashlib
import json
from dataclasses import dataclass

import httpx

_SYNC = "deployments/name/sync/sync"  # flow and deployment, as in prefect.yaml
_OVER = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
_TIMEOUT = httpx.Timeout(10, connect=3)  # seconds


async def start_sync(
    prefect_api_url: str | None, *, once_for: str, transport: httpx.AsyncBaseTransport | None = None
) -> str | None:
    """Have Prefect run a sync, unless it has been asked to for the same reason before.

    :param prefect_api_url: the address of Prefect's API, ``http://host:4200/api``; null if there is none.
    :param once_for: the reason, such as a consent's reference; only a digest of it leaves this process.
    :param transport: what carries the requests, if not the network.
    :returns: the address of the run in Prefect's UI; null if Prefect does not answer or does not know the flow.
    """
    if not prefect_api_url:
        return None
    api_url = prefect_api_url.rstrip("/")
    key = {"idempotency_key": hashlib.sha256(once_for.encode()).hexdigest()}
    try:
        async with httpx.AsyncClient(base_url=api_url, timeout=_TIMEOUT, transport=transport) as http:
            deployment = await _answer(http, "GET", _SYNC)
            run = await _answer(http, "POST", f"deployments/{deployment['id']}/create_flow_run", key)
            return f"{api_url.removesuffix('/api')}/runs/flow-run/{run['id']}"
    except (httpx.HTTPError, httpx.InvalidURL, json.JSONDecodeError, KeyError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """How a run stands: Prefect's word for it, and whether that is its last."""

    name: str
    is_over: bool
    is_good: bool


async def run_state(run_url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> RunState | None:
    """Ask how a run stands.

    :param run_url: what :func:`start_sync` returned.
    :returns: null if Prefect does not answer.
    """
    host, _, run_id = run_url.partition("/runs/flow-run/")
    try:
        async with httpx.AsyncClient(base_url=f"{host}/api", timeout=_TIMEOUT, transport=transport) as http:
            run = await _answer(http, "GET", f"flow_runs/{run_id}")
        kind = str(run["state_type"])
        return RunState(name=str(run["state_name"]), is_over=kind in _OVER, is_good=kind == "COMPLETED")
    except (httpx.HTTPError, httpx.InvalidURL, json.JSONDecodeError, KeyError):
        return None


async def _answer(http: httpx.AsyncClient, method: str, path: str, body: object = None) -> dict[str, str]:
    response = await http.request(method, path, json=body)
    answer = response.raise_for_status().json()
    if not isinstance(answer, dict):
        raise KeyError("id")
    return answer
