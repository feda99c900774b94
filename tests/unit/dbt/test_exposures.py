"""dbt's exposures say which notebooks read which marts; the notebooks' own words are held against them."""

import ast
import re
from pathlib import Path

import pytest
import yaml

from farthing.settings import DBT_PROJECT_DIR, PROJECT_DIR
from farthing.web.notebooks import NOTEBOOKS_DIR, list_notebooks

NAMES = [each.name for each in list_notebooks()]
MARTS_DIR = DBT_PROJECT_DIR / "models" / "marts"
MARTS = {file.stem for file in MARTS_DIR.rglob("*.sql")}
SHOWS = ("farthing.explore", "farthing.web")  # what stands around a notebook's answer
FILES = sorted(file for file in MARTS_DIR.rglob("*.yml") if file.parent.name != "custom")
EXPOSURES = {each["name"]: each for each in yaml.safe_load((MARTS_DIR / "exposures.yml").read_text())["exposures"]}


def marts_read_by(file: Path, seen: set[Path]) -> set[str]:
    """Find the marts that a module names in its texts, and those that the modules of ours name that it imports."""
    seen.add(file)
    tree = ast.parse(file.read_text())
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    found = {name for text in texts for name in re.findall(r"\b(?:fct|dim)_[a-z_]+", text)} & MARTS
    imports = [(node.module, node.names) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    for module in {name for of, names in imports for name in (of, *(f"{of}.{each.name}" for each in names))}:
        place = PROJECT_DIR / "lib" / Path(*module.split("."))
        for source in (place.with_suffix(".py"), place / "__init__.py"):
            if module.startswith(SHOWS) and source.exists() and source not in seen:
                found |= marts_read_by(source, seen)
    return found


def test_every_notebook_is_an_exposure_and_nothing_else_is() -> None:
    assert sorted(EXPOSURES) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_an_exposure_names_the_marts_that_its_notebook_reads(name: str) -> None:
    read = sorted(marts_read_by(NOTEBOOKS_DIR / f"{name}.py", set()))

    assert EXPOSURES[name]["depends_on"] == [f"ref('{mart}')" for mart in read]
    assert EXPOSURES[name]["url"].endswith(f"/notebooks/{name}/")


@pytest.mark.parametrize(
    "file", sorted((DBT_PROJECT_DIR / "models" / "marts").rglob("*.yml")), ids=lambda file: file.stem
)
def test_every_mart_says_first_what_a_row_is(file: Path) -> None:
    for model in yaml.safe_load(file.read_text()).get("models", []):
        assert re.match(r"One row per [^.]+\.", model["description"]), model["name"]
