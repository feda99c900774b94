"""Runs that are started from afar: Prefect is asked over HTTP, so that neither pages nor commands import it."""

import hashlib
import json

import httpx

_SYNC = "deployments/name/sync/sync"  # flow and deployment, as in prefect.yaml
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


async def _answer(http: httpx.AsyncClient, method: str, path: str, body: object = None) -> dict[str, str]:
    response = await http.request(method, path, json=body)
    answer = response.raise_for_status().json()
    if not isinstance(answer, dict):
        raise KeyError("id")
    return answer
