"""``farthing tag``, ``note``, ``split`` and ``goal``: what the owner ties to transactions and accounts."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from farthing.cli.output import SHOWN, TransactionKey, out
from farthing.clock import utc_now
from farthing.errors import FarthingError
from farthing.settings import Settings

if TYPE_CHECKING:
    from farthing.subjects import Transaction


class BadPartError(FarthingError):
    """A part of a split is not written as one; nothing was kept."""


def tag(
    transaction_key: TransactionKey,
    word: Annotated[str, typer.Argument(help="Up to 40 characters; a transaction can have many.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take the tag off.")] = False,
) -> None:
    """Tie a word to a transaction, such as a journey's or a project's.

    Example: `farthing tag 0cc175b9 holiday`
    """
    from farthing.lake.reference import Tag, checked, decide, withdraw
    from farthing.lake.store import open_store
    from farthing.subjects import find_transaction

    settings = Settings.load()
    kept = checked(Tag, transaction_key=find_transaction(settings, transaction_key).key, tag=word)
    if remove:
        withdraw(open_store(settings), Tag, [kept.subject], decided_at=utc_now())
    else:
        decide(open_store(settings), [kept], decided_at=utc_now())
    out.print(f"Kept; {SHOWN}")


def note(
    transaction_key: TransactionKey,
    text: Annotated[str, typer.Argument(help="What to remember of it; an empty one takes yours back.")],
) -> None:
    """Write down what you want to remember of a transaction.

    Example: `farthing note 0cc175b9 "half of it is Anna's"`
    """
    from farthing.lake.reference import Note, checked, decide, withdraw
    from farthing.lake.store import open_store
    from farthing.subjects import find_transaction

    settings = Settings.load()
    key = find_transaction(settings, transaction_key).key
    if text.strip():
        decide(open_store(settings), [checked(Note, transaction_key=key, note=text)], decided_at=utc_now())
    else:
        withdraw(open_store(settings), Note, [(key,)], decided_at=utc_now())
    out.print(f"Kept; {SHOWN}")


def split(
    transaction_key: TransactionKey,
    parts: Annotated[
        list[str] | None,
        typer.Argument(help="CATEGORY=AMOUNT for each part, without a sign; one without an amount gets the rest."),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Make it whole again.")] = False,
) -> None:
    """Split a transaction into parts of other categories, which add up to it.

    Example: `farthing split 0cc175b9 Groceries=45.50 "Home & garden"`
    """
    from farthing.lake.reference import Split, checked, decide, withdraw
    from farthing.lake.store import open_store
    from farthing.subjects import find_transaction

    if bool(parts) == remove:
        raise typer.BadParameter("name two parts or more, or --remove", param_hint="PARTS")
    settings = Settings.load()
    whole = find_transaction(settings, transaction_key)
    if parts:
        kept = checked(Split, transaction_key=whole.key, amount=whole.amount, parts=_parts(whole, parts))
        decide(open_store(settings), [kept], decided_at=utc_now())
    else:
        withdraw(open_store(settings), Split, [(whole.key,)], decided_at=utc_now())
    out.print(f"Kept; {SHOWN}")


def goal(
    name: Annotated[str, typer.Argument(help="What it is for; the same name changes the goal.")],
    amount: Annotated[str | None, typer.Argument(help="The balance to reach.")] = None,
    account: Annotated[str | None, typer.Option(help="The account's name or key, of one kept by hand as well.")] = None,
    by: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day to reach it by.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Give the goal up.")] = False,
) -> None:
    """Set a balance that an account is to reach by a day.

    Example: `farthing goal "New bike" 2000 --account Savings --by 2027-03-31`
    """
    from farthing.lake.reference import Goal, checked, decide, withdraw
    from farthing.lake.store import open_store
    from farthing.subjects import find_account

    settings = Settings.load()
    if remove:
        withdraw(open_store(settings), Goal, [(name,)], decided_at=utc_now())
    elif amount is None or account is None or by is None:
        raise typer.BadParameter("a goal needs an amount, --account and --by, or --remove", param_hint="AMOUNT")
    else:
        found = find_account(settings, account)
        kept = checked(
            Goal, goal=name, account_key=found.key, amount=amount, currency=found.currency, target_date=by.date()
        )
        decide(open_store(settings), [kept], decided_at=utc_now())
    out.print(f"Kept; {SHOWN}")


def _parts(whole: "Transaction", texts: list[str]) -> list[dict[str, object]]:
    """Read parts as a person types them: of the whole's sign, one of them perhaps the rest."""
    sign = -1 if whole.amount < 0 else 1
    read: list[tuple[str, Decimal | None]] = [_part(number, text) for number, text in enumerate(texts, start=1)]
    if sum(amount is None for _, amount in read) > 1:
        raise BadPartError("Only one part can go without an amount: it gets the rest.")
    rest = abs(whole.amount) - sum(amount for _, amount in read if amount is not None)
    if rest < 0:
        raise BadPartError("The parts are more than the whole: mend their amounts.")
    return [{"category": name, "amount": sign * (rest if amount is None else amount)} for name, amount in read]


def _part(number: int, text: str) -> tuple[str, Decimal | None]:
    category, equals, written = text.partition("=")
    if not equals:
        return category.strip(), None
    from farthing.explore.money import AmountError, read_amount

    try:
        amount = read_amount(written)
    except AmountError:
        raise BadPartError(f"Part {number}: after = comes an amount, such as Groceries=45.50") from None
    if amount <= 0:
        raise BadPartError(f"Part {number}: its amount is above zero, for its sign is the transaction's.")
    return category.strip(), amount
