"""The payments to look at, those without a category first, and what their owner has decided since the build."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from farthing.explore.books import Books
from farthing.explore.queries import Condition, Query
from farthing.explore.review.rules import ruled_since
from farthing.lake.reference import CategoryOverride, Note, RefundDecision, Rule, Split, Tag, TransferDecision, current
from farthing.lake.reference.decisions import DECIDED_AT, read
from farthing.lake.store import ObjectStore

# One that its owner split has the categories of its parts.
UNDECIDED = (
    "category_source = 'none'"
    " and transaction_key not in (select transaction_key from marts.fct_transaction_parts where is_split)"
)
SHOWN = 500

ORDERS = {
    "Largest first": "abs(sum(amount)) desc",
    "Most frequent first": "count(*) desc",
    "Newest first": "max(booking_date) desc",
}
SOURCES = {
    "person": "You chose it",
    "own rule": "A rule of yours",
    "refund": "It gives money back for a purchase, and has its category",
    "accounts": "Both sides are your accounts",
    "shipped rule": "A rule that ships with Farthing",
    "none": "No rule fits",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the owner has decided, as it lies in the lake now; the published build may not show it yet.

    :ivar categories: by transaction key.
    :ivar tags: sorted, by transaction key.
    :ivar ruled: the category of payments without one that rules of the owner's give since, by transaction key.
    """

    categories: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    splits: Mapping[str, Split] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    ruled: Mapping[str, str] = field(default_factory=dict)
    pairs: frozenset[str] = frozenset()  # transactions that are in a transfer or refund on which the owner has decided

    @property
    def settled(self) -> frozenset[str]:
        """Payments that have no category in the build, or another, and will have one in the next, or those of parts."""
        return frozenset(self.categories) | frozenset(self.ruled) | frozenset(self.splits)


def read_kept(store: ObjectStore, books: Books) -> Kept:
    """Read what the owner has decided on payments.

    :raises ServiceDownError: if the lake does not answer.
    """
    tags: dict[str, tuple[str, ...]] = {}
    for tag in current(store, Tag):
        tags[tag.transaction_key] = (*tags.get(tag.transaction_key, ()), tag.tag)
    rules = current(store, Rule)
    pairs = [*current(store, TransferDecision), *current(store, RefundDecision)]
    return Kept(
        categories={each.transaction_key: each.category for each in current(store, CategoryOverride)},
        notes={each.transaction_key: each.note for each in current(store, Note)},
        tags=tags,
        splits={each.transaction_key: each for each in current(store, Split)},
        rules=tuple(rules),
        ruled=ruled_since(books, rules, where=UNDECIDED),
        pairs=frozenset(key for each in pairs for key in each.subject),
    )


def merchants(where: Condition, *, order: str, settled: Collection[str], search: str = "") -> Query:
    """List merchants with their payments: ``merchant_key``, ``merchant``, ``payments``, ``amount``, ``newest``.

    :param order: one of :data:`ORDERS`.
    :param settled: keys of payments that are left out.
    :param search: words that merchant, description, note or tags contain; empty for no matter what.
    """
    found, more = _searched(search)
    return where.query(
        "select merchant_key, any_value(merchant) as merchant, sum(amount) as amount, count(*) as payments,"
        " max(booking_date) as newest\nfrom marts.fct_transactions\nwhere\n    {where}\n"
        f"    and not list_contains($settled, transaction_key)\n{found}"
        f"group by merchant_key\norder by {ORDERS[order]}, merchant_key\nlimit {SHOWN}",
        settled=sorted(settled),
        **more,
    )


def payments(where: Condition, *, settled: Collection[str], of: Collection[str] = (), search: str = "") -> Query:
    """List payments, the newest first, each with its key.

    :param settled: keys of those that are left out.
    :param of: merchants' keys; none for all.
    :param search: as in :func:`merchants`.
    """
    found, more = _searched(search)
    if of:
        found += "    and list_contains($of, merchant_key)\n"
        more["of"] = sorted(of)
    return where.query(
        "select transaction_key, booking_date, merchant, merchant_key, description, amount, category, category_source,"
        " category_reason, account_key, account_name, note, tags\nfrom marts.fct_transactions\nwhere\n    {where}\n"
        f"    and not list_contains($settled, transaction_key)\n{found}order by booking_date desc, transaction_key",
        settled=sorted(settled),
        **more,
    )


def why(store: ObjectStore, row: Mapping[str, object]) -> list[tuple[str, str]]:
    """Say why a payment has its category: who or what chose it, by what words, and when that was decided.

    :param row: a row of :func:`payments`.
    """
    key, reason = str(row["transaction_key"]), str(row["category_reason"])
    told = [
        ("Category", str(row["category"])),
        ("Chosen by", SOURCES.get(str(row["category_source"]), str(row["category_source"]))),
        *([("Because", reason)] if row["category_source"] != "none" else []),
    ]
    words = [each for each in read(store, CategoryOverride)[0] if each.subject == (key,)]
    told += [
        (
            f"Your word, version {number}",
            f"{each.decision.category if isinstance(each.decision, CategoryOverride) else 'taken back'}"
            f" · {_moment(each.row[DECIDED_AT])}",
        )
        for number, each in enumerate(words, start=1)
    ]
    rules = [each for each in read(store, Rule)[0] if f"“{each.subject[1]}”" in reason and reason.startswith("your ")]
    told += [
        (
            f"The rule, version {number}",
            (
                f"{each.decision.category} (priority {each.decision.priority})"
                if isinstance(each.decision, Rule)
                else "ended"
            )
            + f" · {_moment(each.row[DECIDED_AT])}",
        )
        for number, each in enumerate(rules, start=1)
    ]
    return told


def tidy(found: pl.DataFrame, kept: Kept, staged: Mapping[str, str]) -> pl.DataFrame:
    """Add what each payment's category will be, by what is saved or staged, and its tags in one text."""
    keys = found["transaction_key"].to_list()
    will_be = [staged.get(key) or kept.categories.get(key) or kept.ruled.get(key) or "" for key in keys]
    now = found["category"].to_list()
    tags = [", ".join(kept.tags.get(key, ())) for key in keys]
    notes = [kept.notes.get(key) or note or "" for key, note in zip(keys, found["note"].to_list(), strict=True)]
    return found.with_columns(
        pl.Series("will_be", [new if new != old else "" for new, old in zip(will_be, now, strict=True)], pl.String),
        pl.Series("tags", tags, pl.String),
        pl.Series("note", notes, pl.String),
        pl.Series("split", ["split" if key in kept.splits else "" for key in keys], pl.String),
    )


def _searched(search: str) -> tuple[str, dict[str, object]]:
    if not search.strip():
        return "", {}
    texts = "concat_ws(' ', merchant, description, note, array_to_string(tags, ' '))"
    folded = f"    and contains(strip_accents(lower({texts})), strip_accents(lower($search)))\n"
    return folded, {"search": search.strip()}


def _moment(text: str | None) -> str:
    return f"{datetime.fromisoformat(text):%-d %B %Y %H:%M} UTC" if text else "unknown"
