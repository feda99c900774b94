"""What ``dbt build`` costs on so many transactions, held against the same SQL without dbt, its contracts and its tests.

Run it on a machine that does nothing else: ``python -m bench.building [TRANSACTIONS …]``, 100,000 and 1,000,000 if
none is given. The lake is made up at once (:mod:`bench.ledgers`). The baseline runs the models' SQL, as dbt compiled
it, in their order in one DuckDB of the same settings, and writes each mart as one Parquet file: the least that this SQL
can take.

A script written by hand would be no other baseline. To compute the same tables to the last row it has to hold the same
rules, and would be these models once more, to be kept in step with them; one that leaves out what is hard to tell
computes other tables. Where a hand finds a quicker way, that is the model's to take, and both sides get quicker. So the
ratio tells what dbt adds (its start, the contracts, the tests), and the seconds beside it what the SQL costs.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb

from bench.ledgers import land_ledgers
from farthing.lake.connection import prepare
from farthing.lake.reference.loading import load_reference
from farthing.lake.store import open_store
from farthing.settings import Settings

PROJECT = Path(__file__).parents[1] / "dbt_project"
_CONFIG: dict[str, str | bool | int | float | list[str]] = {  # as in profiles.yml
    "threads": 2,
    "memory_limit": "4GB",
    "block_allocator_memory": "2GB",
    "preserve_insertion_order": "false",
    "disabled_optimizers": "common_subplan",
}
_SLOWEST = 10
_TARGETS = {1_000_000: 25, 10_000_000: 180}  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a process took: seconds of the wall and of processors, and the most memory in bytes."""

    seconds: float
    processor_seconds: float
    memory: int

    def __str__(self) -> str:
        return f"{self.seconds:7.1f} s  {self.processor_seconds:7.1f} s of processors  {self.memory / 1e9:5.1f} GB"


def environment(folder: Path) -> dict[str, str]:
    """Say where the lake, dbt's plugin and its database are; the marts are files, so the database stays in memory."""
    return {
        "FARTHING_ENV_FILE": os.devnull,
        "FARTHING_HOME": str(folder),
        "FARTHING_LAKE_URL": f"file://{folder}/lake",
        "DBT_FARTHING_DATABASE": ":memory:",
        "DBT_FARTHING_PLUGINS": str(PROJECT / "plugins"),
    }


def run(command: Sequence[str], folder: Path) -> Cost:
    """Run a command to its end and measure it.

    :raises SystemExit: if it fails.
    """
    started = time.perf_counter()
    process = subprocess.Popen(command, env=os.environ | environment(folder), cwd=PROJECT.parent)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed.")
    spent = time.perf_counter() - started
    return Cost(seconds=spent, processor_seconds=used.ru_utime + used.ru_stime, memory=used.ru_maxrss * 1024)


def read_project(folder: Path) -> Cost:
    """Run ``dbt parse``: the first build in a folder does so too, and the next ones find what it kept."""
    return _run_dbt(folder, "parse")


def build(folder: Path) -> Cost:
    """Run ``dbt build``, tests and all, but for unit tests, which bring their own rows."""
    return _run_dbt(folder, "build", "--exclude-resource-type", "unit_test")


def _run_dbt(folder: Path, *command: str) -> Cost:
    places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(folder / "target")]
    logs = ["--log-path", str(folder / "logs"), "--log-level-file", "info"]
    dbt = str(Path(sys.executable).with_name("dbt"))
    return run([dbt, "--quiet", *command, *places, *logs], folder)


def slowest(folder: Path) -> list[tuple[float, str]]:
    """Tell what took longest in dbt's newest run, in seconds; two things run at a time."""
    results = json.loads((folder / "target" / "run_results.json").read_bytes())["results"]
    taken = ((float(each["execution_time"]), str(each["unique_id"]).split(".", 2)[2]) for each in results)
    return sorted(taken, reverse=True)[:_SLOWEST]


def run_plainly(folder: Path) -> None:
    """Run the models' compiled SQL, and nothing else."""
    settings = Settings.load()
    connection = duckdb.connect(config=_CONFIG)
    connection.execute("set temp_directory = $1", [str(folder / "spill")])
    prepare(connection, settings)
    load_reference(connection, open_store(settings))
    connection.execute("set variable base_currency = $1", [settings.base_currency])
    manifest = json.loads((folder / "target" / "manifest.json").read_bytes())
    for schema in ("seeds", "staging", "intermediate", "marts"):
        connection.execute(f"create schema {schema}")
    for node in _in_order(manifest):
        _make(connection, node, folder)


def _in_order(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    left = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] in {"seed", "model"}}
    ordered: list[dict[str, Any]] = []
    while left:
        ready = [key for key, node in left.items() if not left.keys() & set(node["depends_on"].get("nodes", []))]
        ordered += [left.pop(key) for key in ready]
    return ordered


def _make(connection: duckdb.DuckDBPyConnection, node: dict[str, Any], folder: Path) -> None:
    name = f"{node['schema']}.{node['name']}"
    if node["resource_type"] == "seed":
        connection.execute(f"create table {name} as from read_csv('{PROJECT / node['original_file_path']}')")
        return
    compiled = folder / "target" / "compiled" / "farthing" / node["original_file_path"]
    sql = compiled.read_text().replace('"memory".', "")
    if node["config"]["materialized"] != "external":
        connection.execute(f"create {node['config']['materialized']} {name} as {sql}")
        return
    file = folder / "plain" / f"{node['name']}.parquet"
    file.parent.mkdir(exist_ok=True)
    connection.execute(f"copy ({sql}) to '{file}' (format parquet)")
    connection.execute(f"create view {name} as from read_parquet('{file}')")


def measure(transactions: int, folder: Path) -> None:
    """Land, build, build plainly, and print.

    The project is read apart from the build, as it is by all builds of a home but its first.
    """
    started = time.perf_counter()
    # In a process of its own: what a process starts is counted with the most memory that it itself had until then.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
        landed = other.submit(land_ledgers, folder / "lake", transactions).result()
    print(f"{landed:,} transactions, landed in {time.perf_counter() - started:.1f} s", flush=True)
    print(f"  dbt parse   {read_project(folder)}  (a first build's, besides)", flush=True)
    built = build(folder)
    target = _TARGETS.get(transactions)
    print(f"  dbt build   {built}" + (f"  (target: {target} s, 8 GB)" if target else ""), flush=True)
    plain = run([sys.executable, "-m", "bench.building", "--plainly", str(folder)], folder)
    print(f"  without dbt {plain}\n  ratio       {built.seconds / plain.seconds:7.2f}")
    for seconds, name in slowest(folder):
        print(f"  {seconds:9.2f} s  {name}", flush=True)


def main() -> None:
    """Measure each number of transactions in a folder of its own."""
    if sys.argv[1:2] == ["--plainly"]:
        run_plainly(Path(sys.argv[2]))
        return
    for transactions in [int(text) for text in sys.argv[1:]] or [100_000, 1_000_000]:
        folder = Path(tempfile.mkdtemp(prefix="farthing-building-"))
        try:
            measure(transactions, folder)
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
