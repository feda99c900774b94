"""JSON objects from columns: a text for each row, made of what its fields are."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from operator import or_

import orjson
import polars as pl

from farthing.sandbox.columns import Columns
from farthing.sandbox.told import Field, Fields

_ESCAPED = {chr(code): orjson.dumps(chr(code)).decode()[1:-1] for code in (*range(32), ord('"'), ord("\\"))}

type _Piece = str | pl.Expr


@dataclass(frozen=True, slots=True)
class _Column:
    """Where the expression of a field went."""

    name: str


@dataclass(frozen=True, slots=True)
class _Members:
    """Members of an object, written already for each row and without brackets; null where a row has none."""

    written: pl.Series


@dataclass(frozen=True, slots=True)
class _Json:
    """What a field is written of, and which rows have it, None for all; in the others, a piece of it is null."""

    pieces: Sequence[_Piece]
    rows: pl.Series | None = None


def json_objects(columns: Columns, fields: Fields, **beside: pl.Expr) -> pl.DataFrame:
    """Write a JSON object for each entry; a field that is null in an entry is left out of its object.

    Days are written as in ISO 8601, bytes in hexadecimal, decimals and enumerations as text, lists of texts as arrays.
    Members that follow from the source of an entry alone are written once for each source.

    :param beside: further columns to return.
    :returns: the column ``json`` and those.
    """
    leaves = dict(beside)
    shape = _place(_with_members(fields, columns), leaves)
    names = {name for leaf in leaves.values() for name in leaf.meta.root_names()} - set(columns.rows.columns)
    rows = columns.rows.hstack(columns.of_source(columns.sources.select(names)))
    known = rows.lazy().select(**leaves).collect()
    written = _write(shape, known)
    return known.select(*beside, json=pl.lit("{}") if written is None else _joined(written.pieces))


def _with_members(field: Field, columns: Columns) -> Field:
    """Write the members of objects that follow from the sources, and leave all others as they are."""
    if isinstance(field, list):
        return [_with_members(part, columns) for part in field]
    if not isinstance(field, dict):
        return field
    fields: Fields = {}
    for of_source, members in groupby(field.items(), lambda member: _is_of(member[1], columns.sources)):
        if of_source:
            fields[f"members {len(fields)}"] = _members(dict(members), columns)
        else:
            fields |= {name: _with_members(part, columns) for name, part in members}
    return fields


def _is_of(field: Field, sources: pl.DataFrame) -> bool:
    match field:
        case dict():
            return all(_is_of(part, sources) for part in field.values())
        case list():
            return all(_is_of(part, sources) for part in field)
        case pl.Expr():
            return set(sources.columns).issuperset(field.meta.root_names())
    return True


def _members(fields: Fields, columns: Columns) -> _Members | None:
    leaves: dict[str, pl.Expr] = {}
    shape = _place(fields, leaves)
    known = columns.sources.with_columns(**leaves)
    written = _write(shape, known)
    if written is None:
        return None
    text = _joined(written.pieces) if written.rows is None else _unless_null(written.pieces)
    members = known.lazy().with_columns(members=text.str.strip_prefix("{").str.strip_suffix("}"))
    texts = members.select(pl.when(pl.col("members") != "").then("members")).collect()
    return _Members(columns.of_source(texts).to_series())


def _place(field: Field, leaves: dict[str, pl.Expr]) -> Field:
    """Name a column for each expression of a field, and return the field with these in their stead."""
    match field:
        case dict():
            return {name: _place(part, leaves) for name, part in field.items()}
        case list():
            return [_place(part, leaves) for part in field]
        case pl.Expr():
            name = f"leaf {len(leaves)}"
            leaves[name] = field
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
        case _Members():
            return _plain(pl.lit(field.written), field.written)
        case dict():
            members = ((_name_of(name, part), _write(part, known)) for name, part in field.items())
            return _enclosed("{", members, "}")
    return _enclosed("[", (("", _write(part, known)) for part in field), "]")


def _name_of(name: str, field: Field) -> str:
    return "" if isinstance(field, _Members) else f"{_quoted(name)}:"


def _write_column(column: pl.Series) -> _Json | None:
    text, opening, closing = pl.col(column.name), '"', '"'
    if column.dtype == pl.String:
        text = text.str.replace_many(_ESCAPED)
    elif column.dtype == pl.Binary:
        text = text.bin.encode("hex")
    elif column.dtype == pl.Date:
        text = _written_days(column)
    elif column.dtype == pl.List(pl.String):
        text = text.list.eval(pl.element().str.replace_many(_ESCAPED)).list.join('","')
        opening, closing = '["', '"]'
    return _plain(text.cast(pl.String), column, opening, closing)


def _plain(text: pl.Expr, column: pl.Series, opening: str = "", closing: str = "") -> _Json | None:
    nulls = column.null_count()
    pieces = [piece for piece in (opening, text, closing) if not isinstance(piece, str) or piece]
    return None if nulls == len(column) else _Json(pieces, rows=column.is_not_null() if nulls else None)


def _written_days(column: pl.Series) -> pl.Expr:
    """Write each day that there is once: there are few, and to write one takes long."""
    days = column.to_physical()
    first, last = days.min(), days.max()
    if not isinstance(first, int) or not isinstance(last, int):
        return pl.lit(column)  # no day at all
    texts = pl.int_range(first, last + 1, dtype=pl.Int32, eager=True).cast(pl.Date).cast(pl.String)
    return pl.lit(texts.gather((days - first).cast(pl.UInt32)))


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
