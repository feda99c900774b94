"""The head of every page, and its address, which holds what is looked at."""

from collections.abc import Iterable, Mapping, Sequence

import marimo as mo

from farthing.explore.books import Books
from farthing.explore.views import View
from farthing.web import markup
from farthing.web.frame.asking import books_or_stop, need


def header(here: str, title: str, question: str) -> mo.Html:
    """Show the way to the other notebooks, and what this one answers.

    :param here: the notebook's file name without its ending.
    """
    return mo.Html(markup.header(here, title, question))


def standing(books: Books) -> mo.Html:
    """Say whether the books can be believed, how fresh they are, and whether they are an old copy."""
    return mo.Html(markup.standing(books))


def begin(*marts: str) -> tuple[Books, View]:
    """Open the books, and read what the page's address asks for; ends the page with a sentence if that cannot be.

    :param marts: those without which the page has nothing to show.
    """
    books = books_or_stop()
    need(books, "fct_daily_totals", *marts)
    return books, view_of_address()


def head(books: Books, elements: mo.Html) -> mo.Html:
    """Show how the books stand, and the filters."""
    return mo.vstack([standing(books), elements])


def view_of_address() -> View:
    """Read the view that the page's address asks for."""
    return View.decode(mo.query_params().to_dict())


def remember(view: View) -> None:
    """Write the view into the page's address, so that it can be bookmarked and sent."""
    write_address(view.encode(), ("period", "currency", "account", "category", "in"))


def asked_choice(name: str, choices: Sequence[str]) -> str:
    """Read which of a page's own choices its address asks for: the first one where it asks for none of them."""
    asked = str(mo.query_params().get(name) or "")
    return asked if asked in choices else choices[0]


def remember_choices(values: Mapping[str, object], **choices: Sequence[str]) -> None:
    """Write a page's own choices into its address.

    :param values: what is chosen, by name.
    :param choices: what there was to choose from; the first one goes without saying.
    """
    chosen = {name: str(values[name]) for name in choices}
    write_address({name: each for name, each in chosen.items() if each != choices[name][0]}, choices)


def write_address(wanted: Mapping[str, str], names: Iterable[str]) -> None:
    """Give parameters of the page's address the values wanted; those without any are removed."""
    params = mo.query_params()
    for name in names:
        if (params.get(name) or "") != wanted.get(name, ""):
            if wanted.get(name):
                params.set(name, wanted[name])
            else:
                params.remove(name)
