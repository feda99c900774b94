"""The filters that every chart of a page obeys: period, currency, accounts, categories."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from html import escape
from typing import Any

import marimo as mo

from farthing.explore import headlines
from farthing.explore.books import Books
from farthing.explore.periods import PRESETS, Period, PeriodError, parse_period
from farthing.explore.scope import Scope
from farthing.explore.views import Step, View
from farthing.web.frame.asking import note, tell
from farthing.web.frame.page import remember

TYPED = "as typed"

type Values = Mapping[str, Any]
type GetValues = Callable[[], Values]
type MakeElement = Callable[..., Any]


def scope_of(books: Books, values: Values, *, today: date, path: tuple[Step, ...] = ()) -> Scope:
    """Read the filters, and write them into the page's address.

    :param values: what :func:`filters` are set to.
    :param path: how deep one has drilled.
    """
    view = chosen_view(values, path)
    period = period_or_stop(view, books, today=today)
    remember(view)
    base, locales = tell(books.base_currency), tell(books.locales)
    return Scope(
        view=view,
        period=period,
        locale=locales.for_all(view.currency, view.accounts),
        locale_of=locales.of,
        base_currency=base if base != view.currency else None,
        rate=tell(lambda: books.newest_rate(view.currency)) if base != view.currency else None,
    )


def filters(
    books: Books, view: View, *, more: Mapping[str, MakeElement] | None = None, without: Collection[str] = ()
) -> tuple[mo.Html, GetValues]:
    """Make the filters that every chart of a page obeys: period, currency, accounts, categories.

    What is returned is what :func:`side_by_side` returns.

    :param view: what they show at first.
    :param more: what makes further elements of the page, by name.
    :param without: names of those that mean nothing on the page.
    """
    accounts = account_labels(books)
    currencies = currencies_of(books)
    categories = _texts(
        books, "select distinct category from marts.fct_daily_totals where category is not null order by 1"
    )
    is_typed = view.period not in PRESETS
    elements: dict[str, MakeElement] = {
        "preset": partial(
            mo.ui.dropdown,
            [*PRESETS, TYPED],
            value=TYPED if is_typed else view.period,
            label="Period",
            allow_select_none=False,
        ),
        "typed": partial(
            mo.ui.text,
            value=view.period if is_typed else "",
            label="or type one",
            placeholder="2025-Q1, last 6 weeks …",
        ),
        "currency": partial(
            mo.ui.dropdown,
            currencies,
            value=view.currency if view.currency in currencies else currencies[0],
            label="Currency",
            allow_select_none=False,
        ),
        "accounts": partial(
            mo.ui.multiselect,
            accounts,
            value=[label for label, key in accounts.items() if key in view.accounts],
            label="Accounts",
        ),
        "categories": partial(
            mo.ui.multiselect,
            categories,
            value=[each for each in view.categories if each in categories],
            label="Categories",
        ),
        **(more or {}),
    }
    return side_by_side({name: each for name, each in elements.items() if name not in without}, label="Filters")


def side_by_side(elements: Mapping[str, MakeElement], *, label: str) -> tuple[mo.Html, GetValues]:
    """Lay elements out in rows as wide as the page, and give what tells their values by name.

    The notebook binds both to names, and its cells ask the second one. They are no batch: of a change in one marimo
    tells twice, so that all would run twice, and with values of the other elements that may have changed since.

    :param elements: what makes each, given what hears its changes.
    :param label: what they are together, for those who hear the page.
    """
    heard: dict[str, object] = {}

    def hear(name: str, value: object) -> None:
        if name not in heard or heard[name] != value:
            heard[name] = value
            set_values(values)

    made = {name: make(on_change=partial(hear, name)) for name, make in elements.items()}
    values: Values = _ValuesOf(made)
    get_values, set_values = mo.state(values)
    return _SideBySide(made, label=label), get_values


class _SideBySide(mo.Html):
    """Elements in rows; it holds them, for marimo hears none that nobody holds."""

    def __init__(self, elements: Mapping[str, Any], *, label: str) -> None:
        self._elements = elements
        places = "".join(f"<div>{each.text}</div>" for each in elements.values())
        super().__init__(f'<div class="f-filters" role="group" aria-label="{escape(label)}">{places}</div>')


class _ValuesOf(Mapping[str, Any]):
    """The values of elements, read when they are asked for: the cell that makes them may not read them."""

    def __init__(self, elements: Mapping[str, Any]) -> None:
        self._elements = elements

    def __getitem__(self, name: str) -> object:
        return self._elements[name].value

    def __iter__(self) -> Iterator[str]:
        return iter(self._elements)

    def __len__(self) -> int:
        return len(self._elements)


def chosen_view(values: Values, path: tuple[Step, ...]) -> View:
    """Read the filters. What is typed counts before what is picked from the list.

    :param values: what :func:`filters` are set to.
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


def account_labels(books: Books) -> dict[str, str]:
    """List the accounts, those kept by hand among them, label to key."""
    sql = "select concat_ws(' ', account_name, right(iban_masked, 4)), account_key from marts.dim_account"
    if books.has("fct_daily_balance"):
        sql += " union all select distinct account_name, account_key from marts.fct_daily_balance where is_manual"
    rows = tell(lambda: books.connection.execute(f"{sql} order by all").fetchall())
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


def _texts(books: Books, sql: str) -> Sequence[str]:
    return [str(text) for (text,) in books.connection.execute(sql).fetchall()]
