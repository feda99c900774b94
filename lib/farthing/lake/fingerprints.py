"""Telling whether two builds show the same: rows and a checksum of each mart, through the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass

from farthing.lake.catalogue import open_catalogue
from farthing.settings import Settings


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """How many rows a mart has, and the sum of their hashes, whatever their order."""

    rows: int
    checksum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A mart that two builds show differently; the side on which there is none is null."""

    mart: str
    before: Fingerprint | None
    after: Fingerprint | None


def fingerprints(settings: Settings) -> dict[str, Fingerprint]:
    """Take the fingerprint of each published mart, by name.

    :raises NothingPublishedError: if there is no build.
    """
    with open_catalogue(settings) as catalogue:
        views = catalogue.execute("select view_name from duckdb_views() where schema_name = 'marts' order by 1")
        return {
            str(name): Fingerprint(
                *map(
                    int,
                    catalogue.execute(
                        f'select count(*), coalesce(sum(hash(mart)), 0) from marts."{name}" as mart'  # noqa: S608 - names of our own views
                    ).fetchall()[0],
                )
            )
            for (name,) in views.fetchall()
        }


def differences(before: Mapping[str, Fingerprint], after: Mapping[str, Fingerprint]) -> list[Difference]:
    """List the marts that differ, by name."""
    return [
        Difference(mart=name, before=before.get(name), after=after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]
