from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from farthing.errors import ConfigurationError
from farthing.sandbox import cli, server
from farthing.sandbox.server import STATE_FILE, is_loopback
from farthing.sandbox.state import State, save

SECRETS = {"SANDBOX_SECRET_ID": "demo-id", "SANDBOX_SECRET_KEY": "demo-key"}


def _run(*arguments: str, **environment: str) -> BaseException | None:
    return CliRunner().invoke(cli.app, list(arguments), env=dict.fromkeys(SECRETS, "") | environment).exception


def test_it_does_not_start_without_secrets(tmp_path: Path) -> None:
    refused = _run("--home", str(tmp_path), "--secret-key", "demo-key")
    assert isinstance(refused, ConfigurationError)
    assert "SANDBOX_SECRET_ID" in str(refused)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        pytest.param(["--host", "0.0.0.0"], "--listen-anywhere", id="every address"),
        pytest.param(["--host", "::"], "--listen-anywhere", id="every address of IPv6"),
        pytest.param(["--host", "192.0.2.7"], "--listen-anywhere", id="an address of others"),
        pytest.param(["--scenario", "none.toml"], "none.toml cannot be read", id="no scenario"),
    ],
)
def test_it_refuses_loudly(tmp_path: Path, arguments: list[str], text: str) -> None:
    refused = _run("--home", str(tmp_path), *arguments, **SECRETS)
    assert isinstance(refused, ConfigurationError)
    assert text in str(refused)


def test_it_does_not_start_on_a_spoilt_state_file(tmp_path: Path) -> None:
    (tmp_path / STATE_FILE).write_text("not JSON")
    refused = _run("--home", str(tmp_path), **SECRETS)
    assert isinstance(refused, ConfigurationError)
    assert "move it away" in str(refused)


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    taken = server._listen("127.0.0.1", 0)
    port = taken.getsockname()[1]
    refused = _run("--home", str(tmp_path), "--port", str(port), **SECRETS)
    taken.close()
    assert isinstance(refused, ConfigurationError)
    assert f"127.0.0.1:{port}" in str(refused)


@pytest.mark.parametrize("option", ["--port", "--admin-port"])
def test_a_port_has_a_number(tmp_path: Path, option: str) -> None:
    refused = CliRunner().invoke(cli.app, ["--home", str(tmp_path), option, "0"], env=SECRETS)
    assert refused.exit_code == 2
    assert f"Invalid value for '{option}'" in refused.output


@pytest.mark.parametrize("command", [["truth", "ledger"], []])
def test_another_seed_than_that_of_the_state_is_refused(tmp_path: Path, command: list[str]) -> None:
    save(State(seed=8), tmp_path / STATE_FILE)
    refused = _run(*command, "--home", str(tmp_path), "--seed", "9", **SECRETS)
    assert isinstance(refused, ConfigurationError)
    assert "is of the ledger of seed 8: add --seed 8" in str(refused)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("bank.test", False)],
)
def test_it_knows_the_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_the_truth_adds_up(tmp_path: Path) -> None:
    arguments = [
        "truth",
        str(tmp_path),
        "--home",
        str(tmp_path),
        "--institution",
        "GELATERIA_GELAITZZ",
        "--households",
        "2",
    ]
    done = CliRunner().invoke(cli.app, [*arguments, "--since", "2026-01-01", "--until", "2026-03-31"])
    assert done.exit_code == 0, done.output
    accounts, entries = (pq.read_table(tmp_path / f"{name}.parquet").to_pylist() for name in ("accounts", "entries"))
    assert len(accounts) == 6
    for account in accounts:
        own = [entry for entry in entries if entry["account_key"] == account["account_key"]]
        assert own
        assert account["closing_balance"] == account["opening_balance"] + sum(entry["amount"] for entry in own)
        assert own[-1]["balance_after"] == account["closing_balance"]
