"""dbt, run in this process: the models as Prefect tasks, and the tests."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread
from uuid import UUID

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from prefect import Task
from prefect.task_engine import run_task_sync
from prefect_dbt import PrefectDbtRunner, PrefectDbtSettings  # type: ignore[import-untyped]  # ships no types
from prefect_dbt.core._tracker import NodeTaskTracker  # type: ignore[import-untyped]  # ships no types

from farthing.errors import FarthingError
from farthing.lake.catalogue import Mart, marts_of
from farthing.settings import DBT_PROJECT_DIR

_NAMED_AT_MOST = 3
_FAILURES = {"error", "fail", "runtime error"}


class BuildFailedError(FarthingError):
    """A model or a test failed: what was published stays; the Prefect UI shows which one."""


@dataclass(frozen=True, slots=True)
class DbtProject:
    """Our dbt project, with a folder for what a run of it leaves behind."""

    folder: Path

    @property
    def target(self) -> Path:
        """Where dbt writes what it compiled and found."""
        return self.folder / "target"

    @property
    def manifest(self) -> Path:
        """What dbt knows of the project's models."""
        return self.target / "manifest.json"

    @property
    def log(self) -> Path:
        """What dbt did, in its own words."""
        return self.folder / "logs" / "dbt.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build made: its id, which the mart files carry in their names, and the marts."""

    build_id: str
    marts: list[Mart]


@contextmanager
def dbt_project(folder: Path) -> Iterator[DbtProject]:
    """Point dbt at a database and folders of our own, so that an analyst's ``dbt build`` is not disturbed."""
    os.environ |= {
        "DBT_FARTHING_DATABASE": ":memory:",  # it holds views and seeds only: the marts are files in the lake
        "DBT_FARTHING_PLUGINS": str(DBT_PROJECT_DIR / "plugins"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    _close_databases()  # whoever ran dbt in this process before may have left one that reads and writes another lake
    try:
        yield DbtProject(folder)
    finally:
        _close_databases()


def _close_databases() -> None:
    """Close what dbt would keep open, and in memory, as long as the process lives."""
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]  # dbt-duckdb ships no types here


class _Runner(PrefectDbtRunner):  # type: ignore[misc]  # ships no types
    """Prefect's runner, whose threads go on in the context of the flow.

    In a new one Prefect reads all its settings and makes three clients anew for each task, each with a TLS context of
    its own, which took as long as the models.
    """

    def invoke(self, args: list[str]) -> dbtRunnerResult:
        self._flow = copy_context()
        result: dbtRunnerResult = super().invoke(args)
        return result

    def _callback_worker(self) -> None:
        self._flow.run(super()._callback_worker)

    def _call_task(
        self, task_state: NodeTaskTracker, node: object, context: dict[str, object], enable_assets: bool
    ) -> None:
        task_state.run_task_in_thread = partial(_run_task_in_thread, task_state)
        super()._call_task(task_state, node, context, enable_assets)


def _run_task_in_thread(
    tracker: NodeTaskTracker,
    node_id: str,
    task: Task[..., object],
    *,
    task_run_id: UUID,
    parameters: dict[str, object],
    **_: object,
) -> None:
    """Do as the tracker's own method does, but in the context of this thread: it needs none put together anew."""

    def run() -> None:
        before = map(tracker.get_task_result, tracker.get_node_dependencies(node_id))
        state = run_task_sync(
            task,
            task_run_id=task_run_id,
            parameters=parameters,
            wait_for=[each for each in before if each],
            return_type="state",
        )
        tracker.set_task_result(node_id, state)

    Thread(target=copy_context().run, args=[run], daemon=True).start()


def run_models(project: DbtProject) -> Built:
    """Run seeds and models, a Prefect task each.

    :raises BuildFailedError: if one fails.
    """
    settings = PrefectDbtSettings(project_dir=DBT_PROJECT_DIR, profiles_dir=DBT_PROJECT_DIR, target_path=project.target)
    runner = _Runner(settings=settings, raise_on_failure=False)
    try:
        result = runner.invoke(["build", "--quiet", "--exclude-resource-type", "test", "unit_test", "exposure"])
    except ValueError as exc:  # how the runner says that dbt could not even begin
        raise _failed([], project) from exc
    _count(result, project)
    manifest = project.manifest.read_bytes()  # now: the tests' own invocation writes it anew
    return Built(build_id=json.loads(manifest)["metadata"]["invocation_id"], marts=marts_of(manifest))


def run_tests(project: DbtProject) -> int:
    """Run all data tests on what :func:`run_models` made, in the same process, and count them.

    :raises BuildFailedError: if one fails.
    """
    result = _invoke(project, "test", "--no-write-json", "--exclude-resource-type", "unit_test")
    return _count(result, project)


def describe_models(project: DbtProject) -> bytes:
    """Write dbt's documentation of what :func:`run_models` made, in the same process: a page that needs no other file.

    :raises BuildFailedError: if dbt cannot.
    """
    result = _invoke(project, "docs", "generate", "--static", "--no-compile")
    if not result.success:
        raise _failed(["the data dictionary"], project) from result.exception
    return (project.target / "static_index.html").read_bytes()


def _invoke(project: DbtProject, *command: str) -> dbtRunnerResult:
    folders = {"project-dir": DBT_PROJECT_DIR, "profiles-dir": DBT_PROJECT_DIR, "target-path": project.target}
    # What is left out of the log is every statement: writing them took as long as a third of the tests.
    logs = {"log-level": "none", "log-level-file": "info"}
    return dbtRunner().invoke([*command, *(f"--{name}={value}" for name, value in (folders | logs).items())])


def _count(result: dbtRunnerResult, project: DbtProject) -> int:
    nodes: Sequence[object] = getattr(result.result, "results", None) or []
    if not result.success:
        failed = [node.node.name for node in nodes if node.status in _FAILURES]  # type: ignore[attr-defined]  # dbt's own union
        raise _failed(failed, project) from result.exception
    return len(nodes)


def _failed(names: Sequence[str], project: DbtProject) -> BuildFailedError:
    where = ", ".join(names[:_NAMED_AT_MOST]) or "its start"
    more = f" and {len(names) - _NAMED_AT_MOST} more" if len(names) > _NAMED_AT_MOST else ""
    return BuildFailedError(
        f"The build failed at {where}{more}: nothing new is published. dbt's own words are in {project.log}."
    )
