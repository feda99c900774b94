"""``farthing sync``, ``build``, ``status`` and ``sql``: the lake, filled and asked."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from farthing.cli import running
from farthing.cli.output import out, print_rows
from farthing.settings import Settings


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def sync(
    account: Annotated[list[str] | None, typer.Option(help="Only this account id; may be given again.")] = None,
) -> None:
    """Pull what is due, build the marts, test and publish them.

    Example: `farthing sync`
    """
    out.print(f"{running.sync(Settings.load(), account)} Built, tested and published.", highlight=False)


def build() -> None:
    """Build the marts from what has landed, test and publish them.

    Example: `farthing build`
    """
    out.print(f"Built, tested and published: {running.build(Settings.load())}", highlight=False)


def status() -> None:
    """Show accounts, consents, allowances, the last sync and the last build.

    Example: `farthing status`
    """
    from farthing.assembly import utc_now
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
    from farthing.query import run_select

    answer = run_select(Settings.load(), query)
    match output:
        case Format.TABLE:
            print_rows(answer.columns, [["" if v is None else str(v) for v in row] for row in answer.iter_rows()])
        case Format.CSV:
            sys.stdout.write(answer.write_csv())
        case Format.JSON:
            sys.stdout.write(answer.write_json() + "\n")
        case Format.PARQUET:
            answer.write_parquet(sys.stdout.buffer)
