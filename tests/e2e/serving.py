"""The web app over a made-up lake, for tests that look at notebooks."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from farthing.explore.books import Books, open_books
from farthing.explore.money import format_money
from farthing.explore.queries import Query
from farthing.settings import Settings
from tests.e2e.servers import free_port, running
from tests.made_up_lake import make_lake

TODAY = date(2026, 8, 31)
OPENS = 90_000  # milliseconds; marimo's scripts are many, and a busy machine takes its time


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The web app over a made-up lake."""

    url: str
    settings: Settings
    books: Books
    log: Path

    def money(self, sql: str, *, currency: str = "EUR", locale: str = "en_IE") -> str:
        """Ask for an amount, and write it as the pages do."""
        return format_money(Query(sql=sql).run(self.books.connection).item(), currency, locale=locale)


@contextmanager
def serving_made_up(folder: Path, *, today: date = TODAY, by_hand: bool = False) -> Iterator[Served]:
    """Make a lake, and run the web app over it."""
    settings = Settings(lake_url=f"file://{folder}/lake", home=folder / "home")
    make_lake(settings, today=today, by_hand=by_hand)
    log = folder / "web.log"
    with serving(settings, log=log) as url:
        yield Served(url=url, settings=settings, books=open_books(settings), log=log)


@contextmanager
def serving(settings: Settings, *, log: Path | None = None) -> Iterator[str]:
    """Run the web app over a lake, and give its address.

    :param log: gets all that the app writes.
    """
    port = free_port()
    environment = {
        "FARTHING_LAKE_URL": settings.lake_url,
        "FARTHING_HOME": str(settings.home),
        "FARTHING_WEB_PORT": str(port),
        "FARTHING_ENV_FILE": os.devnull,
        **({"FARTHING_PREFECT_API_URL": settings.prefect_api_url} if settings.prefect_api_url else {}),
        **(_access(settings) if settings.s3_endpoint else {}),
    }
    url = f"http://127.0.0.1:{port}"
    with running("farthing.web", environment=environment, ready_url=f"{url}/healthz", log=log):
        yield url


def _access(settings: Settings) -> dict[str, str]:
    key, secret = settings.s3_access_key_id, settings.s3_secret_access_key
    assert settings.s3_endpoint is not None
    assert key is not None
    assert secret is not None
    return {
        "FARTHING_S3_ENDPOINT": settings.s3_endpoint,
        "FARTHING_S3_ACCESS_KEY_ID": key.get_secret_value(),
        "FARTHING_S3_SECRET_ACCESS_KEY": secret.get_secret_value(),
    }
