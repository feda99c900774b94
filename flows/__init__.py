"""Prefect flows: order, retries, schedules and reporting. The only code that imports Prefect."""

import asyncio

from farthing.errors import FarthingError


class FlowFailedError(FarthingError):
    """A flow ended in an error nobody foresaw: the Prefect UI has its log."""


def run(name: str, accounts: list[str] | None = None, *, ui: str) -> None:
    """Run a flow in this process.

    :param ui: the Prefect UI's address, named when the flow fails.
    :raises FarthingError: what a person can mend, as the flow raised it.
    :raises FlowFailedError: for anything else.
    """
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    from flows.build import build
    from flows.sync import sync

    try:
        if name == "sync":
            asyncio.run(sync(accounts))
        else:
            build()
    except FarthingError:
        raise
    except Exception as exc:
        raise FlowFailedError(f"The {name} failed ({type(exc).__name__}): its log is at {ui}/runs.") from exc
    finally:
        # Send what is left now: at the process's end the server may be gone, and Prefect would wait for it.
        APILogWorker.drain_all(timeout=10)
        EventsWorker.drain_all(timeout=10)
