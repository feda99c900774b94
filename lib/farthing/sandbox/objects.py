"""JSON objects from columns: a text for each row, made of what its fields are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from itertools import chain, groupby
from operator import or_

import numpy as np
import orjson
import polars as pl

from farthing.sandbox.columns import Columns
from farthing.sandbox.told import Field, Fields, dated

_WRITTEN = "members"  # how the names of columns begin that are JSON already

_MANY = 10_000  # rows, with fewer of which a step costs more than what it spares
_CACHED = 4096  # texts that the processor's cache has room for

type _Piece = str | pl.Expr


@dataclass(frozen=True, slots=True)
class _Column:
    """Where the expression of a field went."""

    name: str


@dataclass(frozen=True, slots=True)
class _Members:
    """Where members of an object went that are written already, each after a comma; null where a row has none."""

    name: str


@dataclass(frozen=True, slots=True)
class _Json:
    """What a field is written of, and which rows have it, None for all; in the others, a piece of it is null."""

    pieces: Sequence[_Piece]
    rows: pl.Series | None = None


def json_objects(columns: Columns, fields: Fields, *beside: str, is_quoted: bool = False) -> pl.DataFrame:
    """Write a JSON object for each entry; a field that is null in an entry is left out of its object.

    Days are written as in ISO 8601, bytes in hexadecimal, decimals and enumerations as text, lists of texts as arrays.
    Members that follow from the source of an entry alone are written once for each source.

    :param beside: columns of the entries to return with them.
    :param is_quoted: whether the objects are to stand in a list in a text within JSON, which escapes them once more; a
        comma follows each.
    :returns: the column ``json`` and those.
    """
    of_sources: dict[str, Fields] = {}
    leaves: dict[str, pl.Expr] = {}
    shape = _place(_split(fields, columns.sources, of_sources), leaves)
    members = _members(columns.sources, of_sources, is_quoted=is_quoted)
    known = columns.knowing(leaves.values()).lazy().select(*beside, **leaves).collect()
    known = known.hstack(columns.of_source(members))
    writer = _Writer(known, is_quoted=is_quoted)
    written = writer.write(shape)
    pieces = ["{}"] if written is None else written.pieces
    return writer.known.select(*beside, json=_joined([*pieces, "," if is_quoted else ""]))


def _split(field: Field, sources: pl.DataFrame, of_sources: dict[str, Fields]) -> Field:
    """Take the members of objects that follow from the sources out of a field, and leave all others as they are."""
    if isinstance(field, list):
        return [_split(part, sources, of_sources) for part in field]
    if not isinstance(field, dict):
        return field
    fields: Fields = {}
    for is_of_source, members in groupby(field.items(), lambda member: _is_of(member[1], sources)):
        if is_of_source:
            name = f"{_WRITTEN} {len(of_sources)}"
            of_sources[name], fields[name] = dict(members), _Members(name)
        else:
            fields |= {name: _split(part, sources, of_sources) for name, part in members}
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


def _members(sources: pl.DataFrame, of_sources: Mapping[str, Fields], *, is_quoted: bool) -> pl.DataFrame:
    """Write members of objects for each source."""
    leaves: dict[str, pl.Expr] = {}
    shapes = {name: _place(fields, leaves) for name, fields in of_sources.items()}
    writer = _Writer(sources.lazy().select(pl.len(), **leaves).collect(), is_quoted=is_quoted)
    written = {name: writer.members(shape) for name, shape in shapes.items()}
    return writer.known.with_columns(**written).select(*shapes)


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


class _Writer:
    """Writes columns as JSON, or as what stands for it in a text within JSON."""

    def __init__(self, known: pl.DataFrame, *, is_quoted: bool) -> None:
        self.known = known
        self._times = int(is_quoted)
        self._quote = _escaped('"', self._times)
        # What is asked of each column is asked of all at once, which takes no longer.
        self._nulls = known.null_count().row(0, named=True)
        self._rows = known.select(pl.col(name).is_not_null() for name, nulls in self._nulls.items() if nulls)

    def write(self, field: Field) -> _Json | None:
        """Write a field, None if no row has it."""
        match field:
            case None:
                return None
            case str():
                return _Json([self._text(field)])
            case _Column(name):
                return self._column(name)
            case _Members(name):
                return self._plain(name, pl.col(name))
            case dict():
                return self._enclosed("{", self._parts(field), "}")
        return self._enclosed("[", map(self._after_comma, field), "]")

    def members(self, fields: Fields) -> pl.Expr:
        """Write the members of an object, each after a comma, to null where a row has none."""
        written = self._enclosed("", self._parts(fields), "")
        if written is None:
            return pl.lit(None, pl.String)
        pieces = [",", *written.pieces]
        return _joined(pieces) if written.rows is None else self._unless_null(_Json(pieces, rows=written.rows))

    def _parts(self, fields: Fields) -> Iterator[_Json | None]:
        for name, part in fields.items():
            yield self.write(part) if isinstance(part, _Members) else self._after_comma(part, f"{self._text(name)}:")

    def _after_comma(self, field: Field, name: str = "") -> _Json | None:
        written = self.write(field)
        return written and _Json([",", name, *written.pieces], rows=written.rows)

    def _text(self, text: str) -> str:
        return f"{self._quote}{_escaped(text, self._times + 1)}{self._quote}"

    def _column(self, name: str) -> _Json | None:
        text, opening, closing = pl.col(name), self._quote, self._quote
        match self.known.schema[name]:
            case pl.String:
                if _is_special(self.known[name]):
                    text = text.str.replace_many(*_escapes(self._times + 1))
            case pl.Binary:
                text = text.bin.encode("hex")
            case pl.Date:
                text = dated(text, "%Y-%m-%d")
            case pl.List():
                if _is_special(self.known[name]):
                    text = text.list.eval(pl.element().str.replace_many(*_escapes(self._times + 1)))
                text = text.list.join(f"{self._quote},{self._quote}")
                opening, closing = f"[{self._quote}", f"{self._quote}]"
        return self._plain(name, text.cast(pl.String), opening, closing)

    def _plain(self, name: str, text: pl.Expr, opening: str = "", closing: str = "") -> _Json | None:
        nulls = self._nulls[name]
        pieces = [piece for piece in (opening, text, closing) if not isinstance(piece, str) or piece]
        return None if nulls == len(self.known) else _Json(pieces, rows=self._rows[name] if nulls else None)

    def _enclosed(self, opening: str, members: Iterable[_Json | None], closing: str) -> _Json | None:
        """Put members between brackets, and let the comma be before the first that a row has."""
        known = _together(each for each in members if each is not None)
        if not known:
            return None
        rows = known[0].rows
        if len(known) == 1:  # an object that rows have whole or not at all
            return _Json([opening, *_without_comma(known[0].pieces), closing], rows=rows)
        pieces = (each.pieces if each.rows is None else [self._unless_null(each)] for each in known)
        inside = list(chain.from_iterable(pieces))
        if rows is None:
            return _Json([opening, *_without_comma(inside), closing])
        some = _joined(inside).str.strip_prefix(",")
        if any(each.rows is None for each in known):
            return _Json([opening, some, closing])
        any_rows = reduce(or_, (each.rows for each in known if each.rows is not None))
        return _Json([opening, pl.when(some != "").then(some), closing], rows=any_rows)

    def _unless_null(self, written: _Json) -> pl.Expr:
        """Join pieces, to null where one is null; if few of many rows have all, only these are written."""
        joined = pl.concat_str(*_expressions(written.pieces))
        if written.rows is None or len(self.known) < _MANY or 2 * written.rows.sum() > len(self.known):
            return joined
        at, name = written.rows.arg_true(), f"{_WRITTEN} of few {self.known.width}"
        few = self.known[list(set(joined.meta.root_names()))][at].select(joined).to_series()
        place = np.full(len(self.known), len(at), np.uint32)  # that of a null behind them
        place[at] = np.arange(len(at))
        self.known = self.known.hstack([few.extend_constant(None, 1)[place].alias(name)])
        return pl.col(name)


def _together(members: Iterable[_Json]) -> list[_Json]:
    """Put members into one that follow each other and that the same rows have."""
    found: list[_Json] = []
    for each in members:
        if found and _are_same(found[-1].rows, each.rows):
            found[-1] = _Json([*found[-1].pieces, *each.pieces], rows=each.rows)
        else:
            found.append(each)
    return found


def _without_comma(pieces: Sequence[_Piece]) -> Sequence[_Piece]:
    comma, *others = pieces
    return others if isinstance(comma, str) else [comma.str.strip_prefix(","), *others]


def _are_same(one: pl.Series | None, other: pl.Series | None) -> bool:
    return one is other or (one is not None and other is not None and one.equals(other))


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


def _is_special(texts: pl.Series) -> bool:
    """Say whether texts, or lists of them, have characters to escape: they seldom do, and that is sooner found."""
    return any(_has_special(texts.slice(start, _CACHED)) for start in range(0, len(texts), _CACHED))


def _has_special(texts: pl.Series) -> bool:
    written = texts.to_arrow(compat_level=pl.CompatLevel.oldest()).buffers()[-1]  # all of them in a row
    codes = np.frombuffer(written or b"", np.uint8)
    return bool(((codes < 0x20) | (codes == ord('"')) | (codes == ord("\\"))).any())


@cache
def _escapes(times: int) -> tuple[pl.Expr, pl.Expr]:
    """Return the characters that no text within JSON has as they are, and what they are in it."""
    special = [*map(chr, range(32)), '"', "\\"]
    escaped = [_escaped(character, times) for character in special]
    return pl.lit(pl.Series(special)).implode(), pl.lit(pl.Series(escaped)).implode()


def _escaped(text: str, times: int) -> str:
    """Escape a text so many times, for so many texts within texts."""
    for _ in range(times):
        text = orjson.dumps(text).decode()[1:-1]
    return text
