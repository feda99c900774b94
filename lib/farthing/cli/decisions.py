"""``farthing categorise``, ``budget`` and ``rules``: what the owner decides, in the terminal."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from farthing.cli.output import SHOWN, TransactionKey, err, out, print_rows
from farthing.clock import utc_now
from farthing.errors import FarthingError
from farthing.plain import plain
from farthing.settings import Settings

if TYPE_CHECKING:
    from farthing.lake.reference import Rule

rules = typer.Typer(name="rules", help="Your own rules for categories.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="CSV with a header, or TOML with [[rules]].", exists=True, dir_okay=False)]


class BadFileError(FarthingError):
    """The file has mistakes, each of which was printed; nothing was kept."""


def categories() -> None:
    """List the categories there are, by group.

    Example: `farthing categories`
    """
    from farthing.lake.reference.categories import groups_by_category

    print_rows(["group", "category"], [[group, name] for name, group in groups_by_category().items()])


def categorise(
    transaction_key: TransactionKey,
    category: Annotated[str, typer.Argument(help="One of `farthing categories`; an empty one takes yours back.")],
) -> None:
    """Give a transaction a category; it comes before every rule, and survives a new link.

    Example: `farthing categorise 0cc175b9 Groceries`
    """
    from farthing.lake.reference import CategoryOverride, checked, decide, withdraw
    from farthing.lake.store import open_store
    from farthing.subjects import find_transaction

    settings = Settings.load()
    store, key = open_store(settings), find_transaction(settings, transaction_key).key
    if category:
        override = checked(CategoryOverride, transaction_key=key, category=category)
        decide(store, [override], decided_at=utc_now())
    else:
        withdraw(store, CategoryOverride, [(key,)], decided_at=utc_now())
    out.print(f"Kept; {SHOWN}")


def budget(
    name: Annotated[str, typer.Argument(help="A category, or a group of them.")],
    amount: Annotated[str, typer.Argument(help="What may be spent a month; 0 ends the budget.")],
    month: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m"], help="The first month it holds for; this one if left out.")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217 code; the base currency if left out.")] = None,
) -> None:
    """Set what may be spent a month, from a month on until another budget begins.

    Example: `farthing budget Groceries 450 --month 2026-03`
    """
    from farthing.lake.reference import Budget, checked, decide
    from farthing.lake.reference.categories import groups_by_category
    from farthing.lake.store import open_store

    settings, now = Settings.load(), utc_now()
    kept = checked(
        Budget,
        scope="group" if name in groups_by_category().values() else "category",
        name=name,
        currency=currency or settings.base_currency,
        month=(month or now).date(),
        amount=amount,
    )
    decide(open_store(settings), [kept], decided_at=now)
    out.print(f"Kept; {SHOWN}")


@rules.command("check")
def check_rules(file: File) -> None:
    """Say what is wrong with a file of rules, a line a mistake, and keep nothing.

    Example: `farthing rules check rules.csv`
    """
    out.print(f"{len(_read(file))} rules, no mistakes.", highlight=False)


@rules.command("import")
def import_rules(file: File) -> None:
    """Make a file's rules all of your rules, unless it has a mistake; those that are not in it end.

    Example: `farthing rules import rules.csv`
    """
    from farthing.lake.reference import Rule, replace
    from farthing.lake.store import open_store

    read = _read(file)
    replace(open_store(Settings.load()), Rule, read, decided_at=utc_now())
    out.print(f"{len(read)} rules kept; {SHOWN}", highlight=False)


@rules.command("list")
def list_rules() -> None:
    """List your rules, as a file for `farthing rules import` has them.

    Example: `farthing rules list`
    """
    from farthing.lake.reference import Rule, current
    from farthing.lake.store import open_store

    names = list(Rule.model_fields)
    rows = [each.to_row() for each in current(open_store(Settings.load()), Rule)]
    print_rows(names, [[row[name] or "" for name in names] for row in rows])


def rates() -> None:
    """Fetch the European Central Bank's newest exchange rates, without Prefect.

    Example: `farthing rates`
    """
    from farthing.lake.store import open_store
    from farthing.rates import update_rates

    settings = Settings.load()
    new = update_rates(open_store(settings), settings.rates_url, now=utc_now())
    out.print(f"{new} new exchange rates; {SHOWN}" if new else "No newer exchange rates.", highlight=False)


def _read(file: Path) -> "list[Rule]":
    from farthing.lake.reference import BadDecisionError, Rule
    from farthing.lake.reference.files import read_file

    try:
        return read_file(file, Rule)
    except BadDecisionError as exc:
        for mistake in exc.mistakes:
            err.print(plain(mistake), soft_wrap=True, highlight=False)
        raise BadFileError(f"{len(exc.mistakes)} mistakes in {file.name}; nothing was kept.") from None
