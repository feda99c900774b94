"""From raw to landing: one function for a sync, for recovery and for replay alike."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import polars as pl

from farthing.lake import layout
from farthing.lake.landing import EXTRACTS, Tables, read_extracts, with_lineage, write_landing
from farthing.lake.raw import RawEnvelope, raw_key, read_raws
from farthing.lake.store import ObjectStore
from farthing.provider import Answer, Columns, Endpoint, Outcome, Reader, Reading
from farthing.sync.pull import waiting

_NOTHING = Reading(columns={})
_ROWS_AT_ONCE = 20_000  # as Python objects; as a table they take a tenth of the memory


def land(envelopes: Iterable[RawEnvelope], provider: Reader) -> Tables:
    """Make landing tables of raw answers; refusals leave a row in ``extracts`` only.

    :param envelopes: in the order of their keys, so that whatever order they came in, the tables are the same. One is
        looked at after the other.
    :returns: every entity's table, ``extracts`` included; equal answers give equal tables.
    """
    growing = {entity: _Growing(names) for entity, names in with_lineage(provider.columns).items()}
    for envelope in envelopes:
        answer = envelope.answer
        outcome, read = provider.reading(envelope.extract.endpoint, answer)
        reading = read or _NOTHING
        lineage = {"extract_id": str(envelope.extract.extract_id), "account_id": envelope.extract.account_id}
        for entity, columns in reading.columns.items():
            growing[entity].add(columns, lineage)
        growing[EXTRACTS].add(_extract_columns(envelope, answer, outcome, reading, provider), lineage)
    return {entity: each.table() for entity, each in growing.items()}


class _Growing:
    """A table that grows by columns of text."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._tables: list[pl.DataFrame] = []
        self._columns: dict[str, list[str | None]] = {}
        self._height = 0

    def add(self, columns: Columns, lineage: Mapping[str, str]) -> None:
        """Add rows; what they do not name is null."""
        before, rows = self._height, _height(columns)
        self._height += rows
        for name, values in (*columns.items(), *((name, [value] * rows) for name, value in lineage.items())):
            column = self._columns.setdefault(name, [])
            column += [None] * (before - len(column))
            column += values
        if self._height >= _ROWS_AT_ONCE:
            self._tables.append(self._made())

    def table(self) -> pl.DataFrame:
        """Give the whole table."""
        last = self._made()
        return pl.concat([*self._tables, last], rechunk=True) if self._tables else last

    def _made(self) -> pl.DataFrame:
        height, self._height = self._height, 0
        columns, self._columns = self._columns, {}
        nothing = pl.repeat(None, height, dtype=pl.String, eager=True)
        return pl.DataFrame(
            [
                pl.Series(name, column + [None] * (height - len(column)), dtype=pl.String)
                if (column := columns.get(name))
                else nothing.alias(name)
                for name in self._names
            ]
        )


def _height(columns: Columns) -> int:
    return max(map(len, columns.values()), default=0)


def land_run(store: ObjectStore, provider: Reader, keys: Iterable[str]) -> int:
    """Land the answers of one run and return how many there were.

    :param keys: the raw keys of all answers of one run.
    """
    envelopes = read_raws(store, sorted(keys))
    if envelopes:
        first = envelopes[0].extract
        write_landing(
            store,
            provider.name,
            day=first.requested_at.date(),
            run_id=str(first.run_id),
            tables=land(envelopes, provider),
        )
    return len(envelopes)


def recover(store: ObjectStore, provider: Reader, *, now: datetime, sent: Iterable[str] = ()) -> frozenset[str]:
    """Land what runs that died had already been answered, without a call.

    :param now: the moment the run began.
    :param sent: the raw keys of answers that the lake was given late, perhaps many days after they came.
    :returns: the extracts that count from now on.
    """
    landed, keys = _landed_and_not(store, provider, now=now, late=sent)
    orphans = read_raws(store, keys)
    keys_of_run: dict[str, list[str]] = {}
    for run_id, key in landed.select("run_id", "raw_key").iter_rows():
        keys_of_run.setdefault(run_id, []).append(key)
    for run_id in sorted({str(envelope.extract.run_id) for envelope in orphans}):
        left = [raw_key(envelope.extract) for envelope in orphans if str(envelope.extract.run_id) == run_id]
        # A run's files are written whole: what it had landed itself goes in again beside what it had left.
        land_run(store, provider, keys_of_run.get(run_id, []) + left)
    return frozenset(str(envelope.extract.extract_id) for envelope in orphans)


def left_over(store: ObjectStore, provider: Reader, *, now: datetime, outbox: ObjectStore) -> list[RawEnvelope]:
    """Read what a sync would land before it asks anything, and land nothing.

    :param outbox: holds what the lake has not taken yet.
    """
    late = waiting(outbox)
    landed, keys = _landed_and_not(store, provider, now=now, late=late)
    not_taken = set(late) - set(keys) - set(landed["raw_key"])
    return [*read_raws(store, keys), *read_raws(outbox, sorted(not_taken))]


def _landed_and_not(
    store: ObjectStore, provider: Reader, *, now: datetime, late: Iterable[str] = ()
) -> tuple[pl.DataFrame, list[str]]:
    """Read the extracts that landed lately, and list the raw keys of the answers that did not.

    Only the days since the last landed run can hold such answers, because every run recovers first, and the days of
    those that the lake was given late. What landed on days to come is of a clock that was ahead.
    """
    today = now.astimezone(UTC).date()
    days = [day for day in store.days(layout.landing_prefix(provider.name, EXTRACTS)) if day <= today]
    since = (days[-1] if days else date.min + timedelta(days=2)) - timedelta(days=2)
    since = min([since, *filter(None, map(layout.day_of, late))])
    landed = read_extracts(store, provider.name, since=since)
    known = set(landed["raw_key"])
    recent = [day for day in raw_days(store, provider) if day >= since]
    return landed, [key for day in recent for key in raw_keys(store, provider, day) if key not in known]


def raw_days(store: ObjectStore, provider: Reader) -> list[date]:
    """List the days that have raw answers, in order."""
    return sorted({day for folder in _raw_folders(provider) for day in store.days(folder)})


def raw_keys(store: ObjectStore, provider: Reader, day: date) -> list[str]:
    """List the keys of a day's raw answers, sorted by endpoint."""
    return [
        key
        for folder in _raw_folders(provider)
        for key in store.keys(f"{folder}date={day.isoformat()}/")
        if key.endswith(".json.gz")
    ]


def _raw_folders(provider: Reader) -> list[str]:
    # One raw folder an endpoint, named like the entity it becomes.
    return [f"{layout.raw_prefix(provider.name)}{endpoint}/" for endpoint in provider.columns]


def _extract_columns(
    envelope: RawEnvelope, answer: Answer, outcome: Outcome, reading: Reading, provider: Reader
) -> Columns:
    extract, consent = envelope.extract, envelope.extract.consent
    allowance = provider.allowance(answer)
    oldest, newest = _ends(reading.columns.get(Endpoint.TRANSACTIONS, {}), provider.days)
    row = {
        "provider": extract.provider,
        "endpoint": extract.endpoint.value,
        "run_id": str(extract.run_id),
        "attempt": str(extract.attempt),
        "requested_at": extract.requested_at.isoformat(),
        "started_at": answer.started_at.isoformat(),
        "ended_at": answer.ended_at.isoformat(),
        "method": answer.method,
        "path": answer.path,
        "date_from": answer.params.get("date_from"),
        "date_to": answer.params.get("date_to"),
        "status": _text(answer.status),
        "outcome": outcome.value,
        "failure": answer.failure,
        "allowance_limit": _text(allowance and allowance.limit),
        "allowance_remaining": _text(allowance and allowance.remaining),
        "allowance_reset_seconds": _text(
            (allowance and allowance.reset_in is not None and round(allowance.reset_in.total_seconds())) or None
        ),
        "entries": str(sum(_height(columns) for columns in reading.columns.values())),
        "oldest_entry_date": oldest,
        "newest_entry_date": newest,
        "raw_key": raw_key(extract),
        "body_bytes": str(len(answer.body)),
        "farthing_version": extract.farthing_version,
        "consent_given_at": _moment(consent.given_at if consent else None),
        "consent_ends_at": _moment(consent.ends_at if consent else None),
        "consent_is_history": str(consent.is_history).lower() if consent else None,
        "other_fields": reading.other_fields,
    }
    return {name: [value] for name, value in row.items()}


def _ends(transactions: Columns, days: Sequence[str]) -> tuple[str | None, str | None]:
    """Find the days of the oldest and the newest booked entry, by the first of the columns in which any has one."""
    statuses = transactions.get("booking_status", ())
    for name in days:
        texts = zip(transactions.get(name, ()), statuses, strict=False)
        if known := [day for day, status in texts if day and status == "booked"]:
            return min(known)[:10], max(known)[:10]
    return None, None


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _text(value: object) -> str | None:
    return None if value is None else str(value)
