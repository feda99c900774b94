import stat
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import pytest

from farthing.explore.books import BrokenBooksError, forget_copies, open_books, published_edition
from farthing.explore.queries import Query
from farthing.lake import layout
from farthing.lake.catalogue import NothingPublishedError
from farthing.lake.store import open_store
from farthing.settings import Settings
from tests.made_up_lake import make_lake

TODAY = date(2026, 8, 31)
COUNT = Query(sql="select count(*) as n from marts.fct_transactions")


@pytest.fixture
def made_up(empty_lake: Settings) -> Settings:
    make_lake(empty_lake, today=TODAY, purchases=50, months=3)
    return empty_lake


def lake_folder(settings: Settings) -> Path:
    return Path(settings.lake_url.removeprefix("file://"))


def test_says_that_nothing_is_published(empty_lake: Settings) -> None:
    with pytest.raises(NothingPublishedError, match="link a bank"):
        open_books(empty_lake)
    assert published_edition(empty_lake) is None


def test_answers_from_the_copy_when_the_lake_is_gone(made_up: Settings) -> None:
    before = open_books(made_up)
    count = COUNT.run(before.connection)["n"].item()
    (lake_folder(made_up) / layout.CATALOGUE).write_bytes(b"no DuckDB file")
    for file in (lake_folder(made_up) / "marts").rglob("*.parquet"):
        file.unlink()

    after = open_books(made_up)

    assert after.edition == before.edition
    assert COUNT.run(after.connection)["n"].item() == count > 50
    assert after.warning is not None
    assert "Shown is the copy of" in after.warning


def test_says_that_what_is_published_is_broken_when_there_is_no_copy(made_up: Settings) -> None:
    (lake_folder(made_up) / layout.CATALOGUE).write_bytes(b"no DuckDB file")
    with pytest.raises(BrokenBooksError, match="farthing build"):
        open_books(made_up)


def test_shows_the_next_build_and_keeps_the_one_before(made_up: Settings) -> None:
    first = open_books(made_up)
    make_lake(made_up, today=TODAY, purchases=60, months=3)

    second = open_books(made_up)

    assert second.edition == published_edition(made_up) != first.edition
    assert COUNT.run(second.connection)["n"].item() == COUNT.run(first.connection)["n"].item() + 10


def test_keeps_copies_to_their_owner_and_forgets_them(made_up: Settings) -> None:
    open_books(made_up)
    copies = list((made_up.home / "notebooks").rglob("*"))
    assert any(path.suffix == ".parquet" for path in copies)
    folder = next(path for path in copies if path.is_dir())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    forget_copies(made_up)

    assert not (made_up.home / "notebooks").exists()


def test_tells_what_an_older_build_lacks(empty_lake: Settings) -> None:
    make_lake(empty_lake, today=TODAY, purchases=10, months=2, without=frozenset({"fct_net_worth"}))
    books = open_books(empty_lake)
    assert books.has("fct_transactions", "dim_account")
    assert not books.has("fct_net_worth")
    assert books.columns("fct_net_worth") == frozenset()
    assert books.locales().for_all("EUR") == "en_IE"


def test_comments_survive_the_copy(made_up: Settings) -> None:
    meaning = Query(
        sql="select comment from duckdb_columns() where table_name = 'fct_transactions' and column_name = 'amount'"
    )
    assert "Signed" in meaning.run(open_books(made_up).connection)["comment"].item()
    assert open_store(made_up).exists(layout.CATALOGUE)


def test_two_processes_may_copy_a_build_at_once(made_up: Settings) -> None:
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as both:
        editions = list(both.map(edition_of, [made_up] * 2))
    assert editions == [published_edition(made_up)] * 2


def edition_of(settings: Settings) -> str:
    """Open the books, as a process of its own does; an empty name if they are not those that are published."""
    books = open_books(settings)
    return books.edition if books.warning is None and COUNT.run(books.connection)["n"].item() > 0 else ""
