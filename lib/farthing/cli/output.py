"""How the commands speak: what several of them say and take, progress, and rows that fit the terminal."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from farthing.plain import plain

out = Console()
err = Console(stderr=True)

SHOWN = "`farthing build` shows it now, the next sync in any case."

TransactionKey = Annotated[
    str, typer.Argument(help="The transaction's key in marts.fct_transactions, or how it begins.")
]


def waiting_for(name: str) -> None:
    """Say what is being waited for."""
    out.print(f"[dim]· {name} …[/]")


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say that a step is done, and how long it took."""
    began = time.monotonic()
    yield
    out.print(f"[green]✓[/] {what} [dim]({time.monotonic() - began:.1f} s)[/]", highlight=False)


def print_rows(columns: list[str], rows: list[list[str]]) -> None:
    """Print a table, or one row below the other where it is too wide for the terminal."""
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    if sum(widths) + 3 * len(widths) < out.width or not rows:
        table = Table(*map(plain, columns))
        for row in rows:
            table.add_row(*map(plain, row))
        out.print(table)
        return
    for number, row in enumerate(rows, start=1):
        table = Table(title=f"row {number}", title_justify="left", show_header=False, box=None)
        for name, value in zip(columns, row, strict=True):
            table.add_row(f"[dim]{plain(name)}[/]", plain(value))
        out.print(table)
