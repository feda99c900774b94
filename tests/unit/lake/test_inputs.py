from collections.abc import Callable
from pathlib import Path

import pytest

from farthing.lake.inputs import read_inputs
from farthing.lake.store import open_store
from farthing.settings import Settings


def _decide(lake: Settings, project: Path) -> None:
    open_store(lake).put("reference/rules/one.parquet", b"")


def _change(lake: Settings, project: Path) -> None:
    (project / "models" / "a.sql").write_text("select 2")


def _rename(lake: Settings, project: Path) -> None:
    (project / "models" / "a.sql").rename(project / "models" / "b.sql")


def _compile(lake: Settings, project: Path) -> None:
    (project / "target").mkdir()
    (project / "target" / "a.sql").write_text("select 1")


@pytest.mark.parametrize(
    ("happens", "changed"),
    [
        pytest.param(_decide, {"reference"}, id="the-owner-decides"),
        pytest.param(_change, {"models"}, id="a-model-changes"),
        pytest.param(_rename, {"models"}, id="a-model-is-renamed"),
        pytest.param(_compile, set(), id="dbt-compiles"),
    ],
)
def test_reads_what_a_build_depends_on(
    happens: Callable[[Settings, Path], None], changed: set[str], empty_lake: Settings, tmp_path: Path
) -> None:
    project = tmp_path / "dbt"
    (project / "models").mkdir(parents=True)
    (project / "models" / "a.sql").write_text("select 1")
    before = read_inputs(open_store(empty_lake), "bank", project=project, base_currency="EUR")

    happens(empty_lake, project)

    after = read_inputs(open_store(empty_lake), "bank", project=project, base_currency="EUR")
    assert {
        name for name in ("reference", "models", "runs") if getattr(before, name) != getattr(after, name)
    } == changed
