"""What stands around the answer of every notebook: navigation, filters, breadcrumb, rows, words where data lacks.

The one place where marimo's elements are put together; what they show comes from :mod:`farthing.explore`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from html import escape
from typing import Any

import duckdb
import marimo as mo
import polars as pl

from farthing.errors import FarthingError
from farthing.explore import headlines
from farthing.explore.books import Books, open_books
from farthing.explore.money import format_money
from farthing.explore.periods import PRESETS, Period, PeriodError, parse_period
from farthing.explore.queries import Query
from farthing.explore.rows import SHOWN_ROWS, Rows, to_parquet
from farthing.explore.scope import Scope
from farthing.explore.views import Step, View
from farthing.query import to_csv
from farthing.settings import Settings
from farthing.web import markup

TYPED = "typed below"
type SetPath = Callable[[tuple[Step, ...]], None]


def header(here: str, title: str, question: str) -> mo.Html:
    """Show the way to the other notebooks, and what this one answers.

    :param here: the notebook's file name without its ending.
    """
    return mo.Html(markup.header(here, title, question))


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


def standing(books: Books) -> mo.Html:
    """Say whether the books can be believed, how fresh they are, and whether they are an old copy."""
    return mo.Html(markup.standing(books))


def begin(*marts: str) -> tuple[Books, View]:
    """Open the books, and read what the page's address asks for; ends the page with a sentence if that cannot be.

    :param marts: those without which the page has nothing to show.
    """
    books = books_or_stop()
    need(books, *marts)
    return books, view_of_address()


def head(books: Books, elements: mo.ui.batch) -> mo.Html:
    """Show how the books stand, and the filters."""
    return mo.vstack([standing(books), elements])


def scope_of(books: Books, values: Mapping[str, Any], *, today: date, path: tuple[Step, ...] = ()) -> Scope:
    """Read the filters, and write them into the page's address.

    :param values: the value of :func:`filters`.
    :param path: how deep one has drilled.
    """
    view = chosen_view(values, path)
    period = period_or_stop(view, books, today=today)
    remember(view)
    return Scope(view=view, period=period, locale=books.locale())


def view_of_address() -> View:
    """Read the view that the page's address asks for."""
    return View.decode(mo.query_params().to_dict())


def remember(view: View) -> None:
    """Write the view into the page's address, so that it can be bookmarked and sent."""
    write_address(view.encode(), ("period", "currency", "account", "category", "in"))


def write_address(wanted: Mapping[str, str], names: Iterable[str]) -> None:
    """Give parameters of the page's address the values wanted; those without any are removed."""
    params = mo.query_params()
    for name in names:
        if (params.get(name) or "") != wanted.get(name, ""):
            if wanted.get(name):
                params.set(name, wanted[name])
            else:
                params.remove(name)


def filters(
    books: Books, view: View, *, more: Mapping[str, Any] | None = None, without: Collection[str] = ()
) -> mo.ui.batch:
    """Make the filters that every chart of a page obeys: period, currency, accounts, categories.

    :param view: what they show at first.
    :param more: further elements of the page, by name.
    :param without: names of those that mean nothing on the page.
    """
    accounts = account_labels(books)
    currencies = currencies_of(books)
    categories = _texts(
        books, "select distinct category from marts.fct_transactions where category is not null order by 1"
    )
    is_typed = view.period not in PRESETS
    elements: dict[str, Any] = {
        "preset": mo.ui.dropdown(
            [*PRESETS, TYPED], value=TYPED if is_typed else view.period, label="Period", allow_select_none=False
        ),
        "typed": mo.ui.text(
            value=view.period if is_typed else "", label="or type one", placeholder="2025-Q1, last 6 weeks …"
        ),
        "currency": mo.ui.dropdown(
            currencies,
            value=view.currency if view.currency in currencies else currencies[0],
            label="Currency",
            allow_select_none=False,
        ),
        "accounts": mo.ui.multiselect(
            accounts, value=[label for label, key in accounts.items() if key in view.accounts], label="Accounts"
        ),
        "categories": mo.ui.multiselect(
            categories, value=[each for each in view.categories if each in categories], label="Categories"
        ),
        **(more or {}),
    }
    return side_by_side({name: each for name, each in elements.items() if name not in without}, label="Filters")


def side_by_side(elements: Mapping[str, Any], *, label: str) -> mo.ui.batch:
    """Lay elements out in rows as wide as the page, as one element whose value has theirs by name.

    :param label: what they are together, for those who hear the page.
    """
    places = "".join(f"<div>{{{name}}}</div>" for name in elements)
    return mo.Html(f'<div class="f-filters" role="group" aria-label="{escape(label)}">{places}</div>').batch(**elements)


def chosen_view(values: Mapping[str, Any], path: tuple[Step, ...]) -> View:
    """Read the filters. What is typed counts before what is picked from the list.

    :param values: the value of :func:`filters`.
    """
    typed = values["typed"].strip()
    preset = values["preset"] if values["preset"] != TYPED else View().period
    return View(
        period=typed or preset,
        currency=values["currency"],
        accounts=tuple(values["accounts"]),
        categories=tuple(values.get("categories", ())),
        path=path,
    )


def period_or_stop(view: View, books: Books, *, today: date) -> Period:
    """Read the view's period, or end the cell with a sentence that gives examples."""
    try:
        period = parse_period(view.period, today=today)
    except PeriodError as exc:
        mo.stop(True, note(str(exc), kind="warn"))
        raise AssertionError from exc  # mo.stop does not return
    bounds = books.bounds()
    return period.within(*bounds) if view.period.casefold() == "everything" and bounds else period


def crumbs(
    view: View, set_path: SetPath, *, labels: Mapping[str, str] | None = None, everything: str = "All"
) -> mo.ui.array:
    """Show how deep one is, each step a button that leads back to it.

    The notebook binds what is returned to a name, for marimo hears the buttons of no other.

    :param labels: what a value is called, where that differs, such as an account's name.
    """
    named = labels or {}
    names = [everything, *(named.get(step.value, step.value) for step in view.path)]
    buttons = [
        mo.ui.button(
            label=name,
            kind="neutral",
            disabled=depth == len(view.path),
            on_change=partial(_go_up, view, set_path, depth),
        )
        for depth, name in enumerate(names)
    ]
    return mo.ui.array(buttons)


def in_a_row(elements: mo.ui.array) -> mo.Html:
    """Lay elements out one beside the other."""
    return elements.hstack(justify="start", gap=0.3, wrap=True)


def _go_up(view: View, set_path: SetPath, depth: int, _pressed: object) -> None:
    set_path(view.up_to(depth).path)


def pick_into(view: View, set_path: SetPath, **dimensions: str) -> Callable[[Any], None]:
    """Make what a chart does when a mark is clicked: drill into its values.

    :param dimensions: the dimension that each of the chart's columns is about, such as ``part="merchant"``.
    """

    def drill(marks: pl.DataFrame) -> None:
        steps = [
            Step(dimension=dimension, value=str(marks[column].unique().item()))
            for column, dimension in dimensions.items()
            if column in marks.columns and marks[column].n_unique() == 1
        ]
        if steps and len(marks):
            set_path(view.into(*steps).path)

    return drill


def clickable(chart: Any, drill: Callable[[Any], None] | None = None) -> mo.ui.altair_chart:
    """Show a chart whose marks can be clicked."""
    return mo.ui.altair_chart(chart, chart_selection=False, legend_selection=False, on_change=drill)


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
    page_size: int = 10,
    **more: Any,
) -> mo.ui.table:
    """Lay rows out for reading, amounts at the right.

    :param headings: what each column that is shown is called, in order.
    :param money: the currency of each column of amounts.
    """
    formats: dict[str, str | Callable[..., Any]] = {
        headings[name]: lambda amount, currency=currency: (
            "" if amount is None else format_money(amount, currency, locale=locale)
        )
        for name, currency in money.items()
    }
    options: dict[str, Any] = {"selection": None, "show_search": frame.height > page_size, **more}
    return mo.ui.table(
        frame.select(list(headings)).rename(dict(headings)),
        page_size=page_size,
        show_column_summaries=False,
        show_data_types=False,
        show_download=False,
        format_mapping=formats,
        text_justify_columns={headings[name]: "right" for name in money},
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
        "category_reason": "Why this category",
    }
    table = money_table(
        rows.shown,
        headings,
        money={"amount": scope.currency},
        locale=scope.locale,
        wrapped_columns=["Description"],
    )
    cut = f"The newest {SHOWN_ROWS:,} are shown; the files have all." if rows.count > SHOWN_ROWS else ""
    return mo.vstack(
        [
            mo.Html(f'<h2 class="f-money">{escape(rows.heading(currency=scope.currency, locale=scope.locale))}</h2>'),
            table,
            mo.hstack([files(books, rows.query, name=name), mo.md(cut)], justify="start"),
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


def account_labels(books: Books) -> dict[str, str]:
    """List the accounts, label to key."""
    rows = books.connection.execute(
        "select concat_ws(' ', account_name, right(iban_masked, 4)), account_key from marts.dim_account order by all"
    ).fetchall()
    return {
        f"{label} ({key[:6]})" if [name for name, _ in rows].count(label) > 1 else label: key for label, key in rows
    }


def currencies_of(books: Books) -> Sequence[str]:
    """List the currencies that are used, the most used first; ends the page with a sentence if there are none."""
    found = headlines.currencies_of(books)
    mo.stop(
        not found,
        note(
            "There are no transactions yet.", links=[("Connect a bank", "/connect"), ("See the accounts", "/accounts")]
        ),
    )
    return found


def without(view: View, *dimensions: str) -> View:
    """Give the view without these dimensions in its path."""
    return replace(view, path=tuple(step for step in view.path if step.dimension not in dimensions))


def depth_of(view: View) -> Mapping[str, str]:
    """Give the value of each dimension that one has drilled into."""
    return {step.dimension: step.value for step in view.path}


def _texts(books: Books, sql: str) -> Sequence[str]:
    return [str(text) for (text,) in books.connection.execute(sql).fetchall()]
