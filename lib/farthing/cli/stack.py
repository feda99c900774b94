"""``farthing up`` and ``farthing demo``: the embedded stack in the foreground."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from farthing.cli import running
from farthing.cli.output import out, step, waiting_for
from farthing.cli.stopping import Stopped
from farthing.settings import Settings

if TYPE_CHECKING:  # the stack takes a while to import
    from farthing.stack.stack import Stack


def up() -> None:
    """Run the stack in the foreground: Postgres, S3, Prefect and the web app.

    Example: `farthing up`
    """
    from farthing.stack.stack import running_stack

    with running_stack(Settings.load(), say=waiting_for) as stack:
        _serve(stack)


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
    with running_stack(Settings.load(), say=waiting_for, with_sandbox=True) as stack:
        settings = stack.settings
        out.print(f"[green]✓[/] the stack is up [dim]({time.monotonic() - began:.1f} s)[/]", highlight=False)
        linked = summary.linked_institutions(settings)
        for bank in BANKS:
            if bank not in linked:
                with step(f"{bank} linked through its consent page"):
                    link_through_the_browser(settings, bank)
        with step("synced, built, tested and published"):
            running.sync(settings)
        out.print(summary.spending_last_month(settings), summary.reconciliation(settings))
        out.print(summary.counts(settings), highlight=False)
        with step("synced again"):
            said = running.sync(settings)
        out.print(f"  [dim]{said}[/]", highlight=False)
        out.print(f"The demo took [bold]{time.monotonic() - began:.0f} s[/].")
        if serve:
            _serve(stack)


def _serve(stack: "Stack") -> None:
    """Show the addresses, then serve until Ctrl-C, which is how serving is meant to end."""
    settings = stack.settings
    web = f"http://127.0.0.1:{settings.web_port}"
    out.print(f"\n  Notebooks    {web}/", highlight=False)
    out.print(f"  Banks        {web}/connect", highlight=False)
    out.print(f"  Prefect      {(settings.prefect_api_url or '').removesuffix('/api')}", highlight=False)
    out.print(f"  The lake     {settings.lake_url} at {settings.s3_endpoint or 'AWS'}", highlight=False)
    out.print("\nServing until Ctrl-C.")
    try:
        stack.supervisor.wait()
    except Stopped:
        out.print("Stopping.")
