"""What a build reads, noted in what it publishes: by it a later run tells whether that is still all there is."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from farthing.lake import layout
from farthing.lake.landing import landed_runs
from farthing.lake.store import ObjectStore

_SUFFIXES = {".sql", ".yml", ".csv", ".py"}
_MADE_BY_DBT = {"target", "logs"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """All that decides what a build's marts hold.

    :ivar runs: the newest runs that have landed.
    :ivar reference: digest of what the owner has decided.
    :ivar models: digest of the dbt project and the base currency.
    :ivar repeated: runs since, which told nothing new.
    """

    runs: frozenset[str]
    reference: str
    models: str
    repeated: frozenset[str] = frozenset()

    @property
    def told(self) -> frozenset[str]:
        """The runs all of whose news is in the build."""
        return self.runs | self.repeated

    def differs_in_runs_only(self, other: Self) -> bool:
        """Whether the owner's decisions and the models are the same."""
        return (self.reference, self.models) == (other.reference, other.models)


UNKNOWN = Inputs(runs=frozenset(), reference="", models="")  # differs from whatever there is


def read_inputs(store: ObjectStore, provider: str, *, project: Path, base_currency: str) -> Inputs:
    """Read what a build would read now.

    :param project: the folder of the dbt project.
    :param base_currency: the one in which the marts add up all the others.
    """
    decided = (f"{each.key} {each.size_bytes}".encode() for each in store.objects(layout.REFERENCE))
    return Inputs(
        runs=landed_runs(store, provider),
        reference=_digest(decided),
        models=_digest([base_currency.encode(), *_sources_of(project)]),
    )


def _sources_of(project: Path) -> Iterator[bytes]:
    for path in sorted(project.rglob("*")):
        name = path.relative_to(project)
        if path.suffix in _SUFFIXES and name.parts[0] not in _MADE_BY_DBT:
            yield from (name.as_posix().encode(), path.read_bytes())


def _digest(parts: Iterable[bytes]) -> str:
    """Digest parts so that none can pass for a piece of its neighbour."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8) + part)
    return digest.hexdigest()
