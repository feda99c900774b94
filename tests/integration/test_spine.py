"""The way of the data from a sandbox bank's pages to the published marts, on the real embedded stack."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import polars as pl
import pytest
from rich.console import Console, RenderableType
from typer.testing import CliRunner

from farthing import summary
from farthing.assembly import prepare_stores, sessions
from farthing.cli import app
from farthing.clock import utc_now
from farthing.lake import layout
from farthing.lake.fingerprints import Fingerprint, differences, fingerprints
from farthing.lake.lease import Lease, LeaseLostError, lease
from farthing.lake.store import open_store
from farthing.lake.witness import Witnesses
from farthing.query import run_select
from farthing.rates import known_rates
from farthing.settings import DBT_PROJECT_DIR, Settings
from farthing.stack.demo import BANKS, link_through_the_browser
from farthing.stack.services import prefect_environment
from farthing.stack.stack import running_stack
from farthing.state.queries import linked_accounts
from farthing.status import status
from farthing.sync.report import NotAllPulledError
from tests.integration.ports import free_ports

pytestmark = pytest.mark.integration

BANK = "SANDBOXFINANCE_SFIN0000"
COUNTS = "select count(*), count(distinct transaction_key) from marts.fct_transactions"


@dataclass(frozen=True, slots=True)
class Synced:
    """A running stack whose banks are linked and synced once."""

    settings: Settings
    waited_for: list[str]


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synced]:
    """Run the stack, link both banks and sync; the environment is put back at the end."""
    home = tmp_path_factory.mktemp("spine")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("FARTHING_", "PREFECT_"))}
    ours = {"FARTHING_HOME": str(home), "FARTHING_ENV_FILE": str(home / "none.env"), **free_ports()}
    waited_for: list[str] = []
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, clean | ours, clear=True))
        running = stack.enter_context(running_stack(Settings.load(), say=waited_for.append, with_sandbox=True))
        for bank in BANKS:
            link_through_the_browser(running.settings, bank)
        os.environ |= prefect_environment(running.settings)
        _sync()
        yield Synced(running.settings, waited_for)


def test_says_what_it_waits_for(synced: Synced) -> None:
    assert synced.waited_for == ["Postgres", "S3", "Sandbox bank", "Web", "Prefect"]


def test_prefect_runs_nothing_for_other_sites(synced: Synced) -> None:
    port = synced.settings.prefect_port
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}

    def answer(method: str, path: str, **headers: str) -> int:
        return httpx.request(method, f"http://127.0.0.1:{port}{path}", headers=headers).status_code

    assert answer("GET", "/api/health") == 200
    assert answer("GET", "/api/health", host="elsewhere.test") == 400  # a name that was made to point here
    assert answer("OPTIONS", "/api/flow_runs/", origin="http://elsewhere.test", **asked) == 400
    assert answer("OPTIONS", "/api/flow_runs/", origin=f"http://localhost:{port}", **asked) == 200  # its own page


def test_links_both_banks(synced: Synced) -> None:
    assert summary.linked_institutions(synced.settings) == set(BANKS)


def test_reconciles_every_account_to_the_last_farthing(synced: Synced) -> None:
    rows = run_select(synced.settings, "select account_key, difference from marts.fct_reconciliation")
    accounts = run_select(synced.settings, "select account_key from marts.dim_account")

    assert len(accounts) > 0
    assert set(rows["account_key"]) == set(accounts["account_key"])
    assert [row for row in rows.iter_rows() if row[1] != 0] == []


def test_tells_of_every_account_until_when_it_may_be_read(synced: Synced) -> None:
    with sessions(synced.settings) as new_session, new_session() as session:
        agreed = {account.account_id: account.expires_at for account in linked_accounts(session)}
    rows = run_select(synced.settings, "select unnest(account_ids), consent_ends_at from marts.dim_account")

    assert {account_id: ends_at.replace(tzinfo=UTC) for account_id, ends_at in rows.iter_rows()} == agreed


def test_publishes_every_transaction_once(synced: Synced) -> None:
    rows, keys = _one_row(synced.settings, COUNTS)

    assert rows > 6_000
    assert keys == rows


def test_publishes_a_catalogue_and_keeps_the_builds_own(synced: Synced) -> None:
    store = open_store(synced.settings)

    assert store.exists(layout.CATALOGUE)
    assert store.get(layout.CATALOGUE) in [store.get(key) for key in store.keys("catalogue/builds/")]


def test_serves_a_page_on_every_mart_that_needs_no_other_file(synced: Synced) -> None:
    page = httpx.get(f"http://127.0.0.1:{synced.settings.web_port}/dictionary").raise_for_status().text

    assert {f'"name": "{mart}"' in page for mart in ("fct_transactions", "dim_account")} == {True}
    assert "One row per booked transaction" in page
    assert [
        each for each in re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=[\"']([^\"']+)", page) if "//" in each
    ] == []


def test_keeps_a_raw_answer_for_every_landed_extract(synced: Synced) -> None:
    store = open_store(synced.settings)
    raw = store.keys(layout.raw_prefix("gocardless"))
    landed = _landed(synced.settings, "extracts")

    assert sorted(landed["raw_key"]) == raw
    assert set(landed["outcome"]) == {"ok"}
    assert len(_landed(synced.settings, "transactions")) > 6_000


def test_renders_the_summaries(synced: Synced) -> None:
    text = _text(*status(synced.settings, now=datetime.now(UTC)))
    accounts = len(run_select(synced.settings, "from marts.dim_account"))

    assert f"of {accounts} accounts" in text
    assert "Last sync  " in text
    assert "days left" in text
    assert _text(summary.reconciliation(synced.settings)).count("✓") == accounts
    assert "Spending in" in _text(summary.spending_last_month(synced.settings))


def test_run_in_the_ui_adds_nothing_and_builds_nothing_when_nothing_is_new(synced: Synced) -> None:
    store = open_store(synced.settings)
    before, builds, raw = _one_row(synced.settings, COUNTS), store.keys("catalogue/builds/"), store.keys("raw/")

    state = _press_run(synced.settings)

    assert state == "COMPLETED"
    assert len(store.keys("raw/")) > len(raw)
    assert _one_row(synced.settings, COUNTS) == before
    assert store.keys("catalogue/builds/") == builds


def test_a_run_leaves_its_report_and_a_task_per_question_and_model(synced: Synced) -> None:
    with httpx.Client(base_url=f"{synced.settings.prefect_api_url}/") as prefect:
        wanted = {"artifacts": {"key": {"any_": ["sync-report"]}}, "sort": "CREATED_DESC"}
        [*_, first] = prefect.post("artifacts/filter", json=wanted).json()
        runs = prefect.post("task_runs/filter", json={}).json()
        tasks = {run["name"] for run in runs if run["flow_run_id"] and run["state_type"] == "COMPLETED"}
        logs = prefect.post("logs/filter", json={"limit": 200, "sort": "TIMESTAMP_DESC"}).json()

    assert "22 of 22 questions answered." in first["data"]
    assert {name.rsplit(" ", 1)[0] for name in tasks if name.startswith("pull ")} == {
        "pull accounts",
        "pull details",
        "pull balances",
        "pull transactions",
        "pull institutions",
    }
    assert {"model fct_transactions", "model dim_account", "seed categories"} <= tasks
    assert any("tests passed." in log["message"] for log in logs)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["banks", "DE"], "NORDLICHT_NOLIDEZZ", id="banks"),
        pytest.param(["connect", BANK, "--no-wait"], "http://127.0.0.1:", id="connect"),
        pytest.param(["status"], "Published", id="status"),
        pytest.param(["sync", "--dry-run"], "questions are due.", id="plan"),
        pytest.param(["sync"], "Nothing new: what is published stays.", id="sync"),
        pytest.param(["replay"], "landing files are as before.", id="replay"),
        pytest.param(["rebuild"], "marts are as before: the same rows, the same checksums.", id="rebuild"),
        pytest.param(["vacuum"], "Removed 0 mart files", id="vacuum"),
    ],
)
def test_commands_work_on_the_running_stack(synced: Synced, arguments: list[str], said: str) -> None:
    command = [sys.executable, "-m", "farthing.cli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "160"})

    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert done.stderr == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "sql", "task"),
    [
        pytest.param(
            "models/marts/custom/mine.sql", "select none from {{ ref('dim_account') }}", "model mine", id="model"
        ),
        pytest.param("tests/mine.sql", "select * from {{ ref('dim_account') }}", "test", id="test"),
    ],
)
def test_a_build_that_fails_publishes_nothing_and_names_what_failed(
    synced: Synced, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, sql: str, task: str
) -> None:
    import flows.build  # late, as in _sync
    import flows.dbt_runs

    project = shutil.copytree(
        DBT_PROJECT_DIR, tmp_path / "dbt_project", ignore=shutil.ignore_patterns("target", "logs")
    )
    (project / file).write_text(sql)
    for module in (flows.build, flows.dbt_runs):
        monkeypatch.setattr(module, "DBT_PROJECT_DIR", project)
    store = open_store(synced.settings)
    before = store.get(layout.CATALOGUE), store.keys("catalogue/")

    with pytest.raises(flows.build.BuildFailedError, match=r"^The build failed at mine: nothing new is published\."):
        flows.run_build(ui="")

    assert (store.get(layout.CATALOGUE), store.keys("catalogue/")) == before
    with httpx.Client(base_url=f"{synced.settings.prefect_api_url}/") as prefect:
        failed = prefect.post("task_runs/filter", json={"task_runs": {"state": {"type": {"any_": ["FAILED"]}}}}).json()
    assert task in {run["name"].rsplit("-", 1)[0] for run in failed}


@pytest.fixture(scope="module")
def marts(synced: Synced) -> dict[str, Fingerprint]:
    """Build all that was synced so far, also what told nothing new, and take the fingerprints of the marts."""
    import flows  # late, as in _sync

    flows.run_build(ui="")
    return fingerprints(synced.settings)


@pytest.mark.slow
@pytest.mark.parametrize("where", ["folder", "moto"])
def test_the_same_holds_in_a_folder_and_on_another_s3(
    synced: Synced,
    marts: dict[str, Fingerprint],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    moto_endpoint: str,
    where: str,
) -> None:
    allow = {"action": "allow", "daily_calls": 1_000}
    httpx.post(f"http://127.0.0.1:{synced.settings.sandbox_admin_port}/actions", json=allow).raise_for_status()
    if where == "folder":
        monkeypatch.setenv("FARTHING_LAKE_URL", f"file://{tmp_path}/lake")
    else:
        monkeypatch.setenv("FARTHING_LAKE_URL", "s3://spine/in/a/folder")
        monkeypatch.setenv("FARTHING_S3_ENDPOINT", moto_endpoint)
        monkeypatch.setenv("FARTHING_S3_ACCESS_KEY_ID", "anybody")
        monkeypatch.setenv("FARTHING_S3_SECRET_ACCESS_KEY", "only-for-tests")
    elsewhere, store = Settings.load(), open_store(synced.settings)
    prepare_stores(elsewhere)
    for key in [*store.keys(layout.RAW), *store.keys(layout.REFERENCE)]:
        open_store(elsewhere).put(key, store.get(key))

    for arguments, said in (
        (["rebuild"], "nothing was published before to compare them with."),
        (["sync", "--dry-run"], "questions are due."),
    ):
        command = [sys.executable, "-m", "farthing.cli", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert said in done.stdout
    assert differences(marts, fingerprints(elsewhere)) == []

    before = _one_row(elsewhere, COUNTS)
    assert "answered" in _sync()
    assert _one_row(elsewhere, COUNTS) == before
    assert len(open_store(elsewhere).keys(layout.RAW)) > len(store.keys(layout.RAW))


def test_a_sync_ends_in_one_line_and_asks_nothing_while_another_run_writes(synced: Synced, tmp_path: Path) -> None:
    store = open_store(synced.settings)
    before = [store.keys(prefix) for prefix in ("raw/", "landing/", "marts/", "catalogue/")]
    with lease(
        store, "lake", owner="sync on attic", witnesses=Witnesses(tmp_path), now=utc_now, sleep=time.sleep,
        patience=timedelta(0),
    ):  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "farthing.cli", "sync"], capture_output=True, text=True, check=False
        )

    assert done.returncode == 1
    assert done.stderr.startswith("farthing: sync on attic is writing to the lake: ")
    assert done.stderr.count("\n") == 1
    assert [store.keys(prefix) for prefix in ("raw/", "landing/", "marts/", "catalogue/")] == before


def test_a_sync_that_no_longer_has_the_lake_to_itself_asks_and_lands_nothing(
    synced: Synced, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(synced.settings)
    before = [store.keys(prefix) for prefix in ("raw/", "landing/")]
    checks = iter([None])  # it still has it when it finishes what an earlier run left

    def check(_: Lease) -> None:
        if next(checks, "lost") is not None:
            raise LeaseLostError("lost")

    monkeypatch.setattr(Lease, "check", check)
    with pytest.raises(LeaseLostError):
        _sync()

    assert [store.keys(prefix) for prefix in ("raw/", "landing/")] == before


def test_a_bank_is_connected_and_synced_named_and_forgotten(synced: Synced) -> None:
    command = [sys.executable, "-m", "farthing.cli"]
    environment = os.environ | {"COLUMNS": "160", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen([*command, "connect", BANK], stdout=subprocess.PIPE, text=True, env=environment) as connect:
        assert connect.stdout is not None
        link = next(line.strip() for line in connect.stdout if line.startswith("http"))
        httpx.post(link, data={"decision": "authorise"})  # and the window is closed: nobody comes back
        said = connect.stdout.read()

    assert connect.returncode == 0
    assert "Sandbox Finance is linked" in said
    assert "19 of 19 questions answered. 12 not due." in said  # all that is due, of the other banks as well

    mine = f"select count(*) from marts.dim_account where institution_id = '{BANK}'"
    assert run_select(synced.settings, mine).item() == 2
    account_id = run_select(
        synced.settings, f"select account_ids[1] from marts.dim_account where institution_id = '{BANK}' limit 1"
    ).item()
    named = CliRunner().invoke(app, ["name", account_id[:8], "Pocket money"], catch_exceptions=False)
    assert named.exit_code == 0, named.stderr

    store = open_store(synced.settings)
    for arguments, said, left in (
        (["forget", account_id[:8]], "Removed ", 1),
        (["disconnect", BANK, "--forget"], "1 consent(s) ended, of 1 linked account(s).", 0),
    ):
        done = subprocess.run(
            [*command, *arguments, "--yes"], capture_output=True, text=True, check=False, env=environment
        )
        assert done.returncode == 0, done.stderr
        assert said in done.stdout
        assert (", 1 given names," in done.stdout) is (left == 1)
        assert run_select(synced.settings, mine).item() == left
        assert [key for key in store.keys("") if account_id in key] == []
    assert summary.linked_institutions(synced.settings) == set(BANKS)


def test_syncs_as_of_another_moment_at_a_bank_whose_clock_was_moved(synced: Synced) -> None:
    before, _ = _one_row(synced.settings, COUNTS)
    at = datetime.now(UTC) + timedelta(days=40)
    admin = f"http://127.0.0.1:{synced.settings.sandbox_admin_port}/actions"
    httpx.post(admin, json={"action": "set_time", "to": at.isoformat()}).raise_for_status()

    said = _sync(at.astimezone(timezone(timedelta(hours=14))))

    asked = _landed(synced.settings, "extracts").filter(pl.col("requested_at") == at.isoformat())
    assert len(asked) == 22
    assert {layout.day_of(key) for key in asked["raw_key"]} == {at.date()}
    after, keys = _one_row(synced.settings, COUNTS)
    assert said.startswith("22 of 22 questions answered.")
    assert after == keys > before
    newest = run_select(synced.settings, "select max(booking_date) from marts.fct_transactions").item()
    assert (at.date() - newest).days <= 2
    differences = run_select(synced.settings, "select count(*) from marts.fct_reconciliation where difference <> 0")
    assert differences.item() == 0


def test_the_rates_flow_keeps_what_is_new_of_the_files_of_a_server(
    synced: Synced, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = datetime.now(UTC).date()
    cube = f'<Cube time="{day}"><Cube currency="USD" rate="1.1555"/><Cube currency="SEK" rate="10.95"/></Cube>'

    class Files(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f"<Envelope><Cube>{cube}</Cube></Envelope>".encode())

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("FARTHING_RATES_URL", f"http://127.0.0.1:{server.server_port}/stats/")
        from flows.rates import rates  # late, as in _sync

        assert [rates(), rates()] == [2, 0]
        server.shutdown()

    known, faults = known_rates(open_store(synced.settings))
    assert faults == []
    assert known.filter(rate_date=day.isoformat(), currency="SEK")["rate"].to_list() == ["10.95"]


def test_marks_made_by_commands_show_in_the_next_build(synced: Synced) -> None:
    key, amount = run_select(
        synced.settings,
        "select transaction_key, amount from marts.fct_transactions where amount < -10 order by all limit 1",
    ).row(0)
    for command in (
        ["tag", key[:20], "holiday"],
        ["note", key[:20], "half of it is Anna's"],
        ["split", key[:20], "Groceries=1.50", "Home & garden"],
        ["account", "add", "cash", "Cash box", "--currency", "EUR"],
        ["account", "balance", "cash", "120.50", "--day", "2026-01-01"],
        ["goal", "Boat", "2000", "--account", "Cash box", "--by", "2030-01-01"],
    ):
        # In this process: that a command starts as one of its own shows with others, and takes seconds each time.
        marked = CliRunner().invoke(app, command, catch_exceptions=False)
        assert marked.exit_code == 0, marked.stderr
    done = subprocess.run([sys.executable, "-m", "farthing.cli", "build"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Built, tested and published:" in done.stdout

    marks = f"select tags, note from marts.fct_transactions where transaction_key = '{key}'"
    assert run_select(synced.settings, marks).row(0) == (["holiday"], "half of it is Anna's")
    parts = (
        f"select category, amount from marts.fct_transaction_parts where transaction_key = '{key}' order by part_number"
    )
    assert run_select(synced.settings, parts).rows() == [
        ("Groceries", Decimal("-1.5000")),
        ("Home & garden", amount + Decimal("1.50")),
    ]
    held = "select balance from marts.fct_daily_balance where account_key = 'cash' and balance_date = '2026-01-01'"
    assert run_select(synced.settings, held).item() == Decimal("120.5000")
    assert run_select(synced.settings, "select goal, remaining from marts.fct_goals").rows() == [
        ("Boat", Decimal("1879.5000"))
    ]


def test_marks_a_consent_that_is_over_though_an_account_of_it_was_closed_before(synced: Synced) -> None:
    with sessions(synced.settings) as new_session, new_session() as session:
        [closed, *others] = [each.account_id for each in linked_accounts(session) if each.institution_id == BANKS[0]]
    admin = httpx.Client(base_url=f"http://127.0.0.1:{synced.settings.sandbox_admin_port}")
    admin.post("/actions", json={"action": "close", "account": closed}).raise_for_status()
    now = datetime.fromisoformat(admin.get("/state").json()["now"])
    with pytest.raises(NotAllPulledError) as told:
        _sync(now)
    assert {(each.account_id, each.happened) for each in told.value.failed} == {
        (closed, "the bank never gives this for the account")
    }
    admin.post("/actions", json={"action": "revoke", "institution": BANKS[0]}).raise_for_status()
    later = admin.post("/actions", json={"action": "advance", "hours": 1}).raise_for_status().json()["now"]

    with pytest.raises(NotAllPulledError) as told:
        _sync(datetime.fromisoformat(later))

    assert {each.account_id for each in told.value.failed} == set(others)
    assert BANKS[0] not in summary.linked_institutions(synced.settings)


def _sync(at: datetime | None = None) -> str:
    import flows  # late: importing Prefect reads its address from the environment

    return flows.run_sync(at=at, ui="")


def _press_run(settings: Settings) -> str:
    """Start the deployment as the UI's button does, and wait for the worker to finish it; returns the state."""
    with httpx.Client(base_url=f"{settings.prefect_api_url}/") as prefect:
        deployment = _when(lambda: prefect.get("deployments/name/sync/sync")).json()
        # The server's SQLite may be busy with the deployment beside this one: it then asks to be asked again.
        run = _when(lambda: prefect.post(f"deployments/{deployment['id']}/create_flow_run", json={})).json()
        over = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
        ended = _when(lambda: prefect.get(f"flow_runs/{run['id']}"), lambda run: run["state_type"] in over)
        return str(ended.json()["state_type"])


def _when(
    ask: Callable[[], httpx.Response], is_there: Callable[[dict[str, Any]], bool] = lambda _: True
) -> httpx.Response:
    """Ask until the answer is good and as wished; the worker starts and works beside the tests."""
    deadline = time.monotonic() + 120
    while not ((answer := ask()).is_success and is_there(answer.json())):
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.2)
    return answer


def _one_row(settings: Settings, query: str) -> tuple[int, ...]:
    return tuple(int(value) for value in run_select(settings, query).row(0))


def _landed(settings: Settings, entity: str) -> pl.DataFrame:
    store = open_store(settings)
    keys = store.keys(f"landing/gocardless/{entity}/")
    return pl.concat([pl.read_parquet(store.get(key)) for key in keys], how="diagonal")


def _text(*parts: RenderableType) -> str:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(*parts)
    return captured.get()
