"""``farthing sync``, ``build``, ``status`` and ``sql``: the lake, filled and asked."""

import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from farthing.cli import running
from farthing.cli.output import out, print_rows
from farthing.clock import utc_now
from farthing.plain import plain
from farthing.settings import Settings

if TYPE_CHECKING:
    from farthing.sync.questions import Step


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def sync(
    account: Annotated[
        list[str] | None, typer.Option(help="Only accounts whose id begins so; may be given again.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Ask for transactions from this day on.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="Run as of this moment (2026-03-02T08:00:00Z), with a sandbox bank only.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be asked, and ask nothing.")] = False,
) -> None:
    """Pull what is due, build the marts, test and publish them.

    Example: `farthing sync --dry-run`
    """
    settings, moment, day = Settings.load(), _moment(at), since.date() if since else None
    if dry_run:
        from farthing.planning import preview_sync, refuse_another_time

        refuse_another_time(settings, moment)
        now = moment.astimezone(UTC) if moment else utc_now()
        _show_plan(preview_sync(settings, now=now, accounts=account, since=day))
        return
    out.print(running.sync(settings, account, moment, day), highlight=False)


def build() -> None:
    """Build the marts from what has landed, test and publish them.

    Example: `farthing build`
    """
    out.print(f"Built, tested and published: {running.build(Settings.load())}", highlight=False)


def status() -> None:
    """Show accounts, consents, allowances, the last sync and the last build.

    Example: `farthing status`
    """
    from farthing.status import status as read_status

    for part in read_status(Settings.load(), now=utc_now()):
        out.print(part, highlight=False)


def sql(
    query: Annotated[str, typer.Argument(help="One SELECT statement; marts.* are the tables.")],
    output: Annotated[Format, typer.Option("--format", help="How to write the answer.")] = Format.TABLE,
) -> None:
    """Ask the published marts.

    Example: `farthing sql "from marts.fct_transactions limit 5"`
    """
    from farthing.query import run_select, to_csv

    answer = run_select(Settings.load(), query)
    match output:
        case Format.TABLE:
            print_rows(answer.columns, [["" if v is None else str(v) for v in row] for row in answer.iter_rows()])
        case Format.CSV:
            sys.stdout.write(to_csv(answer))
        case Format.JSON:
            sys.stdout.write(answer.write_json() + "\n")
        case Format.PARQUET:
            answer.write_parquet(sys.stdout.buffer)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("a moment looks like 2026-03-02T08:00:00Z", param_hint="--at") from None


def _show_plan(steps: "list[Step]") -> None:
    from farthing.consent import NO_BANK

    if not steps:
        out.print(NO_BANK)
        return
    table = Table("account", "endpoint", "window", "calls left", "due")
    for step in steps:
        ask = step.ask
        table.add_row(
            ask.account_id[:8],
            ask.endpoint.value,
            f"{ask.date_from} – {ask.date_to}" if ask.date_from else "",
            "?" if step.calls_left is None else str(step.calls_left),
            f"[dim]{plain(step.skipped)}[/]" if step.skipped else "[green]yes[/]",
        )
    out.print(table)
    due = sum(step.skipped is None for step in steps)
    out.print(f"{due} of {len(steps)} questions are due.", highlight=False)
