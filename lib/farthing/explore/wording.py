"""How a build folds texts into words, as SQL: the dbt project's own macros, rendered, so that both always agree."""

import csv
import unicodedata
from functools import cache

from jinja2 import Environment

from farthing.settings import DBT_PROJECT_DIR


def folded(column: str) -> str:
    """Write the SQL for a text's words without case, accents and signs."""
    return str(_macros().folded(column))


def without_legal_form(words: str) -> str:
    """Write the SQL for a folded name without the form of the firm at its end."""
    return str(_macros().without_legal_form(words))


def wording(column: str) -> str:
    """Write the SQL for a text in which one sign stands for each date, time and number."""
    return str(_macros().wording(column))


@cache
def known_merchants() -> tuple[str, ...]:
    """Read the names of the merchants that are shipped."""
    with (DBT_PROJECT_DIR / "seeds" / "merchants.csv").open(newline="", encoding="utf-8") as seed:
        return tuple(row["merchant"] for row in csv.DictReader(seed))


@cache
def _macros():  # type: ignore[no-untyped-def]  # a template's macros are attributes of its module
    text = (DBT_PROJECT_DIR / "macros" / "text.sql").read_text(encoding="utf-8")
    return Environment().from_string(text, globals={"text_pattern": _text_pattern}).module  # noqa: S701 - SQL, not HTML


def _text_pattern(kind: str, before: str = "", after: str = "", is_part: bool = False) -> str:
    """Do as the macro of this name does, from the seed's file."""
    with (DBT_PROJECT_DIR / "seeds" / "text_patterns.csv").open(newline="", encoding="utf-8") as seed:
        patterns = [row["pattern"] for row in csv.DictReader(seed) if row["kind"] == kind]
    spellings = {spelling for pattern in patterns for spelling in (pattern, *_unaccented(pattern))}
    joined = "|".join(sorted(spellings, key=lambda each: (-len(each), each))).replace("'", "''")
    return f"(?:{joined})" if is_part else f"'(?is){before}(?:{joined}){after}'"


def _unaccented(text: str) -> tuple[str, str, str]:
    bare = unicodedata.normalize("NFD", text.translate(str.maketrans("łøđ", "lod")))
    return (
        "".join(letter for letter in bare if unicodedata.category(letter) != "Mn"),
        text.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue"),
        text.replace("æ", "ae").replace("ø", "oe").replace("å", "aa"),
    )
