"""The categories and groups there are, by the seed that dbt reads."""

import csv
import difflib
from collections.abc import Collection
from functools import cache

from farthing.settings import DBT_PROJECT_DIR


@cache
def groups_by_category() -> dict[str, str]:
    """Read the group of every category."""
    with (DBT_PROJECT_DIR / "seeds" / "categories.csv").open(newline="", encoding="utf-8") as seed:
        return {row["category"]: row["category_group"] for row in csv.DictReader(seed)}


def known_category(name: str) -> str:
    """Return the name of a category.

    :raises ValueError: if there is none of that name; it says which is meant.
    """
    return _known(name, groups_by_category().keys(), "category")


def known_group(name: str) -> str:
    """Return the name of a group of categories.

    :raises ValueError: if there is none of that name; it says which is meant.
    """
    return _known(name, set(groups_by_category().values()), "group")


def _known(name: str, names: Collection[str], what: str) -> str:
    if name in names:
        return name
    by_folded = {each.casefold(): each for each in names}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=1)
    hint = f"did you mean {by_folded[close[0]]}?" if close else "`farthing categories` lists those there are"
    raise ValueError(f"there is no such {what}: {hint}")
