"""JSON objects from columns: a text for each row, made of what its fields are."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import orjson
import polars as pl

from farthing.sandbox.told import Field, Fields

_ESCAPED = {chr(code): orjson.dumps(chr(code)).decode()[1:-1] for code in (*range(32), ord('"'), ord("\\"))}

type _Piece = str | pl.Expr


@dataclass(frozen=True, slots=True)
class _Column:
    """Where the expression of a field went."""

    name: str


@dataclass(frozen=True, slots=True)
class _Json:
    """What a field is written of, and which rows have it, None for all; in the others, a piece of it is null."""

    pieces: Sequence[_Piece]
    rows: pl.Series | None = None


def json_objects(frame: pl.DataFrame, fields: Fields, **beside: pl.Expr) -> pl.DataFrame:
    """Write a JSON object for each row; a field that is null in a row is left out of its object.

    Days are written as in ISO 8601, bytes in hexadecimal, decimals and enumerations as text, lists of texts as arrays.

    :param beside: further columns to return.
    :returns: the column ``json`` and those.
    """
    leaves: list[pl.Expr] = []
    shape = _place(fields, leaves)
    known = frame.lazy().select(*leaves, **beside).collect()
    written = _write(shape, known)
    return known.select(*beside, json=pl.lit("{}") if written is None else _joined(written.pieces))


def _place(field: Field, leaves: list[pl.Expr]) -> Field:
    """Name a column for each expression of a field, and return the field with these in their stead."""
    match field:
        case dict():
            return {name: _place(part, leaves) for name, part in field.items()}
        case list():
            return [_place(part, leaves) for part in field]
        case pl.Expr():
            name = f"leaf {len(leaves)}"
            leaves.append(field.alias(name))
            return _Column(name)
    return field


def _write(field: Field, known: pl.DataFrame) -> _Json | None:
    """Write a field, None if no row has it."""
    match field:
        case None:
            return None
        case str():
            return _Json([_quoted(field)])
        case _Column():
            return _write_column(known[field.name])
        case dict():
            members = ((f"{_quoted(name)}:", _write(part, known)) for name, part in field.items())
            return _enclosed("{", members, "}")
    return _enclosed("[", (("", _write(part, known)) for part in field), "]")


def _write_column(column: pl.Series) -> _Json | None:
    nulls = column.null_count()
    if nulls == len(column):
        return None
    text, opening, closing = pl.col(column.name), '"', '"'
    if column.dtype == pl.String:
        text = text.str.replace_many(_ESCAPED)
    elif column.dtype == pl.Binary:
        text = text.bin.encode("hex")
    elif column.dtype == pl.List(pl.String):
        text = text.list.eval(pl.element().str.replace_many(_ESCAPED)).list.join('","')
        opening, closing = '["', '"]'
    return _Json([opening, text.cast(pl.String), closing], rows=column.is_not_null() if nulls else None)


def _enclosed(opening: str, members: Iterable[tuple[str, _Json | None]], closing: str) -> _Json | None:
    """Put members between brackets, and a comma before each but the first that a row has."""
    known = [_Json([",", name, *each.pieces], rows=each.rows) for name, each in members if each is not None]
    if not known:
        return None
    rows = known[0].rows
    if all(_are_same(each.rows, rows) for each in known):  # an object that rows have whole or not at all
        inside = [piece for each in known for piece in each.pieces]
        return _Json([opening, *inside[1:], closing], rows=rows)
    inside = [piece for each in known for piece in (each.pieces if each.rows is None else [_unless_null(each.pieces)])]
    if rows is None:
        return _Json([opening, *inside[1:], closing])
    some = _joined(inside).str.strip_prefix(",")
    if any(each.rows is None for each in known):
        return _Json([opening, some, closing])
    any_rows = reduce(or_, (each.rows for each in known if each.rows is not None))
    return _Json([opening, pl.when(some != "").then(some), closing], rows=any_rows)


def _are_same(one: pl.Series | None, other: pl.Series | None) -> bool:
    return one is other or (one is not None and other is not None and one.equals(other))


def _unless_null(pieces: Sequence[_Piece]) -> pl.Expr:
    """Join pieces, to null where one is null."""
    return pl.concat_str(*_expressions(pieces))


def _joined(pieces: Sequence[_Piece]) -> pl.Expr:
    """Join pieces without those that are null."""
    return pl.concat_str(*_expressions(pieces), ignore_nulls=True)


def _expressions(pieces: Sequence[_Piece]) -> Iterator[pl.Expr]:
    """Make each piece an expression, and one of literal texts that follow each other."""
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
        else:
            if text:
                yield pl.lit(text)
            text = ""
            yield piece
    if text:
        yield pl.lit(text)


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()
