"""Build the marts with dbt, each model a task, and publish them once every test has passed."""

import json
import os
from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger
from prefect_dbt import PrefectDbtRunner, PrefectDbtSettings  # type: ignore[import-untyped]  # ships no types

from farthing.errors import FarthingError
from farthing.lake.catalogue import marts_of, publish
from farthing.lake.store import open_store
from farthing.settings import PROJECT_DIR, Settings


class BuildFailedError(FarthingError):
    """A model or a test failed: what was published stays; the Prefect UI shows which one."""


@flow(name="build")
def build() -> str:
    """Run ``dbt build`` with its tests on what has landed, then publish; returns the build's id."""
    folder = Settings.load().home / "dbt"
    folder.mkdir(parents=True, exist_ok=True)
    run_dbt(folder)
    return publish_build(folder / "target" / "manifest.json")


def run_dbt(folder: Path) -> None:
    """Run ``dbt build`` in this process, a Prefect task a node, with its files in a folder of their own.

    :raises BuildFailedError: if a model or a test fails.
    """
    project = PROJECT_DIR / "dbt_project"
    # An analyst's `dbt build` has its own database and target folder and is not disturbed by ours.
    os.environ |= {
        "DBT_FARTHING_DATABASE": str(folder / "build.duckdb"),
        "DBT_FARTHING_PLUGINS": str(project / "plugins"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    runner = PrefectDbtRunner(
        settings=PrefectDbtSettings(project_dir=project, profiles_dir=project, target_path=folder / "target"),
        raise_on_failure=False,
    )
    result = runner.invoke(["build", "--quiet", "--exclude-resource-type", "unit_test"])  # data tests stay
    if not result.success:
        failed = [
            node.node.name
            for node in getattr(result.result, "results", None) or []
            if node.status in {"error", "fail", "runtime error"}
        ]
        raise BuildFailedError(
            f"The build failed at {', '.join(failed) or 'its start'}: nothing new is published. "
            f"Details: {folder / 'logs' / 'dbt.log'}"
        ) from result.exception


@task(name="publish", cache_policy=NO_CACHE)
def publish_build(manifest: Path) -> str:
    """Make the finished build what people read."""
    settings = Settings.load()
    content = manifest.read_bytes()
    build_id = build_id_of(content)
    marts = marts_of(content)
    publish(open_store(settings), settings, build_id=build_id, marts=marts)
    get_run_logger().info("Published build %s: %d marts.", build_id, len(marts))
    return build_id


def build_id_of(manifest: bytes) -> str:
    """Read from dbt's manifest which invocation made it; mart files carry the same id."""
    return str(json.loads(manifest)["metadata"]["invocation_id"])
