"""Flows, run in this process against the Prefect server of the settings."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING

from farthing.cli.output import out, print_rows
from farthing.errors import ServiceDownError
from farthing.settings import Settings

if TYPE_CHECKING:
    from farthing.sync.report import Failed


def sync(
    settings: Settings, accounts: list[str] | None = None, at: datetime | None = None, since: date | None = None
) -> str:
    """Run the flow ``sync`` and return how it went, in words.

    :raises NotAllPulledError: if questions were not answered well; they are shown as a table.
    """
    from farthing.sync.report import NotAllPulledError

    try:
        with _flow_ui(settings, "sync") as ui:
            from flows import run_sync

            return run_sync(accounts, at=at, since=since, ui=ui)
    except NotAllPulledError as exc:
        _show_failed(settings, exc.failed)
        raise


def build(settings: Settings) -> str:
    """Run the flow ``build`` and return the build's id."""
    with _flow_ui(settings, "build") as ui:
        from flows import run_build

        return run_build(ui=ui)


def require_prefect(settings: Settings) -> None:
    """Make sure that flows can run, before anything is done that they are to follow.

    :raises ServiceDownError: if the Prefect server does not answer.
    """
    import httpx

    url = settings.prefect_api_url
    try:
        httpx.get(f"{url}/health", timeout=5).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL):
        raise ServiceDownError(
            f"Prefect does not answer at {url or 'any address'}: start it with `farthing up`, "
            "or set FARTHING_PREFECT_API_URL."
        ) from None


def _show_failed(settings: Settings, failed: "Sequence[Failed]") -> None:
    from farthing import summary
    from farthing.lake.catalogue import NothingPublishedError

    try:
        names = dict(summary.ask(settings, "select unnest(account_ids), account_name from marts.dim_account"))
    except (NothingPublishedError, ServiceDownError):
        names = {}
    print_rows(
        ["account", "endpoint", "what happened", "what to do next"],
        [
            [
                f"{each.account_id[:8]} {names.get(each.account_id) or ''}".rstrip(),
                each.endpoint.value,
                each.happened,
                each.next_step,
            ]
            for each in failed
        ],
    )


@contextmanager
def _flow_ui(settings: Settings, name: str) -> Iterator[str]:
    """Show that a flow runs; gives the address of the UI that shows more.

    :raises ServiceDownError: if the Prefect server does not answer.
    """
    from farthing.stack.services import prefect_environment

    require_prefect(settings)
    os.environ |= prefect_environment(settings)  # before Prefect is imported, which reads it then
    os.environ["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"  # our own line says what failed, the UI why
    ui = (settings.prefect_api_url or "").removesuffix("/api")
    with out.status(f"{name} is running; watch it at {ui}"):
        yield ui
