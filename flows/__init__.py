"""Prefect flows: order, retries, schedules and reporting. The only code that imports Prefect."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from farthing.errors import FarthingError


class FlowFailedError(FarthingError):
    """A flow ended in an error nobody foresaw: the Prefect UI has its log."""


def run_sync(
    accounts: list[str] | None = None, *, at: datetime | None = None, since: date | None = None, ui: str
) -> str:
    """Run the flow ``sync`` in this process and return how it went, in words.

    :param accounts: and ``at``, ``since``: see :func:`flows.sync.sync`.
    :param ui: the Prefect UI's address, named when the flow fails.
    :raises FarthingError: what a person can mend, as the flow raised it.
    :raises FlowFailedError: for anything else.
    """
    from flows.sync import sync

    with _told_to_a_person("sync", ui):
        return asyncio.run(sync(accounts, at, since))


def run_build(*, ui: str) -> str:
    """Run the flow ``build`` in this process and return the build's id; for the rest see :func:`run_sync`."""
    from flows.build import build

    with _told_to_a_person("build", ui):
        return build()


@contextmanager
def _told_to_a_person(name: str, ui: str) -> Iterator[None]:
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    try:
        yield
    except FarthingError:
        raise
    except Exception as exc:
        raise FlowFailedError(f"The {name} failed ({type(exc).__name__}): its log is at {ui}/runs.") from exc
    finally:
        # Send what is left now: at the process's end the server may be gone, and Prefect would wait for it.
        APILogWorker.drain_all(timeout=10)
        EventsWorker.drain_all(timeout=10)
