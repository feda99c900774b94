"""Decisions from a file that a person wrote, all of them or none: CSV with a header, or TOML with a list of tables."""

import csv
import io
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from farthing.lake.reference.faults import BadDecisionError, mistakes_in
from farthing.lake.reference.kinds import Decision


def read_file[D: Decision](path: Path, kind: type[D]) -> list[D]:
    """Read all decisions of a kind that a file holds: rows of a CSV, or ``[[rules]]`` in a TOML file.

    :raises BadDecisionError: with a line for every mistake in the file, each with its place.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise BadDecisionError([f"{path.name} cannot be read as text ({type(exc).__name__})"]) from None
    rows = _toml_rows(text, kind) if path.suffix == ".toml" else _csv_rows(text)
    read: dict[tuple[str, ...], tuple[str, D]] = {}
    mistakes: list[str] = []
    for place, row in rows.items():
        try:
            decision = kind.model_validate(row)
        except ValidationError as exc:
            mistakes += [f"{place}: {mistake}" for mistake in mistakes_in(exc)]
            continue
        if decision.subject in read:
            mistakes.append(f"{place}: {read[decision.subject][0]} has the same {', '.join(kind.identity)}")
        read.setdefault(decision.subject, (place, decision))
    if mistakes:
        raise BadDecisionError(mistakes)
    return [decision for _, decision in read.values()]


def _csv_rows(text: str) -> dict[str, Mapping[str, Any]]:
    reader = csv.DictReader(io.StringIO(text), restkey="more than the header names")
    return {f"line {reader.line_num}": {name: value for name, value in row.items() if value} for row in reader}


def _toml_rows(text: str, kind: type[Decision]) -> dict[str, Mapping[str, Any]]:
    try:
        tables = tomllib.loads(text, parse_float=Decimal).get(kind.table)
    except tomllib.TOMLDecodeError as exc:
        raise BadDecisionError([f"as a whole: it is no TOML ({exc})"]) from None
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise BadDecisionError([f"as a whole: each begins with [[{kind.table}]]"])
    return {f"[[{kind.table}]] {number}": table for number, table in enumerate(tables, start=1)}
