"""What is shown for reading: figures, rows, the SQL that finds them, and files of them all."""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from functools import partial
from html import escape
from typing import Any

import marimo as mo
import polars as pl
import polars.selectors as cs

from farthing.explore.books import Books
from farthing.explore.money import format_change, format_money
from farthing.explore.queries import Query
from farthing.explore.rows import SHOWN_ROWS, Rows, to_parquet
from farthing.explore.scope import Scope
from farthing.query import to_csv
from farthing.web.frame.asking import tell


def figures(*cards: tuple[str, str, str]) -> mo.Html:
    """Show figures side by side: of each its name, the figure, and a remark."""
    shown = "".join(
        f'<div class="f-card"><span>{escape(name)}</span><strong class="f-money">{escape(figure)}</strong>'
        f'<em class="f-money">{escape(remark)}</em></div>'
        for name, figure, remark in cards
    )
    return mo.Html(f'<div class="f-cards">{shown}</div>')


def writer(books: Books, currency: str) -> Callable[[str, Decimal, str], str]:
    """Make what writes an amount of an account, with its sign, in the account's locale.

    :param currency: of the page, by whose locale amounts of accounts that nothing is known of are written.
    :returns: given an account's key, an amount and its currency.
    """
    locales = tell(books.locales)
    return lambda account, amount, of: format_change(
        amount, of, locale=locales.of.get(account) or locales.for_all(currency)
    )


def by_rate(scope: Scope) -> mo.Html:
    """Say by which rate amounts that are still to come are converted; nothing where none are."""
    return mo.Html(f'<p class="f-question f-money">{escape(scope.rate_in_words)}</p>' if scope.rate_in_words else "")


def money_table(
    frame: pl.DataFrame,
    headings: Mapping[str, str],
    *,
    scope: Scope,
    money: Collection[str] = (),
    currencies: Mapping[str, str] | None = None,
    right: Collection[str] = (),
    page_size: int = 10,
    **more: Any,
) -> mo.ui.table:
    """Lay rows out for reading, numbers and amounts at the right, each row's in the locale of its account.

    :param frame: with ``account_key``, if its rows are of accounts.
    :param headings: what each column that is shown is called, in order.
    :param money: the columns of amounts.
    :param currencies: of those columns, where it is not the page's.
    :param right: further columns that are laid at the right, such as amounts in words.
    """
    of_columns = {name: (currencies or {}).get(name, scope.currency) for name in money}
    locales = [scope.locale_of.get(key, scope.locale) for key in frame.get_column("account_key", default=pl.Series())]
    formats: dict[str, str | Callable[..., Any]] = {
        headings[name]: partial(_written, currency=currency, locale=locales[0] if locales else scope.locale)
        for name, currency in of_columns.items()
    }
    numbers = {*money, *right, *frame.select(cs.numeric()).columns}
    if len(set(locales)) > 1:  # a cell tells its locale, beside the amount by which a column is sorted
        frame = frame.with_columns(
            pl.struct(pl.col(name).alias("amount"), pl.Series("locale", locales)).alias(name) for name in money
        )
    options: dict[str, Any] = {"selection": None, "show_search": frame.height > page_size, **more}
    # What is not there is left empty, where marimo would write None.
    shown = frame.select(list(headings)).with_columns(cs.date().dt.to_string()).with_columns(cs.string().fill_null(""))
    return mo.ui.table(
        shown.rename(dict(headings)),
        page_size=page_size,
        show_column_summaries=False,
        show_data_types=False,
        show_download=False,
        format_mapping=formats,
        text_justify_columns={headings[name]: "right" for name in headings if name in numbers},
        **options,
    )


def _written(cell: Any, *, currency: str, locale: str) -> str:
    amount, written_in = (cell["amount"], cell["locale"]) if isinstance(cell, dict) else (cell, locale)
    return "" if amount is None else format_money(amount, currency, locale=written_in)


def rows_block(rows: Rows, books: Books, scope: Scope, *, name: str, title: str = "Amount") -> mo.Html:
    """Show the rows behind a mark: their total, themselves, the SQL that finds them, and files of them all.

    :param name: what the files are called, without ending.
    :param title: what an amount is here.
    """
    headings = {
        "booking_date": "Booked",
        "merchant": "Merchant",
        "description": "Description",
        "category": "Category",
        "account_name": "Account",
        "amount": title,
        **({"base_amount": f"In {rows.base_currency}"} if rows.base_currency else {}),
        "category_reason": "Why this category",
    }
    table = money_table(
        rows.shown,
        headings,
        scope=scope,
        money=["amount", *(["base_amount"] if rows.base_currency else [])],
        currencies={"base_amount": rows.base_currency} if rows.base_currency else {},
        wrapped_columns=["Description", "Why this category"],
    )
    cut = f"Shown are the newest {SHOWN_ROWS:,}; the files have all." if rows.count > SHOWN_ROWS else ""
    return mo.vstack(
        [
            mo.Html(f'<h2 class="f-money">{escape(rows.heading(currency=scope.currency, locale=scope.locale))}</h2>'),
            *([mo.Html(f'<p class="f-standing">{cut}</p>')] if cut else []),
            table,
            beneath(rows.query, make=lambda: rows.query.run(books.connection), name=name),
        ]
    )


def charted(
    chart: object, drawn: pl.DataFrame, *queries: Query, scope: Scope, name: str, columns: Mapping[str, str]
) -> mo.Html:
    """Show a chart, and beneath it files of the very figures that it draws, and the SQL that finds them.

    :param drawn: what the chart was made of.
    :param name: what the files are called, without ending.
    :param columns: what each column is called in the files, in order; the others are not in them.
    """

    def figures_drawn() -> pl.DataFrame:
        return drawn.select(pl.col(column).alias(words) for column, words in columns.items()).with_columns(
            currency=pl.lit(scope.currency)
        )

    return mo.vstack([chart, beneath(*queries, make=figures_drawn, name=name, label="Figures as {}")])


def beneath(*queries: Query, make: Callable[[], pl.DataFrame], name: str, label: str = "{}") -> mo.Html:
    """Show, on one line, the SQL behind something, and buttons for files of it, made when one is pressed.

    :param make: what gives the rows of the files.
    :param name: what the files are called, without ending.
    :param label: what is on a button, around the name of its format.
    """
    formats: tuple[tuple[str, str, Callable[[pl.DataFrame], bytes]], ...] = (
        ("CSV", "text/csv", lambda rows: to_csv(rows).encode()),
        ("Parquet", "application/vnd.apache.parquet", to_parquet),
    )
    files = "".join(
        mo.download(
            partial(_made, make, written), filename=f"{name}.{form.lower()}", mimetype=kind, label=label.format(form)
        ).text
        for form, kind, written in formats
    )
    return mo.Html(f'<div class="f-beneath">{the_sql(*queries).text}{files}</div>')


def _made(make: Callable[[], pl.DataFrame], written: Callable[[pl.DataFrame], bytes]) -> bytes:
    return written(make())


def the_sql(*queries: Query) -> mo.Html:
    """Show the exact SQL behind what is shown, folded away."""
    text = ";\n\n".join(query.text for query in queries)
    return mo.Html(
        '<details class="f-sql"><summary>The exact SQL behind it</summary>'
        f'<pre tabindex="0"><code>{escape(text)}</code></pre></details>'
    )
