"""The command ``farthing``: every error a person can mend is one line and a non-zero exit."""

import sys

import typer

from farthing.cli import banks, by_hand, decisions, lake, marks, stack, upkeep
from farthing.cli.output import err
from farthing.cli.stopping import Stopped, stop_on_signals
from farthing.errors import FarthingError
from farthing.plain import plain
from farthing.sandbox import cli as sandbox

app = typer.Typer(
    name="farthing",
    help="Your bank accounts in a lakehouse you own, reconciled to the last farthing.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
)
for command in (
    *(stack.up, stack.demo),
    *(banks.banks, banks.connect, banks.renew, banks.name, banks.disconnect, banks.forget),
    *(decisions.categories, decisions.categorise, decisions.budget, decisions.rates),
    *(marks.tag, marks.note, marks.split, marks.goal),
    *(lake.sync, lake.build, lake.status, lake.sql),
    *(upkeep.replay, upkeep.rebuild, upkeep.fold, upkeep.vacuum),
):
    app.command()(command)
app.add_typer(decisions.rules)
app.add_typer(by_hand.account)
app.add_typer(sandbox.app)


def main() -> None:
    """Run the command; print what a person can mend as one line."""
    stopping = stop_on_signals()
    try:
        app()
    except (FarthingError, Stopped) as exc:
        if stopping.is_set():  # whatever else was said on the way out, such as by dbt, follows from that
            err.print("Stopped; the next run goes on from here.")
            sys.exit(130)
        said = plain(" ".join(str(exc).splitlines()))  # DuckDB's errors have several lines, and brackets of their own
        err.print(f"[bold red]farthing:[/] {said}", soft_wrap=True, highlight=False)
        sys.exit(1)
