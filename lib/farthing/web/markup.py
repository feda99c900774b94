"""What pages show of the books as plain HTML, so that it can be in a page before marimo runs, and in a cell after."""

from decimal import Decimal
from html import escape

import duckdb

from farthing.explore.books import Books
from farthing.explore.headlines import Headlines, SoFar
from farthing.explore.money import format_change, format_money
from farthing.explore.svg import sparkline
from farthing.web.notebooks import list_notebooks
from farthing.web.status import freshness_sentence, reconciliation_sentence


def header(here: str, title: str, question: str) -> str:
    """Write the way to the other notebooks, and what this one answers.

    :param here: the notebook's file name without its ending.
    """
    links = "".join(
        f'<a href="{each.url}"{" aria-current=page" if each.name == here else ""}>{escape(each.title)}</a>'
        for each in list_notebooks()
    )
    return (
        f'<nav class="f-nav" aria-label="Notebooks"><a class="f-brand" href="/">Farthing</a>{links}'
        '<a href="/accounts">Banks</a>'
        '<button type="button" data-privacy aria-pressed="false" title="Blur amounts and names">'
        "Hide amounts</button></nav>"
        f"<h1>{escape(title)}</h1><p class='f-question'>{escape(question)}</p>"
    )


def standing(books: Books) -> str:
    """Say whether the books can be believed, how fresh they are, and whether they are an old copy."""
    try:
        sentence = f"{reconciliation_sentence(books.connection)} {freshness_sentence(books.connection)}"
    except duckdb.Error:
        sentence = "Whether accounts reconcile cannot be told of this build."
    warning = f'<div class="f-note f-warn" role="status">{escape(books.warning)}</div>' if books.warning else ""
    return f'{warning}<p class="f-standing" data-edition="{books.edition}">{escape(sentence)}</p>'


def headline_cards(known: Headlines) -> str:
    """Write the first figures of home, each of which leads to its notebook."""
    worth, month = known.worth, f"{known.today:%B}"
    in_worth, in_spent, in_received = (_beside(amount, known) for amount in known.in_base)
    cards = [
        _card(
            f"Net worth in {known.currency}",
            format_money(worth[-1], known.currency, locale=known.locale) if worth else "unknown",
            in_worth + _change_in_words(known),
            url="/notebooks/net_worth/",
            drawing=sparkline([float(each) for each in worth], label="Net worth over the last year"),
        ),
        _card(
            f"Spent in {month} so far",
            format_money(known.spent.amount, known.currency, locale=known.locale),
            in_spent + _against_usual(known.spent, known),
            url="/notebooks/spending/?period=this+month",
            is_good=None if known.spent.usual is None else known.spent.amount <= known.spent.usual,
        ),
        _card(
            f"Received in {month} so far",
            format_money(known.received.amount, known.currency, locale=known.locale),
            in_received + _against_usual(known.received, known),
            url="/notebooks/cash_flow/?period=this+month",
        ),
    ]
    if (together := known.together) is not None:
        amount = format_money(together.amount, together.base_currency, locale=known.locale)
        name = f"All currencies in {together.base_currency}"
        cards.insert(1, _card(name, amount, together.words, url="/notebooks/net_worth/#all-currencies"))
    return f'<div class="f-cards">{"".join(cards)}</div>'


def _card(name: str, figure: str, remark: str, *, url: str, drawing: str = "", is_good: bool | None = None) -> str:
    mood = "" if is_good is None else " f-up" if is_good else " f-down"
    return (
        f'<a class="f-card" href="{url}"><span>{escape(name)}</span><strong class="f-money">{escape(figure)}</strong>'
        f'<em class="f-money{mood}">{escape(remark)}</em>{drawing}</a>'
    )


def _beside(amount: Decimal | None, known: Headlines) -> str:
    """Write an amount in the base currency, to stand before other words; nothing where it is not known."""
    if amount is None or known.base_currency is None:
        return ""
    return f"{format_money(amount, known.base_currency, locale=known.locale)} · "


def _change_in_words(known: Headlines) -> str:
    if len(known.worth) < 2:
        return "no balances to compare yet"
    change = format_change(known.worth[-1] - known.worth[0], known.currency, locale=known.locale)
    return f"{change} in {len(known.worth) - 1} weeks"


def _against_usual(month: SoFar, known: Headlines) -> str:
    if month.usual is None:
        return "no month before to compare with"
    difference = month.amount - month.usual
    if not difference:
        return "as usual by today"
    amount = format_money(abs(difference), known.currency, locale=known.locale)
    return f"{amount} {'more' if difference > 0 else 'less'} than usual by today"
