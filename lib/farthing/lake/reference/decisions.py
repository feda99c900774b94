"""Decisions, written and read: one immutable object a moment, and the newest on each subject counts."""

import hashlib
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

import polars as pl
from pydantic import ValidationError

from farthing.lake import layout
from farthing.lake.reference.faults import BadDecisionError, Fault, mistakes_in
from farthing.lake.reference.kinds import KINDS, Decision
from farthing.lake.store import ObjectStore
from farthing.lake.tables import get_table, put_table

type Row = Mapping[str, str | None]

DECIDED_AT, IS_WITHDRAWN = "decided_at", "is_withdrawn"
CHANGES = "changes"  # the table of objects that have decisions of several kinds
KIND, UNDOES = "kind", "undoes"  # its further columns: the kind's own table, and the object that is undone


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What one row says: a decision, or that there is none any more on the subject."""

    subject: tuple[str, ...]
    decision: Decision | None
    row: Row
    object_key: str


def columns_of(kind: type[Decision]) -> tuple[str, ...]:
    """Columns of a kind's table, all of them text."""
    return (*kind.model_fields, DECIDED_AT, IS_WITHDRAWN)


def decide(store: ObjectStore, decisions: Sequence[Decision], *, decided_at: datetime) -> list[str]:
    """Keep what the owner decided, all at once for each kind, and return the objects' keys for :func:`undo`.

    It counts from the next build on. Of several decisions on one subject the last counts.

    :param decided_at: the moment of deciding, with its time zone.
    """
    return [
        _put(store, kind, [_row(each, decided_at) for each in decisions if type(each) is kind])
        for kind in dict.fromkeys(type(each) for each in decisions)
    ]


def decide_together(
    store: ObjectStore,
    decisions: Sequence[Decision],
    *,
    withdrawn: Sequence[tuple[type[Decision], Sequence[str]]] = (),
    decided_at: datetime,
) -> str:
    """Keep decisions of any kinds in one object: all of them from the same moment on, or none.

    :param withdrawn: kinds and subjects of decisions to take back.
    :returns: the object's key for :func:`undo`.
    :raises BadDecisionError: if there is nothing to keep.
    :raises TypeError: of a kind with a field that the common table has for itself: keep it by :func:`decide`.
    """
    if any(KIND in type(each).model_fields for each in decisions):
        raise TypeError(f"A kind of decision with a field {KIND!r} cannot be kept together with others.")
    rows = [(type(each), _row(each, decided_at)) for each in decisions]
    rows += [(kind, _withdrawal(kind, subject, decided_at)) for kind, subject in withdrawn]
    if not rows:
        raise BadDecisionError(["there is nothing to save"])
    return _put_together(store, rows)


def withdraw(
    store: ObjectStore, kind: type[Decision], subjects: Iterable[Sequence[str]], *, decided_at: datetime
) -> str | None:
    """Take decisions back, whatever they were: then Farthing decides again.

    :param subjects: the values of ``kind.identity`` for each.
    :returns: the object's key for :func:`undo`; null if there was no subject.
    """
    rows = [_withdrawal(kind, subject, decided_at) for subject in subjects]
    return _put(store, kind, rows) if rows else None


def replace[D: Decision](
    store: ObjectStore, kind: type[D], decisions: Sequence[D], *, decided_at: datetime
) -> str | None:
    """Make these all the decisions of a kind, at once: those on other subjects end.

    :returns: the object's key for :func:`undo`; null if there is nothing before or after.
    """
    ended = {each.subject for each in current(store, kind)} - {each.subject for each in decisions}
    rows = [_row(each, decided_at) for each in decisions]
    rows += [_withdrawal(kind, subject, decided_at) for subject in sorted(ended)]
    return _put(store, kind, rows) if rows else None


def checked[D: Decision](kind: type[D], /, **values: object) -> D:
    """Make a decision of what a person typed.

    :raises BadDecisionError: with a line for every mistake.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as exc:
        raise BadDecisionError(mistakes_in(exc)) from None


def undo(store: ObjectStore, object_key: str, *, decided_at: datetime) -> str | None:
    """Decide again what held before an object that one of the functions above wrote.

    What was decided anew since stays as it is.

    :returns: the new object's key, so that undoing can be undone; null if nothing of the old one holds any more.
    :raises BadDecisionError: if there is no such object.
    """
    is_together = object_key.startswith(layout.decisions_prefix(CHANGES))
    kinds = [each for each in KINDS if is_together or object_key.startswith(layout.decisions_prefix(each.table))]
    read_now = read_kinds(store, kinds)
    if all(each.object_key != object_key for decided, _ in read_now.values() for each in decided):
        raise BadDecisionError(["there is nothing to undo: no decision was kept under that key"])
    rows: list[tuple[type[Decision], Row]] = []
    for kind, (decided, _) in read_now.items():
        before = {each.subject: each.row for each in decided if _moment_in(each.object_key) < _moment_in(object_key)}
        newest = {each.subject: each.object_key for each in decided}
        rows += [
            (
                kind,
                {**before[subject], DECIDED_AT: _moment(decided_at)}
                if subject in before
                else _withdrawal(kind, subject, decided_at),
            )
            for subject, key in newest.items()
            if key == object_key
        ]
    if not rows:
        return None
    if is_together:
        return _put_together(store, rows, undoes=object_key)
    return _put(store, kinds[0], [row for _, row in rows])


def current[D: Decision](store: ObjectStore, kind: type[D]) -> list[D]:
    """List the decisions of a kind that hold now, by subject; what cannot be read is passed over."""
    decided, _ = read(store, kind)
    newest = {each.subject: each.decision for each in decided}
    return [decision for _, decision in sorted(newest.items()) if isinstance(decision, kind)]


def read(store: ObjectStore, kind: type[Decision]) -> tuple[list[Decided], list[Fault]]:
    """Read all that was ever decided of a kind, the oldest first, and what is wrong with objects and rows."""
    return read_kinds(store, [kind])[kind]


def read_kinds(
    store: ObjectStore, kinds: Iterable[type[Decision]]
) -> dict[type[Decision], tuple[list[Decided], list[Fault]]]:
    """Read all that was ever decided of some kinds, as :func:`read` does of one.

    An object of several kinds that cannot be read at all is the fault of the first.
    """
    together, broken = _tables(store, CHANGES)
    broken += _of_no_kind(together)
    found: dict[type[Decision], tuple[list[Decided], list[Fault]]] = {}
    for kind in kinds:
        decided: list[Decided] = []
        tables, faults = _tables(store, kind.table)
        faults, broken = [*faults, *broken], []
        for key, rows in [*tables.items(), *together.items()]:
            for number, row in enumerate(rows, start=1):
                if key in together and row.get(KIND) != kind.table:
                    continue
                try:
                    decided.append(_read_row(kind, key, {name: row.get(name) for name in columns_of(kind)}))
                except BadDecisionError as exc:
                    faults += [_fault(kind.table, key, number, mistake) for mistake in exc.mistakes]
        decided.sort(key=lambda each: (each.row[DECIDED_AT] or "", _moment_in(each.object_key)))
        found[kind] = decided, faults
    return found


def remove(store: ObjectStore, keys: Collection[str]) -> int:
    """Remove every row of any kind that names one of these keys, for good, and count them.

    :param keys: of accounts, transactions or recurring payments: the values of columns whose names end in ``_key``.
    """
    gone, removed = frozenset(keys), 0
    for table_name in (*(kind.table for kind in KINDS), CHANGES):
        for object_key in store.keys(layout.decisions_prefix(table_name)) if gone else []:
            try:
                table = get_table(store, object_key)
            except pl.exceptions.PolarsError:  # of a put that was cut short: whose rows it has, nobody can tell
                store.delete([object_key])
                continue
            names = [pl.col(name).is_in(gone).fill_null(value=False) for name in table.columns if name.endswith("_key")]
            left = table.filter(~pl.any_horizontal(names)) if names else table
            removed += len(table) - len(left)
            if not len(left):
                store.delete([object_key])
            elif len(left) < len(table):
                put_table(store, object_key, left)
    return removed


def make_table(kind: type[Decision], rows: Sequence[Row]) -> pl.DataFrame:
    """Make a frame of a kind's text columns."""
    names = columns_of(kind)
    return pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in names}, schema=dict.fromkeys(names, pl.String)
    )


def _tables(store: ObjectStore, name: str) -> tuple[dict[str, list[dict[str, str | None]]], list[Fault]]:
    """Read the rows of a table's objects by key, and which of them are no tables."""
    tables: dict[str, list[dict[str, str | None]]] = {}
    faults: list[Fault] = []
    keys = [key for key in store.keys(layout.decisions_prefix(name)) if not layout.is_leftover(key)]
    for key, content in store.get_many(keys).items():
        try:
            tables[key] = pl.read_parquet(io.BytesIO(content)).cast(pl.String).rows(named=True)
        except pl.exceptions.PolarsError:
            faults.append(_fault(name, key, None, "the object is no Parquet file with one value a field"))
    return tables, faults


def _of_no_kind(together: dict[str, list[dict[str, str | None]]]) -> list[Fault]:
    known = {kind.table for kind in KINDS}
    return [
        _fault(CHANGES, key, number, f"{KIND}: there is no such kind of decision")
        for key, rows in together.items()
        for number, row in enumerate(rows, start=1)
        if row.get(KIND) not in known
    ]


def _read_row(kind: type[Decision], key: str, row: Row) -> Decided:
    try:
        moment = datetime.fromisoformat(row.get(DECIDED_AT) or "")
    except ValueError:
        raise BadDecisionError([f"{DECIDED_AT}: it should be a moment such as 2026-03-02T08:00:00+00:00"]) from None
    at = _moment(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    if row.get(IS_WITHDRAWN) == "true":
        subject = tuple(row.get(name) or "" for name in kind.identity)
        return Decided(subject=subject, decision=None, row={**row, DECIDED_AT: at}, object_key=key)
    values = {
        name: value for name, value in row.items() if name not in (DECIDED_AT, IS_WITHDRAWN) and value is not None
    }
    try:
        decision = kind.model_validate(values)
    except ValidationError as exc:
        raise BadDecisionError(mistakes_in(exc)) from None
    written = {**decision.to_row(), DECIDED_AT: at, IS_WITHDRAWN: "false"}
    return Decided(subject=decision.subject, decision=decision, row=written, object_key=key)


def _row(decision: Decision, decided_at: datetime) -> Row:
    return {**decision.to_row(), DECIDED_AT: _moment(decided_at), IS_WITHDRAWN: "false"}


def _withdrawal(kind: type[Decision], subject: Sequence[str], decided_at: datetime) -> Row:
    named = dict(zip(kind.identity, subject, strict=True))
    return {**named, DECIDED_AT: _moment(decided_at), IS_WITHDRAWN: "true"}


def _put(store: ObjectStore, kind: type[Decision], rows: Sequence[Row]) -> str:
    return _put_table(store, kind.table, make_table(kind, rows))


def _put_together(store: ObjectStore, rows: Sequence[tuple[type[Decision], Row]], *, undoes: str | None = None) -> str:
    fields = dict.fromkeys(name for kind in KINDS for name in kind.model_fields)
    names = (KIND, *fields, DECIDED_AT, IS_WITHDRAWN, UNDOES)
    whole: list[Row] = [{**row, KIND: kind.table, UNDOES: undoes} for kind, row in rows]
    return _put_table(
        store,
        CHANGES,
        pl.DataFrame(
            {name: [row.get(name) for row in whole] for name in names}, schema=dict.fromkeys(names, pl.String)
        ),
    )


def _put_table(store: ObjectStore, name: str, table: pl.DataFrame) -> str:
    digest = hashlib.sha256(table.write_csv().encode()).hexdigest()[:12]
    moment = datetime.fromisoformat(str(table[DECIDED_AT][0]))
    key = layout.decisions_key(table=name, decided_at=moment, digest=digest)
    put_table(store, key, table)
    return key


def _moment_in(object_key: str) -> str:
    """Give the part of a key by which objects of all tables sort in the order of their moments."""
    return PurePosixPath(object_key).name


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _fault(table: str, key: str, number: int | None, mistake: str) -> Fault:
    return Fault(table=table, object_key=key, row_number=number, mistake=mistake)
