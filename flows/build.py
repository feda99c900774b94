"""Build the marts and publish them once every test has passed."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from farthing.assembly import PROVIDER, prepare_landing
from farthing.lake.catalogue import publish
from farthing.lake.dictionary import has_dictionary, keep_dictionary
from farthing.lake.inputs import Inputs, read_inputs
from farthing.lake.store import open_store
from farthing.settings import DBT_PROJECT_DIR, Settings
from farthing.writing import sole_writer
from flows.dbt_runs import BuildFailedError, Built, DbtProject, dbt_project, describe_models, run_models, run_tests

__all__ = ["BuildFailedError", "build"]


@flow(name="build")
def build() -> str:
    """Run dbt's models, each a task, then its tests, on what has landed, and publish; returns the build's id."""
    settings = Settings.load()
    folder = settings.home / "dbt"
    try:
        with sole_writer(settings, "build") as held, _sole_use_of(folder), dbt_project(folder) as project:
            prepare_landing(settings)
            # At least these are in what the models read.
            inputs = read_inputs(
                open_store(settings), PROVIDER, project=DBT_PROJECT_DIR, base_currency=settings.base_currency
            )
            built = run_models(project)
            check(folder)
            if not has_dictionary(open_store(settings), models=inputs.models):
                describe(folder, inputs.models)
            held.check()
            return publish_build(built, inputs)
    except BuildFailedError:
        open_store(settings).prepare()  # if the lake is down, that is the reason to tell
        raise


@task(name="test", cache_policy=NO_CACHE)
def check(folder: Path) -> None:
    """Run all data tests as one task, for as a task each they took several times as long."""
    get_run_logger().info("%d tests passed.", run_tests(DbtProject(folder)))


@task(name="describe", cache_policy=NO_CACHE)
def describe(folder: Path, models: str) -> None:
    """Make the page on every mart and column anew, for the models have changed."""
    keep_dictionary(open_store(Settings.load()), describe_models(DbtProject(folder)), models=models)


@task(name="publish", cache_policy=NO_CACHE)
def publish_build(built: Built, inputs: Inputs) -> str:
    """Make the finished build what people read."""
    settings = Settings.load()
    publish(open_store(settings), settings, build_id=built.build_id, marts=built.marts, inputs=inputs)
    get_run_logger().info("Published build %s: %d marts.", built.build_id, len(built.marts))
    return built.build_id


@contextmanager
def _sole_use_of(folder: Path) -> Iterator[None]:
    """Let one build at a time use dbt's folder; another one on this machine waits for its turn."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        yield
