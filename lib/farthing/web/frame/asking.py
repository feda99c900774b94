"""What a page asks the published books, and the sentence that ends it, or a cell of it, where they cannot answer."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from html import escape

import duckdb
import marimo as mo
import polars as pl

from farthing.errors import FarthingError
from farthing.explore.books import Books, open_books
from farthing.explore.queries import Condition, Query, in_base
from farthing.explore.scope import Scope
from farthing.settings import Settings


def books_or_stop(settings: Settings | None = None) -> Books:
    """Open the published books, or end the page with a sentence that says what to do."""
    try:
        return open_books(settings or Settings.load())
    except FarthingError as exc:
        mo.stop(True, note(f"{exc}", kind="warn", links=[("Connect a bank", "/connect"), ("Accounts", "/accounts")]))
        raise AssertionError from exc  # mo.stop does not return


def need(books: Books, *marts: str) -> None:
    """End the cell with a sentence if the build, an older one, lacks marts."""
    missing = [mart for mart in marts if not books.has(mart)]
    mo.stop(
        bool(missing),
        note(f"The published build has no {' or '.join(missing)} yet: a sync, or `farthing build`, makes a newer one."),
    )


def ask(books: Books, query: Query) -> pl.DataFrame:
    """Run a query, or end the cell with a sentence if the build cannot answer it."""
    return tell(lambda: query.run(books.connection))


def ask_in_base(books: Books, scope: Scope, where: Condition, *, as_spent: bool = False) -> Decimal | None:
    """Add up what a condition keeps in the base currency; null where that is the page's, or a rate is missing.

    :param as_spent: whether what was paid counts as positive.
    """
    if scope.base_currency is None:
        return None
    amount: Decimal | None = ask(books, in_base(where, as_spent=as_spent)).item()
    return amount


def tell[T](answer: Callable[[], T]) -> T:
    """Give what a question to the books answers, or end the cell with a sentence if the build cannot answer it."""
    try:
        return answer()
    except duckdb.Error:
        mo.stop(
            True,
            note("The published build cannot answer this: reload the page, or make a new one with `farthing build`."),
        )
        raise


def note(text: str, *, kind: str = "info", links: Iterable[tuple[str, str]] = ()) -> mo.Html:
    """Show a sentence in a box. What stands between backticks is shown as code.

    :param kind: ``info``, ``good``, ``warn`` or ``bad``.
    :param links: label and address of what to do next.
    """
    parts = escape(text).split("`")
    words = "".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts))
    more = "".join(f' <a href="{escape(url)}">{escape(label)}</a>' for label, url in links)
    return mo.Html(f'<div class="f-note f-{kind}" role="status">{words}{more}</div>')
