import io
import json
import socket
import sys
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import flows
from farthing import planning
from farthing.cli import app, main, running
from farthing.cli.output import out
from farthing.lake.reference import BadDecisionError, Budget, CategoryOverride, Rule, current
from farthing.lake.store import open_store
from farthing.provider import Endpoint
from farthing.settings import Settings
from farthing.sync.questions import Step
from farthing.sync.report import Failed, NotAllPulledError

COMMANDS = sorted(command.callback.__name__ for command in app.registered_commands if command.callback)
GROUPS = [
    f"{group.typer_instance.info.name} {command.name}"
    for group in app.registered_groups
    if group.typer_instance
    for command in group.typer_instance.registered_commands
]
QUERY = "select account_name, is_reconciled from marts.fct_reconciliation order by 1"


@pytest.fixture
def asked(lake: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Name the published lake in the environment, where a command finds it."""
    name_in_environment(lake, monkeypatch)
    return lake


def name_in_environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARTHING_ENV_FILE", str(settings.home / "none.env"))
    monkeypatch.setenv("FARTHING_HOME", str(settings.home))
    monkeypatch.setenv("FARTHING_LAKE_URL", settings.lake_url)


def test_lists_its_commands() -> None:
    assert [
        *("banks", "budget", "build", "categories", "categorise", "connect", "demo", "disconnect", "fold", "forget"),
        *("goal", "name", "note", "rates", "rebuild", "renew", "replay", "split", "sql", "status", "sync", "tag", "up"),
        "vacuum",
    ] == COMMANDS


@pytest.mark.parametrize("command", [*COMMANDS, *(each for each in GROUPS if not each.startswith("sandbox"))])
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = CliRunner().invoke(app, [*command.split(), "--help"], terminal_width=200)

    assert result.exit_code == 0
    assert "Example:" in result.output
    assert f"farthing {command}" in result.output


@pytest.mark.usefixtures("asked")
def test_sql_as_a_table() -> None:
    result = CliRunner().invoke(app, ["sql", QUERY])

    assert result.exit_code == 0, result.output
    assert "account_name" in result.output
    assert "Travel" in result.output


@pytest.mark.usefixtures("asked")
def test_sql_shows_brackets_as_they_are() -> None:
    result = CliRunner().invoke(app, ["sql", "select '[/red] [bold]Shop' as merchant"])

    assert "[/red] [bold]Shop" in result.output


@pytest.mark.usefixtures("asked")
def test_sql_lets_no_payer_steer_the_terminal() -> None:
    result = CliRunner().invoke(
        app, ["sql", "select chr(27) || '[8mhidden' || chr(7) as text, chr(155) || '2J' as other"]
    )

    assert "�[8mhidden�" in result.output
    assert {"\x1b", "\x07", "\x9b"}.isdisjoint(result.output)


@pytest.mark.usefixtures("asked")
def test_sql_as_csv() -> None:
    result = CliRunner().invoke(app, ["sql", QUERY, "--format", "csv"])

    assert result.stdout == "account_name,is_reconciled\nJoint,true\nTravel,true\n"


@pytest.mark.usefixtures("asked")
def test_sql_writes_lists_into_csv_as_json() -> None:
    result = CliRunner().invoke(app, ["sql", "select ['a', 'b'] as ids, {'x': 1} as one", "--format", "csv"])

    assert result.stdout == 'ids,one\n"[""a"", ""b""]","{""x"": 1}"\n'


@pytest.mark.usefixtures("asked")
def test_sql_as_json() -> None:
    result = CliRunner().invoke(app, ["sql", QUERY, "--format", "json"])

    assert json.loads(result.stdout) == [
        {"account_name": "Joint", "is_reconciled": True},
        {"account_name": "Travel", "is_reconciled": True},
    ]


@pytest.mark.usefixtures("asked")
def test_sql_as_parquet() -> None:
    result = CliRunner().invoke(app, ["sql", QUERY, "--format", "parquet"])

    assert pl.read_parquet(io.BytesIO(result.stdout_bytes)).rows() == [("Joint", True), ("Travel", True)]


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    "query", ["drop view marts.fct_reconciliation", "select 1; select 2", "from marts.nothing", "select [/x]"]
)
def test_sql_refuses_what_is_no_single_select_in_one_line(
    query: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert_one_line(capsys, monkeypatch, ["sql", query])


def test_a_misspelt_setting_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FARTHING_LAKE_ULR", "s3://farthing")

    line = assert_one_line(capsys, monkeypatch, ["sql", "select 1"])

    assert "did you mean FARTHING_LAKE_URL?" in line


def test_nothing_published_is_one_line(
    empty_lake: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name_in_environment(empty_lake, monkeypatch)

    line = assert_one_line(capsys, monkeypatch, ["sql", "select 1"])

    assert "Nothing is published yet" in line
    assert "farthing sync" in line


@pytest.mark.parametrize("command", ["sync", "build", "rebuild"])
def test_prefect_down_is_one_line(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/api"
    name_in_environment(Settings(lake_url=f"file://{tmp_path}/lake", home=tmp_path / "home"), monkeypatch)
    monkeypatch.setenv("FARTHING_PREFECT_API_URL", url)

    line = assert_one_line(capsys, monkeypatch, [command])

    assert f"Prefect does not answer at {url}" in line
    assert "FARTHING_PREFECT_API_URL" in line


def assert_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> str:
    """Run the command as the shell does; return its one line."""
    monkeypatch.setattr(sys, "argv", ["farthing", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert said.out == ""
    assert said.err.startswith("farthing: ")
    assert said.err.count("\n") == 1, said.err
    return said.err


@pytest.mark.usefixtures("asked")
def test_categorises_and_takes_it_back(asked: Settings) -> None:
    for category, kept in [("Groceries", ["Groceries"]), ("", [])]:
        result = CliRunner().invoke(app, ["categorise", "1", category])
        assert result.exit_code == 0, result.output
        assert [each.category for each in current(open_store(asked), CategoryOverride)] == kept


@pytest.mark.parametrize(
    ("name", "amount", "said"),
    [("Grocery", "10", "did you mean Groceries?"), ("Groceries", "much", "amount: "), ("Food", "-1", "amount: ")],
)
def test_says_what_is_wrong_with_a_budget(asked: Settings, name: str, amount: str, said: str) -> None:
    result = CliRunner().invoke(app, ["budget", name, "--", amount])

    assert isinstance(result.exception, BadDecisionError)
    assert said in str(result.exception)
    assert open_store(asked).keys("reference/") == []


def test_budgets_a_group_from_a_month_on(asked: Settings) -> None:
    result = CliRunner().invoke(app, ["budget", "Food", "450.50", "--month", "2026-03", "--currency", "DKK"])

    assert result.exit_code == 0, result.output
    [kept] = current(open_store(asked), Budget)
    assert kept == Budget.model_validate(
        {"scope": "group", "name": "Food", "currency": "DKK", "month": "2026-03", "amount": "450.50"}
    )


def test_imports_a_file_of_rules_whole_or_not_at_all(asked: Settings, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("pattern,category\ncorner shop,Groceries\nmill,Salary\n")
    bad.write_text("pattern,category\ncorner shop,Cash\nmill,Salery\n,Cash\n")

    assert CliRunner().invoke(app, ["rules", "check", str(good)]).output == "2 rules, no mistakes.\n"
    assert CliRunner().invoke(app, ["rules", "import", str(good)]).exit_code == 0
    refused = CliRunner().invoke(app, ["rules", "import", str(bad)])

    assert refused.stderr.splitlines() == [
        "line 3: category: there is no such category: did you mean Salary?",
        "line 4: pattern: Field required",
    ]
    assert str(refused.exception) == "2 mistakes in bad.csv; nothing was kept."
    assert [rule.category for rule in current(open_store(asked), Rule)] == ["Groceries", "Salary"]
    listed = CliRunner().invoke(app, ["rules", "list"])
    assert "corner shop" in listed.output


def test_a_moment_of_another_zone_is_planned_for_as_the_same_one_of_utc(
    empty_lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_in_environment(empty_lake, monkeypatch)
    monkeypatch.setenv("FARTHING_GOCARDLESS_URL", "http://127.0.0.1:7403/api/v2/")
    asked: list[datetime] = []

    def plan_sync(*_: object, now: datetime, **__: object) -> list[Step]:
        asked.append(now)
        return []

    monkeypatch.setattr(planning, "plan_sync", plan_sync)

    result = CliRunner().invoke(app, ["sync", "--dry-run", "--at", "2026-03-02T01:30:00+02:00"])

    assert result.exit_code == 0, result.output
    assert [now.isoformat() for now in asked] == ["2026-03-01T23:30:00+00:00"]


def test_a_sync_with_failures_ends_in_a_table_of_them(
    lake: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name_in_environment(lake, monkeypatch)
    monkeypatch.setattr(running, "require_prefect", lambda _: None)
    monkeypatch.setattr(out, "width", 160)
    failed = Failed(
        account_id="0123456789", endpoint=Endpoint.BALANCES, happened="the consent lapsed", next_step="`farthing renew`"
    )

    def run_sync(*_: object, **__: object) -> str:
        raise NotAllPulledError("0 of 1 question answered.", [failed])

    monkeypatch.setattr(flows, "run_sync", run_sync)
    monkeypatch.setattr(sys, "argv", ["farthing", "sync"])
    with pytest.raises(SystemExit) as ended:
        main()

    said = capsys.readouterr()
    assert ended.value.code == 1
    assert said.err == "farthing: 0 of 1 question answered.\n"
    [row] = [line for line in said.out.splitlines() if "01234567" in line]
    assert [cell.strip() for cell in row.split("│")[1:-1]] == [
        "01234567", "balances", "the consent lapsed", "`farthing renew`",
    ]  # fmt: skip
