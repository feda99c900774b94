"""Decisions, written and read: one immutable object a moment, and the newest on each subject counts."""

import hashlib
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl
from pydantic import ValidationError

from farthing.lake import layout
from farthing.lake.reference.faults import BadDecisionError, Fault, mistakes_in
from farthing.lake.reference.kinds import KINDS, Decision
from farthing.lake.store import ObjectStore
from farthing.lake.tables import get_table, put_table

type Row = Mapping[str, str | None]

DECIDED_AT, IS_WITHDRAWN = "decided_at", "is_withdrawn"


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
    """Decide again what held before an object that :func:`decide` or :func:`withdraw` wrote.

    What was decided anew since stays as it is.

    :returns: the new object's key, so that undoing can be undone; null if nothing of the old one holds any more.
    :raises BadDecisionError: if there is no such object.
    """
    kind = next((kind for kind in KINDS if object_key.startswith(layout.decisions_prefix(kind.table))), None)
    decided = read(store, kind)[0] if kind else []
    if kind is None or all(each.object_key != object_key for each in decided):
        raise BadDecisionError(["there is nothing to undo: no decision was kept under that key"])
    before = {each.subject: each.row for each in decided if each.object_key < object_key}
    newest = {each.subject: each.object_key for each in decided}
    undone = [subject for subject, key in newest.items() if key == object_key]
    rows = [
        {**before[subject], DECIDED_AT: _moment(decided_at)}
        if subject in before
        else _withdrawal(kind, subject, decided_at)
        for subject in undone
    ]
    return _put(store, kind, rows) if rows else None


def current[D: Decision](store: ObjectStore, kind: type[D]) -> list[D]:
    """List the decisions of a kind that hold now, by subject; what cannot be read is passed over."""
    decided, _ = read(store, kind)
    newest = {each.subject: each.decision for each in decided}
    return [decision for _, decision in sorted(newest.items()) if isinstance(decision, kind)]


def read(store: ObjectStore, kind: type[Decision]) -> tuple[list[Decided], list[Fault]]:
    """Read all that was ever decided of a kind, the oldest first, and what is wrong with objects and rows."""
    decided: list[Decided] = []
    faults: list[Fault] = []
    keys = [key for key in store.keys(layout.decisions_prefix(kind.table)) if not layout.is_leftover(key)]
    for key, content in store.get_many(keys).items():
        try:
            rows = pl.read_parquet(io.BytesIO(content)).cast(pl.String).rows(named=True)
        except pl.exceptions.PolarsError:
            faults.append(_fault(kind, key, None, "the object is no Parquet file with one value a field"))
            continue
        for number, row in enumerate(rows, start=1):
            try:
                decided.append(_read_row(kind, key, row))
            except BadDecisionError as exc:
                faults += [_fault(kind, key, number, mistake) for mistake in exc.mistakes]
    return sorted(decided, key=lambda each: (each.row[DECIDED_AT] or "", each.object_key)), faults


def remove(store: ObjectStore, keys: Collection[str]) -> int:
    """Remove every row of any kind that names one of these keys, for good, and count them.

    :param keys: of accounts, transactions or recurring payments: the values of columns whose names end in ``_key``.
    """
    gone, removed = frozenset(keys), 0
    for kind in KINDS:
        key_columns = [name for name in kind.model_fields if name.endswith("_key")]
        for object_key in store.keys(layout.decisions_prefix(kind.table)) if key_columns and gone else []:
            try:
                table = get_table(store, object_key)
            except pl.exceptions.PolarsError:  # of a put that was cut short: whose rows it has, nobody can tell
                store.delete([object_key])
                continue
            names = [pl.col(name).is_in(gone).fill_null(value=False) for name in key_columns if name in table.columns]
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
    table = make_table(kind, rows)
    digest = hashlib.sha256(table.write_csv().encode()).hexdigest()[:12]
    moment = datetime.fromisoformat(str(rows[0][DECIDED_AT]))
    key = layout.decisions_key(table=kind.table, decided_at=moment, digest=digest)
    put_table(store, key, table)
    return key


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _fault(kind: type[Decision], key: str, number: int | None, mistake: str) -> Fault:
    return Fault(table=kind.table, object_key=key, row_number=number, mistake=mistake)
