"""How decisions look before and after they are saved: what is proposed, what waits, and what was saved."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from html import escape

import marimo as mo

from farthing.explore.money import format_money
from farthing.explore.review.rules import Preview
from farthing.explore.review.staging import Staged
from farthing.lake.reference import Change

_NAMES = {
    "category_overrides": ("category", "categories"),
    "rules": ("rule", "rules"),
    "tags": ("tag", "tags"),
    "notes": ("note", "notes"),
    "splits": ("split", "splits"),
    "transfer_decisions": ("word on a transfer", "words on transfers"),
    "refund_decisions": ("word on a refund", "words on refunds"),
}


def counted(count: int, one: str = "payment", many: str = "payments") -> str:
    """Count things in words."""
    return f"1 {one}" if count == 1 else f"{count:,} {many}"


def proposed(item: Staged, *, locale: str) -> str:
    """Write what a decision would change: before, after, how many payments and how much."""
    amount = format_money(item.amount, item.currency, locale=locale)
    return (
        f'<div class="f-change"><span class="f-what f-name">{escape(item.what)}</span>'
        f'<span class="f-words f-name"><del>{escape(item.before)}</del> <span aria-hidden="true">→</span>'
        f" <ins>{escape(item.after)}</ins></span>"
        f'<span class="f-rows">{counted(item.payments)}</span><span class="f-money">{escape(amount)}</span></div>'
    )


def waiting_list(
    waiting: Sequence[Staged], take_out: Callable[[int], None], *, locale: str
) -> tuple[mo.Html, list[mo.ui.button]]:
    """Show what waits to be saved, each with a button that takes it out of the list.

    The notebook binds the buttons to a name, for marimo hears no others. They are no batch: that would tell of a press
    twice, the second time to whatever stands in the button's place by then.
    """
    buttons = [
        mo.ui.button(label="Take out", kind="neutral", on_change=partial(_press, take_out, number))
        for number in range(len(waiting))
    ]
    rows = "".join(
        f"<li>{proposed(each, locale=locale)}{button.text}</li>" for each, button in zip(waiting, buttons, strict=True)
    )
    return mo.Html(f'<ul class="f-changes" aria-label="Waiting to be saved">{rows}</ul>'), buttons


def saved_list(changes: Sequence[Change], take_back: Callable[[str], None]) -> tuple[mo.Html, list[mo.ui.button]]:
    """Show what was saved, each with a button that undoes it in one go.

    The notebook binds the buttons to a name, as those of :func:`waiting_list`.
    """
    buttons = {
        each.object_key: mo.ui.button(
            label="Undo", kind="neutral", on_change=partial(_press, take_back, each.object_key)
        )
        for each in changes
        if not each.is_undone
    }
    rows = "".join(
        f'<li><div class="f-change"><span class="f-what">{each.decided_at:%-d %B %Y %H:%M} UTC</span>'
        f'<span class="f-words">{escape(_of_kinds(each))}</span></div>'
        f"{'<em>undone</em>' if each.is_undone else buttons[each.object_key].text}</li>"
        for each in changes
    )
    return mo.Html(f'<ul class="f-changes" aria-label="Saved">{rows}</ul>'), list(buttons.values())


def _press[T](act: Callable[[T], None], what: T, _pressed: object) -> None:
    act(what)


def told(lines: Iterable[tuple[str, str]]) -> mo.Html:
    """Show names and what is said of each, one below the other."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd class='f-name'>{escape(words)}</dd>" for name, words in lines)
    return mo.Html(f'<dl class="f-told">{rows}</dl>')


def preview_in_words(found: Preview, *, locale: str) -> mo.Html:
    """Say what a rule would hit, what it would move from where, and what would stay."""
    amounts = " and ".join(format_money(amount, currency, locale=locale) for currency, amount in found.amounts.items())
    fits = fits_in_words(found, is_over=not found.hits)
    if found.hits:
        fits += f" and moves {f'{found.moved:,} of them, {amounts}' if found.moved else 'none of them'}."
    rows = "".join(
        f'<li><span class="f-name">from {escape(row["category"])}</span>'
        f'<span><span class="f-money">{escape(format_money(row["amount"], row["currency"], locale=locale))}</span>'
        f" <small>in {counted(row['payments'])}</small></span></li>"
        for row in found.moves.iter_rows(named=True)
    )
    rows += "".join(
        f"<li><span>{escape(why)}</span><span><small>{counted(count)}</small></span></li>"
        for why, count in found.stays.items()
    )
    return mo.Html(f'<p class="f-preview f-money" role="status">{escape(fits)}</p><ul class="f-list">{rows}</ul>')


def fits_in_words(found: Preview, *, is_over: bool = True) -> str:
    """Say how many payments a rule fits.

    :param is_over: whether the sentence ends there.
    """
    words = f"It fits {counted(found.hits)} of all time" if found.hits else "It fits no payment that there is"
    return f"{words}." if is_over else words


def bar(waiting: Sequence[Staged]) -> mo.Html:
    """Show, at the foot of the window, that something waits to be saved, and lead to it."""
    if not waiting:
        return mo.Html("")
    words = counted(len(waiting), "change waits", "changes wait")
    return mo.Html(f'<a class="f-bar" href="#waiting-to-be-saved">{words}: look and save</a>')


def section(title: str, *shown: object, level: int = 2) -> mo.Html:
    """Put things under a heading, to which a link may lead by its words in small letters and dashes."""
    anchor = mo.Html(f'<span id="{title.casefold().replace(" ", "-")}"></span>')
    return mo.vstack([anchor, mo.md(f"{'#' * level} {title}"), *shown], gap=0.5)


def _of_kinds(change: Change) -> str:
    return ", ".join(counted(count, *_NAMES.get(kind, (kind, kind))) for kind, count in change.counts.items())
