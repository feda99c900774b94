"""The published books, copied to this machine once a build: fast to ask, and still there when the lake is not.

A build's files never change, so a copy is made of whole files and is as true as the lake. The copies lie in
``<home>/notebooks/<edition>/``, readable by their owner alone.
"""

import hashlib
import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from farthing.errors import FarthingError, ServiceDownError
from farthing.explore.locales import Locales, read_locales
from farthing.lake import layout
from farthing.lake.catalogue import NothingPublishedError, catalogue_views, create_view, views_of
from farthing.lake.store import ObjectStore, open_store
from farthing.settings import Settings

_FILE = "farthing.duckdb"
_KEPT = 2  # the newest, and the one before it for pages that are still open

_copying = threading.Lock()
_open: dict[Path, duckdb.DuckDBPyConnection] = {}


class BrokenBooksError(FarthingError):
    """What is published cannot be read, and there is no earlier copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """One published build, opened for reading.

    :ivar connection: ``marts.<name>`` resolves; for one session.
    :ivar edition: names the build by what is in its catalogue.
    :ivar warning: why this is not what is published now; null if it is.
    :ivar marts: names of the marts in it; an older build may lack some.
    :ivar locale: in which the owner wants all amounts; null for that of each account.
    """

    connection: duckdb.DuckDBPyConnection
    edition: str
    warning: str | None
    marts: frozenset[str]
    locale: str | None = None

    def has(self, *marts: str) -> bool:
        """Whether the build has all of these marts."""
        return self.marts.issuperset(marts)

    def columns(self, mart: str) -> frozenset[str]:
        """List the columns of a mart; none if it is not there."""
        rows = self.connection.execute(
            "select column_name from duckdb_columns() where schema_name = 'marts' and table_name = $1", [mart]
        ).fetchall()
        return frozenset(name for (name,) in rows)

    def locales(self) -> Locales:
        """Tell in which locale each account's amounts are written."""
        found: list[tuple[str, str | None, str | None]] = []
        if self.has("dim_account", "dim_institution"):
            found = self.connection.execute(
                """
                select
                    account_key,
                    case when iban_masked similar to '[A-Z]{2}.*' then left(iban_masked, 2) else country end,
                    currency
                from marts.dim_account left join marts.dim_institution using (institution_id)
                order by account_key
                """
            ).fetchall()
        return read_locales(found, chosen=self.locale)

    def base_currency(self) -> str | None:
        """Name the currency that amounts are given in beside their own; null without transactions."""
        row = self.connection.execute("select base_currency from marts.fct_transactions limit 1").fetchone()
        return row[0] if row else None

    def newest_rate(self, currency: str) -> tuple[Decimal, date] | None:
        """Give the newest rate of a currency to the base currency, and its day; null where none is known."""
        row = self.connection.execute(
            "select rate, rate_date from marts.fct_transactions where currency = $1 and rate is not null"
            " order by rate_date desc limit 1",
            [currency],
        ).fetchone()
        if "rate" in self.columns("fct_net_worth"):
            row = (
                self.connection.execute(
                    "select rate, rate_date from marts.fct_net_worth where currency = $1 and rate is not null"
                    " order by balance_date desc limit 1",
                    [currency],
                ).fetchone()
                or row
            )
        return None if row is None else (row[0], row[1])

    def bounds(self) -> tuple[date, date] | None:
        """Give the first and last day with a transaction; null without any."""
        row = self.connection.execute(
            "select min(booking_date), max(booking_date) from marts.fct_daily_totals"
        ).fetchone()
        return None if row is None or row[0] is None else (row[0], row[1])


def open_books(settings: Settings) -> Books:
    """Open what is published now, or the last good copy with a warning.

    :raises NothingPublishedError: if no build was published yet.
    :raises ServiceDownError: if the lake does not answer and there is no copy.
    :raises BrokenBooksError: if what is published cannot be read and there is no copy.
    """
    shelf = settings.home.absolute() / "notebooks"
    store = open_store(settings)
    try:
        catalogue = _published(store)
        return _opened(_copy(store, settings, shelf, catalogue), locale=settings.locale)
    except NothingPublishedError:
        raise
    except (FarthingError, FileNotFoundError, duckdb.Error) as exc:
        reason = (
            str(exc)
            if isinstance(exc, FarthingError)
            else "What is published cannot be read: `farthing build` makes it anew."
        )
        for folder in _copies(shelf):
            copied_at = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
            with _skipping_broken():
                warning = f"{reason} Shown is the copy of {copied_at:%-d %B %Y %H:%M} UTC."
                return _opened(folder, locale=settings.locale, warning=warning)
        if isinstance(exc, ServiceDownError):
            raise
        raise BrokenBooksError(reason) from None


def published_edition(settings: Settings) -> str | None:
    """Name the build that is published now; null if there is none or the lake does not answer."""
    try:
        return _edition(_published(open_store(settings)), settings)
    except (FarthingError, duckdb.Error):
        return None


def forget_copies(settings: Settings) -> None:
    """Remove every copy from this machine; the next page makes a new one."""
    with _copying:
        for connection in _open.values():
            connection.close()
        _open.clear()
        shutil.rmtree(settings.home / "notebooks", ignore_errors=True)


def _published(store: ObjectStore) -> bytes:
    try:
        return store.get(layout.CATALOGUE)
    except FileNotFoundError:
        raise NothingPublishedError("Nothing is published yet: link a bank, then start a sync.") from None


def _edition(catalogue: bytes, settings: Settings) -> str:
    """Name a build, by the files that it shows, and the folder of its copy, which may be moved by no one."""
    shown = "".join(views_of(catalogue)).encode()
    return hashlib.sha256(shown + bytes(settings.home.absolute())).hexdigest()[:16]


def _copy(store: ObjectStore, settings: Settings, shelf: Path, catalogue: bytes) -> Path:
    """Give the folder of a build's copy, made now if it is not there."""
    folder = shelf / _edition(catalogue, settings)
    with _copying:
        if not (folder / _FILE).exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            making = folder / f".{os.getpid()}.{_FILE}"  # for another process may make the same copy now
            making.write_bytes(catalogue)
            _copy_marts(store, settings, making)
            making.rename(folder / _FILE)  # last, because it is what makes the copy whole
            for old in _copies(shelf)[_KEPT:]:
                if (connection := _open.pop(old, None)) is not None:
                    connection.close()
                shutil.rmtree(old, ignore_errors=True)
    return folder


def _copy_marts(store: ObjectStore, settings: Settings, file: Path) -> None:
    """Copy the files that a catalogue pins to its side, and have its views read them there."""
    root = f"{settings.lake_url.removeprefix('file://')}/"
    with duckdb.connect(file) as catalogue:
        for mart, url in catalogue_views(catalogue):
            copy = file.parent / f"{re.sub(r'[^a-zA-Z0-9_]', '_', mart.name)}.{os.getpid()}.parquet"
            store.download(url.removeprefix(root), copy)
            copy.chmod(0o600)
            create_view(catalogue, mart, str(copy))


def _copies(shelf: Path) -> list[Path]:
    """List the copies, the newest first."""
    found = [folder for folder in shelf.glob("[!.]*") if (folder / _FILE).exists()]
    return sorted(found, key=lambda folder: folder.stat().st_mtime, reverse=True)


def _opened(folder: Path, *, locale: str | None, warning: str | None = None) -> Books:
    with _copying:
        if folder not in _open:
            connection = duckdb.connect()
            path = str(folder / _FILE).replace("'", "''")
            connection.execute(f"attach '{path}' as farthing (read_only)")
            connection.execute("set enable_object_cache = true")
            _open[folder] = connection
        session = _open[folder].cursor()
    session.execute("use farthing.marts")
    names = session.execute("select table_name from information_schema.tables where table_schema = 'marts'").fetchall()
    marts = frozenset(name for (name,) in names)
    return Books(connection=session, edition=folder.name, warning=warning, marts=marts, locale=locale)


@contextmanager
def _skipping_broken() -> Iterator[None]:
    try:
        yield
    except duckdb.Error:
        return
