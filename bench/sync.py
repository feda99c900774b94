"""How long a sync of many accounts takes, held against the least that GoCardless's general limit allows.

``python bench/sync.py [ACCOUNTS]`` runs the embedded stack in a folder of its own, links accounts at a bank of the
sandbox, lets the bank take 200 ms for each answer, and syncs. 100 accounts are 400 calls, at 100 a minute: it takes
some minutes, most of them spent waiting. The build, whose cost ``history.py`` measures, is left out.
"""

import asyncio
import math
import os
import socket
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime
from multiprocessing import get_context
from pathlib import Path

import httpx
import polars as pl

from farthing.assembly import PROVIDER, consents
from farthing.lake.landing import read_extracts
from farthing.lake.store import open_store
from farthing.provider import Endpoint
from farthing.settings import Settings
from farthing.stack.services import prefect_environment
from farthing.stack.stack import running_stack

ACCOUNTS = int(sys.argv[1]) if len(sys.argv) > 1 else 100
BANK, PER_PERSON = "SPARSTRUMPF_SPASDEZZ", 2
LATENCY, A_MINUTE = 0.2, 100
TARGET = 1.3


def main() -> None:
    """Link, sync, and compare."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"FARTHING_HOME": folder, "FARTHING_ENV_FILE": str(Path(folder) / "none.env"), **free_ports()}
        with running_stack(Settings.load(), say=lambda _: None, with_sandbox=True) as stack:
            os.environ |= prefect_environment(stack.settings)
            # Linking uses up the limits: the bank's clock is moved, and the process that kept to them is another.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as another:
                linked = another.submit(link, stack.settings).result()
            act(stack.settings, action="advance", minutes=2)
            act(stack.settings, action="break", fault="Slow", seconds=LATENCY)
            import flows.sync  # late: importing Prefect reads its address from the environment

            flows.sync.publish_news = lambda: "Not built."
            began = time.perf_counter()
            said = flows.run_sync(ui="")
            whole = time.perf_counter() - began
            extracts = read_extracts(open_store(stack.settings), PROVIDER, since=date.min)
    extracts = extracts.filter(pl.col("endpoint") != Endpoint.INSTITUTIONS)  # a limit of their own, and never many
    asked = len(extracts)
    first, last = (datetime.fromisoformat(str(at)) for at in (extracts["started_at"].min(), extracts["ended_at"].max()))
    pulls = (last - first).total_seconds()
    least = (math.ceil(asked / A_MINUTE) - 1) * 60 + LATENCY
    print(f"{linked} accounts: {said}")
    print(f"{asked} calls in {pulls:.1f} s, {pulls / least:.2f} times the least of {least:.1f} s (target {TARGET})")
    print(f"The whole sync, with planning and landing: {whole:.1f} s, {whole / least:.2f} times")


def link(settings: Settings) -> int:
    """Link accounts as people do who close the bank's page without coming back; returns how many were found linked."""
    return asyncio.run(_link(settings))


async def _link(settings: Settings) -> int:
    async with consents(settings) as service, httpx.AsyncClient() as browser:
        for person in range(math.ceil(ACCOUNTS / PER_PERSON)):
            begun = await service.begin(BANK, redirect_url="http://127.0.0.1/callback")
            await browser.post(begun.link, data={"decision": "authorise", "user": str(person)})
        return await service.settle() * PER_PERSON


def act(settings: Settings, **action: object) -> None:
    """Have something happen at the sandbox bank."""
    httpx.post(f"http://127.0.0.1:{settings.sandbox_admin_port}/actions", json=action).raise_for_status()


def free_ports() -> dict[str, str]:
    """Choose free ports for the stack's servers."""
    probes = {name: socket.socket() for name in ("WEB", "PREFECT", "S3", "SANDBOX", "SANDBOX_ADMIN")}
    for probe in probes.values():
        probe.bind(("127.0.0.1", 0))
    ports = {f"FARTHING_{name}_PORT": str(probe.getsockname()[1]) for name, probe in probes.items()}
    for probe in probes.values():
        probe.close()
    return ports


if __name__ == "__main__":
    main()
