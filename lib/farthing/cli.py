"""The command ``farthing``: every error a person can mend is one line and a non-zero exit."""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from farthing.errors import FarthingError, ServiceDownError
from farthing.settings import Settings

if TYPE_CHECKING:  # the stack takes a while to import
    from farthing.stack.stack import Stack

app = typer.Typer(
    name="farthing",
    help="Your bank accounts in a lakehouse you own, reconciled to the last farthing.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
)
out = Console()
err = Console(stderr=True)


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


class Stopped(SystemExit):
    """Ctrl-C or a SIGTERM: everything that was started is stopped on the way out."""


def main() -> None:
    """Run the command; print what a person can mend as one line."""
    stopping = _stop_on_signals()
    try:
        app()
    except (FarthingError, Stopped) as exc:
        if stopping.is_set():  # whatever else was said on the way out, such as by dbt, follows from that
            err.print("Stopped; the next run goes on from here.")
            sys.exit(130)
        said = escape(" ".join(str(exc).splitlines()))  # DuckDB's errors have several lines, and brackets of their own
        err.print(f"[bold red]farthing:[/] {said}", soft_wrap=True, highlight=False)
        sys.exit(1)


@app.command()
def up() -> None:
    """Run the stack in the foreground: Postgres, S3, Prefect and the web app.

    Example: `farthing up`
    """
    from farthing.stack.stack import running_stack

    with running_stack(Settings.load(), say=_waiting_for) as stack:
        _serve(stack)


@app.command()
def demo(
    serve: Annotated[bool, typer.Option(help="Keep serving until Ctrl-C when the demo is done.")] = True,
) -> None:
    """Link a sandbox household, sync it, build the marts and show them.

    Example: `farthing demo --no-serve`
    """
    from farthing import summary
    from farthing.stack.demo import BANKS, link_through_the_browser
    from farthing.stack.stack import running_stack

    began = time.monotonic()
    with running_stack(Settings.load(), say=_waiting_for, with_sandbox=True) as stack:
        settings = stack.settings
        _done("the stack is up", began)
        linked = summary.linked_institutions(settings)
        for bank in BANKS:
            if bank not in linked:
                step = time.monotonic()
                link_through_the_browser(settings, bank)
                _done(f"{bank} linked through its consent page", step)
        step = time.monotonic()
        _sync(settings)
        _done("synced, built, tested and published", step)
        out.print(summary.spending_last_month(settings), summary.reconciliation(settings))
        out.print(summary.counts(settings), highlight=False)
        step = time.monotonic()
        _sync(settings)
        _done("synced again with nothing new", step)
        out.print(f"The demo took [bold]{time.monotonic() - began:.0f} s[/].")
        if serve:
            _serve(stack)


@app.command()
def banks(
    country: Annotated[str, typer.Argument(help="Two letters, such as DE or GB.")],
) -> None:
    """List the banks of a country.

    Example: `farthing banks DE`
    """
    from farthing.assembly import consents

    async def listed() -> Table:
        async with consents(Settings.load()) as service:
            table = Table("id", "name", "history", "access")
            for bank in await service.institutions(country):
                table.add_row(bank.id, bank.name, f"{bank.history_days} days", f"{bank.access_days} days")
            return table

    out.print(asyncio.run(listed()))


@app.command()
def connect(
    institution: Annotated[str, typer.Argument(help="The bank's id, as `farthing banks` lists it.")],
) -> None:
    """Begin a consent and print the bank's page for it; the web app must be up for the way back.

    Example: `farthing connect SANDBOXFINANCE_SFIN0000`
    """
    from farthing.assembly import consents, prepare_stores

    settings = Settings.load()
    prepare_stores(settings)

    async def begun() -> str:
        async with consents(settings) as service:
            return await service.begin(institution, redirect_url=f"{settings.web_url}/consent/callback")

    out.print("Open this page, agree, and come back:")
    out.print(asyncio.run(begun()), soft_wrap=True, highlight=False)


@app.command()
def sync(
    account: Annotated[list[str] | None, typer.Option(help="Only this account id; may be given again.")] = None,
) -> None:
    """Pull what is due, build the marts, test and publish them.

    Example: `farthing sync`
    """
    out.print(f"{_sync(Settings.load(), account)} Built, tested and published.", highlight=False)


@app.command()
def build() -> None:
    """Build the marts from what has landed, test and publish them.

    Example: `farthing build`
    """
    with _flow_ui(Settings.load(), "build") as ui:
        from flows import run_build

        build_id = run_build(ui=ui)
    out.print(f"Built, tested and published: {build_id}", highlight=False)


@app.command()
def status() -> None:
    """Show accounts, consents, allowances, the last sync and the last build.

    Example: `farthing status`
    """
    from farthing import summary

    for part in summary.status(Settings.load()):
        out.print(part, highlight=False)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One SELECT statement; marts.* are the tables.")],
    output: Annotated[Format, typer.Option("--format", help="How to write the answer.")] = Format.TABLE,
) -> None:
    """Ask the published marts.

    Example: `farthing sql "from marts.fct_transactions limit 5"`
    """
    from farthing.query import run_select

    answer = run_select(Settings.load(), query)
    match output:
        case Format.TABLE:
            _print_rows(answer.columns, [["" if v is None else str(v) for v in row] for row in answer.iter_rows()])
        case Format.CSV:
            sys.stdout.write(answer.write_csv())
        case Format.JSON:
            sys.stdout.write(answer.write_json() + "\n")
        case Format.PARQUET:
            answer.write_parquet(sys.stdout.buffer)


def _print_rows(columns: list[str], rows: list[list[str]]) -> None:
    """Print a table, or one row below the other where it is too wide for the terminal."""
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    if sum(widths) + 3 * len(widths) < out.width or not rows:
        table = Table(*map(escape, columns))
        for row in rows:
            table.add_row(*map(escape, row))
        out.print(table)
        return
    for number, row in enumerate(rows, start=1):
        table = Table(title=f"row {number}", title_justify="left", show_header=False, box=None)
        for name, value in zip(columns, row, strict=True):
            table.add_row(f"[dim]{escape(name)}[/]", escape(value))
        out.print(table)


def _sync(settings: Settings, accounts: list[str] | None = None) -> str:
    with _flow_ui(settings, "sync") as ui:
        from flows import run_sync

        return run_sync(accounts, ui=ui)


@contextmanager
def _flow_ui(settings: Settings, name: str) -> Iterator[str]:
    """Let a flow run in this process against the settings' Prefect server, whose UI's address is given."""
    import httpx

    from farthing.stack.services import prefect_environment

    url = settings.prefect_api_url
    try:
        httpx.get(f"{url}/health", timeout=5).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL):
        raise ServiceDownError(
            f"Prefect does not answer at {url or 'any address'}: start it with `farthing up`, "
            "or set FARTHING_PREFECT_API_URL."
        ) from None
    os.environ |= prefect_environment(settings)  # before Prefect is imported, which reads it then
    os.environ["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"  # our own line says what failed, the UI why
    ui = (url or "").removesuffix("/api")
    with out.status(f"{name} is running; watch it at {ui}"):
        yield ui


def _serve(stack: "Stack") -> None:
    """Show the addresses, then serve until Ctrl-C, which is how serving is meant to end."""
    settings = stack.settings
    web = f"http://127.0.0.1:{settings.web_port}"
    out.print(f"\n  Spending     {web}/notebooks/spending", highlight=False)
    out.print(f"  Banks        {web}/connect", highlight=False)
    out.print(f"  Prefect      {(settings.prefect_api_url or '').removesuffix('/api')}", highlight=False)
    out.print(f"  The lake     {settings.lake_url} at {settings.s3_endpoint or 'AWS'}", highlight=False)
    out.print("\nServing until Ctrl-C.")
    try:
        stack.supervisor.wait()
    except Stopped:
        out.print("Stopping.")


def _waiting_for(name: str) -> None:
    out.print(f"[dim]· {name} …[/]")


def _done(what: str, since: float) -> None:
    out.print(f"[green]✓[/] {what} [dim]({time.monotonic() - since:.1f} s)[/]", highlight=False)


def _stop_on_signals() -> threading.Event:
    """End the command on the first Ctrl-C or SIGTERM, and let nothing cut the stopping short."""
    stopping = threading.Event()

    def stop(_signum: int, _frame: object) -> None:
        if not stopping.is_set():
            stopping.set()
            raise Stopped

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return stopping


if __name__ == "__main__":
    main()
