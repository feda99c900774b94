"""What the guide says can be done is what can be done."""

import re
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from farthing.sandbox.actions import AnyAction
from farthing.sandbox.cli import app
from farthing.sandbox.faults import AT_BANK, CALLS, ON_THE_WAY
from farthing.sandbox.scenario import Scenario

TEXT = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text()
CHOICES, _ = get_args(AnyAction.__value__)
ACTIONS = {get_args(each.model_fields["action"].annotation)[0]: each for each in get_args(CHOICES)}


def block(language: str) -> str:
    """Return the guide's only block of code in a language."""
    [found] = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return str(found)


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_the_guide_names_an_action_and_its_fields(name: str) -> None:
    [row] = [line for line in TEXT.splitlines() if line.startswith(f"| `{name}` |")]
    own = set(ACTIONS[name].model_fields) - {"action"}
    if "the same" in row:
        own -= {"account", "institution", "requisition", "entries", "entry"}
    assert own <= set(re.findall(r"`(\w+)`", row.split("|")[2]))


@pytest.mark.parametrize("name", sorted(AT_BANK | ON_THE_WAY))
def test_the_guide_names_a_fault(name: str) -> None:
    assert f"`{name}`" in TEXT.split("### Faults")[1].split("## Scenarios")[0]


def test_the_guide_names_every_call() -> None:
    assert set(CALLS) <= set(re.findall(r"`(\w+)`", TEXT.split("### Faults")[1].split("**What banks say**")[0]))


def test_the_guides_scenario_is_one(tmp_path: Path) -> None:
    (tmp_path / "story.toml").write_text(block("toml"))
    assert len(Scenario.read(tmp_path / "story.toml").steps) == 2


@pytest.mark.parametrize("command", [[], ["raw"]], ids=["serve", "raw"])
def test_the_guide_names_every_option(command: list[str]) -> None:
    told = CliRunner(env={"COLUMNS": "200"}).invoke(app, [*command, "--help"]).output
    options = set(re.findall(r"--[a-z-]+", told)) - {"--help", "--secret-id", "--secret-key", "--home"}
    assert options
    assert options <= set(re.findall(r"--[a-z-]+", TEXT))
