"""``farthing replay``, ``rebuild``, ``fold`` and ``vacuum``: the lake, made anew from raw and kept tidy."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.filesize import decimal
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from farthing.cli import running
from farthing.cli.output import out
from farthing.clock import utc_now
from farthing.settings import Settings

if TYPE_CHECKING:  # polars and DuckDB take a while to import
    from farthing.lake.fingerprints import Difference, Fingerprint
    from farthing.lake.lease import Lease
    from farthing.lake.vacuum import Waste
    from farthing.sync.replay import Replayed


def replay() -> None:
    """Make all landing tables anew from the raw answers, and compare them with those that were there.

    Example: `farthing replay`
    """
    from farthing.writing import sole_writer

    settings = Settings.load()
    with sole_writer(settings, "replay") as held:
        replayed = _replayed(settings, held)
    out.print(_told(replayed), highlight=False)


def rebuild() -> None:
    """Replay, then build and publish the marts, and compare them with those that were there.

    Where the last syncs told nothing new, so that the marts do not have their times yet, these are built first.

    Example: `farthing rebuild`
    """
    from farthing.lake.catalogue import NothingPublishedError, published_inputs
    from farthing.lake.fingerprints import differences, fingerprints
    from farthing.writing import sole_writer

    settings = Settings.load()
    running.require_prefect(settings)
    with sole_writer(settings, "rebuild") as held:
        if (published := published_inputs(settings)) and published.repeated:
            running.build(settings)
        before: dict[str, Fingerprint] | None
        try:
            before = fingerprints(settings)
        except NothingPublishedError:
            before = None
        out.print(_told(_replayed(settings, held)), highlight=False)
        out.print(f"Built, tested and published: {running.build(settings)}", highlight=False)
        after = fingerprints(settings)
    if before is None:
        out.print(f"{len(after)} marts; nothing was published before to compare them with.", highlight=False)
    elif changed := differences(before, after):
        out.print(_table_of(changed))
        out.print(f"{len(changed)} of {len(before | after)} marts are not as before.", highlight=False)
    else:
        out.print(f"All {len(after)} marts are as before: the same rows, the same checksums.", highlight=False)


def fold(
    grace: Annotated[float, typer.Option(min=0, help="Hours for which files stay that were folded.")] = 24,
) -> None:
    """Put the landing files of closed months together, so that builds read few; every sync does it, too.

    Example: `farthing fold`
    """
    from farthing.assembly import fold_landing, newest_moment
    from farthing.writing import sole_writer

    settings = Settings.load()
    with sole_writer(settings, "fold") as held:
        now = utc_now()
        today = newest_moment(settings, now=now).date()
        folded = fold_landing(settings, now=now, today=today, grace=timedelta(hours=grace), check=held.check)
    out.print(
        f"{folded.folded} landing files of closed months are now {folded.written}; {folded.removed} that were "
        "folded before are removed.",
        highlight=False,
    )


def vacuum(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be removed, and remove nothing.")] = False,
    keep: Annotated[int, typer.Option(min=0, help="How many builds to keep beside the current one.")] = 10,
    grace: Annotated[float, typer.Option(min=0, help="Hours for which what is new or was current stays.")] = 24,
) -> None:
    """Remove the builds nobody goes back to: old catalogues, and mart files that no kept one shows.

    Raw answers, landing tables and what the owner decided are never touched.

    Example: `farthing vacuum --dry-run`
    """
    from farthing.lake.store import open_store
    from farthing.lake.vacuum import find_waste, remove_waste
    from farthing.writing import sole_writer

    settings = Settings.load()
    store = open_store(settings)
    if dry_run:
        waste = find_waste(store, keep=keep, grace=timedelta(hours=grace), now=utc_now())
        for each in (*waste.catalogues, *waste.mart_files):
            out.print(f"{each.key} [dim]{decimal(each.size_bytes)}[/]", highlight=False, soft_wrap=True)
        out.print(f"Would remove {_sized(waste)}", highlight=False)
        return
    with sole_writer(settings, "vacuum") as held:
        waste = find_waste(store, keep=keep, grace=timedelta(hours=grace), now=utc_now())
        remove_waste(store, waste, check=held.check)
    out.print(f"Removed {_sized(waste)}", highlight=False)


def _replayed(settings: Settings, held: "Lease") -> "Replayed":
    from farthing.assembly import READER
    from farthing.lake.store import open_store
    from farthing.sync.replay import replay

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True) as progress:
        bar = progress.add_task("days of raw answers", total=None)
        return replay(
            open_store(settings),
            READER,
            tell=lambda done, total: progress.update(bar, completed=done, total=total),
            check=held.check,
        )


def _told(replayed: "Replayed") -> str:
    read = f"{replayed.answers} raw answers of {replayed.runs} runs replayed."
    if replayed.is_as_before:
        return f"{read} All {replayed.equal} landing files are as before."
    return (
        f"{read} Landing files: {replayed.equal} equal, {replayed.changed} changed, {replayed.added} added, "
        f"{replayed.gone} gone."
    )


def _sized(waste: "Waste") -> str:
    return (
        f"{len(waste.mart_files)} mart files and {len(waste.catalogues)} catalogues, {decimal(waste.size_bytes)}. "
        f"{waste.kept_builds} builds stay, {decimal(waste.kept_bytes)}."
    )


def _table_of(changed: "list[Difference]") -> Table:
    table = Table("mart", "rows before", "rows after")
    for each in changed:
        table.add_row(each.mart, *("–" if side is None else str(side.rows) for side in (each.before, each.after)))
    return table
