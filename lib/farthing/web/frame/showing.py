"""What is shown for reading: figures, rows, the SQL that finds them, and files of them all."""

from collections.abc import Callable, Collection, Mapping
from html import escape
from typing import Any

import marimo as mo
import polars as pl
import polars.selectors as cs

from farthing.explore.books import Books
from farthing.explore.money import format_money
from farthing.explore.queries import Query
from farthing.explore.rows import SHOWN_ROWS, Rows, to_parquet
from farthing.explore.scope import Scope
from farthing.query import to_csv


def figures(*cards: tuple[str, str, str]) -> mo.Html:
    """Show figures side by side: of each its name, the figure, and a remark."""
    shown = "".join(
        f'<div class="f-card"><span>{escape(name)}</span><strong class="f-money">{escape(figure)}</strong>'
        f'<em class="f-money">{escape(remark)}</em></div>'
        for name, figure, remark in cards
    )
    return mo.Html(f'<div class="f-cards">{shown}</div>')


def money_table(
    frame: pl.DataFrame,
    headings: Mapping[str, str],
    *,
    money: Mapping[str, str],
    locale: str,
    right: Collection[str] = (),
    page_size: int = 10,
    **more: Any,
) -> mo.ui.table:
    """Lay rows out for reading, numbers and amounts at the right.

    :param headings: what each column that is shown is called, in order.
    :param money: the currency of each column of amounts.
    :param right: further columns that are laid at the right, such as amounts in words.
    """
    formats: dict[str, str | Callable[..., Any]] = {
        headings[name]: lambda amount, currency=currency: (
            "" if amount is None else format_money(amount, currency, locale=locale)
        )
        for name, currency in money.items()
    }
    numbers = {*money, *right, *frame.select(cs.numeric()).columns}
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
        money={"amount": scope.currency, **({"base_amount": rows.base_currency} if rows.base_currency else {})},
        locale=scope.locale,
        wrapped_columns=["Description", "Why this category"],
    )
    cut = f"Shown are the newest {SHOWN_ROWS:,}; the files have all." if rows.count > SHOWN_ROWS else ""
    return mo.vstack(
        [
            mo.Html(f'<h2 class="f-money">{escape(rows.heading(currency=scope.currency, locale=scope.locale))}</h2>'),
            *([mo.Html(f'<p class="f-standing">{cut}</p>')] if cut else []),
            table,
            files(books, rows.query, name=name),
            the_sql(rows.query),
        ]
    )


def files(books: Books, query: Query, *, name: str) -> mo.Html:
    """Offer all that a query gives as CSV and as Parquet; it is asked when a button is pressed."""
    return files_of(lambda: query.run(books.connection), name=name)


def files_of(make: Callable[[], pl.DataFrame], *, name: str) -> mo.Html:
    """Offer rows as CSV and as Parquet; they are made when a button is pressed."""
    return mo.hstack(
        [
            mo.download(
                lambda: to_csv(make()).encode(),
                filename=f"{name}.csv",
                mimetype="text/csv",
                label="CSV",
            ),
            mo.download(
                lambda: to_parquet(make()),
                filename=f"{name}.parquet",
                mimetype="application/vnd.apache.parquet",
                label="Parquet",
            ),
        ],
        justify="start",
        gap=0.5,
    )


def the_sql(*queries: Query) -> mo.Html:
    """Show the exact SQL behind what is shown, folded away."""
    text = ";\n\n".join(query.text for query in queries)
    return mo.Html(
        '<details class="f-sql"><summary>The exact SQL behind it</summary>'
        f'<pre tabindex="0"><code>{escape(text)}</code></pre></details>'
    )
