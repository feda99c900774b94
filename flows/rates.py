"""Fetch the European Central Bank's newest exchange rates; the next build uses them."""

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from farthing.clock import utc_now
from farthing.lake.store import open_store
from farthing.rates import update_rates
from farthing.settings import Settings


@flow(name="rates")
def rates() -> int:
    """Keep what rates are new and count them; a failure stops nothing: the rates that are known stay in use."""
    return fetch()


@task(name="fetch", retries=2, retry_delay_seconds=[60, 600], cache_policy=NO_CACHE)
def fetch() -> int:
    """Fetch the smallest of the ECB's files that leaves no gap."""
    settings = Settings.load()
    new = update_rates(open_store(settings), settings.rates_url, now=utc_now())
    get_run_logger().info("%d new exchange rates.", new)
    return new
