"""``farthing sandbox``: serve the bank, or write down what really happened. It meets the clock and the environment."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from farthing.errors import ConfigurationError

if TYPE_CHECKING:
    from farthing.sandbox.institutions import Institution

app = typer.Typer(
    name="sandbox",
    help="A bank that speaks the GoCardless protocol.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
_Home = Annotated[Path, typer.Option(help="Folder of the state file.")]
_Institution = Annotated[list[str] | None, typer.Option(help="Only this bank; may be given again.")]
_Households = Annotated[int, typer.Option(min=1, max=10_000, help="How many of each bank, from number 0.")]
_Seed = Annotated[int, typer.Option(help="Another seed gives other purchases.")]


@app.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    *,
    secret_id: Annotated[str, typer.Option(envvar="SANDBOX_SECRET_ID", help="Gets a token, with its key.")] = "",
    secret_key: Annotated[str, typer.Option(envvar="SANDBOX_SECRET_KEY", help="Better not as an argument.")] = "",
    home: _Home = Path(".farthing/sandbox"),
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port of the API and the bank's pages.")] = 7403,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    listen_anywhere: Annotated[bool, typer.Option("--listen-anywhere", help="Let others reach it.")] = False,
    admin_port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Port of the admin API; off unless given.")
    ] = None,
    scenario: Annotated[Path | None, typer.Option(help="TOML or JSON file of what happens when.")] = None,
    seed: _Seed = 7,
) -> None:
    """Serve the bank until Ctrl-C.

    Example: `SANDBOX_SECRET_ID=me SANDBOX_SECRET_KEY=secret farthing sandbox --admin-port 7404`
    """
    if context.invoked_subcommand is not None:
        return
    from pydantic import SecretStr  # late, as below: the command line starts fast

    from farthing.sandbox import server

    if not secret_id or not secret_key:
        raise ConfigurationError("Set SANDBOX_SECRET_ID and SANDBOX_SECRET_KEY to the pair that gets a token.")
    if listen_anywhere:
        typer.echo(f"Warning: whoever reaches {host}:{port} can use this bank.", err=True)
    wanted = server.Serving(
        secret_id=secret_id,
        secret_key=SecretStr(secret_key),
        home=home,
        port=port,
        host=host,
        listen_anywhere=listen_anywhere,
        admin_port=admin_port,
        scenario=scenario,
        seed=seed,
    )
    server.serve(wanted, clock=lambda: datetime.now(UTC), told=typer.echo)


@app.command()
def truth(
    folder: Annotated[Path, typer.Argument(help="Where to write accounts, entries and events.parquet.")],
    *,
    institution: _Institution = None,
    households: _Households = 1,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day.")] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day; the bank's yesterday if left out.")
    ] = None,
    home: _Home = Path(".farthing/sandbox"),
    seed: _Seed = 7,
) -> None:
    """Write the banks' own ledger as Parquet, with what was made to happen at the bank of this home.

    Example: `farthing sandbox truth ledger/ --institution HARBOUR_HBRSIEZZ`
    """
    from farthing.sandbox.books import Books
    from farthing.sandbox.households import HOUSEHOLDS
    from farthing.sandbox.movements import LEDGER_START
    from farthing.sandbox.server import STATE_FILE
    from farthing.sandbox.state import load
    from farthing.sandbox.truth import write_truth

    banks = _banks(institution)
    known = load(home / STATE_FILE, seed=seed)
    first = since.date() if since else LEDGER_START
    last = until.date() if until else (datetime.now(UTC) + known.ahead).date() - timedelta(days=1)
    count = write_truth(
        folder,
        Books(HOUSEHOLDS, seed=seed),
        banks,
        households=households,
        first=first,
        last=last,
        at_bank=known.at_bank,
        linked={*known.at_bank, *(each.key for each in known.accounts.values() if each.key)},
    )
    typer.echo(f"{count} entries of {len(banks)} banks from {first} to {last} are in {folder}.")


@app.command()
def raw(
    folder: Annotated[Path, typer.Argument(help="A lake in a folder; raw answers are added to it.")],
    *,
    institution: _Institution = None,
    households: _Households = 1,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The bank's day; today if left out.")
    ] = None,
    seed: _Seed = 7,
) -> None:
    """Write what the banks would answer about many households, as syncs would have left it in a lake: no server needed.

    `farthing replay` and `farthing build` make tables of it, where FARTHING_LAKE_URL is the folder's file:// address.

    Example: `farthing sandbox raw big-lake/ --households 1000`
    """
    import fsspec

    from farthing.lake.store import ObjectStore
    from farthing.sandbox.books import Books
    from farthing.sandbox.households import HOUSEHOLDS
    from farthing.sandbox.raw import write_answers

    banks = _banks(institution)
    asked_at = on.replace(hour=6, tzinfo=UTC) if on else datetime.now(UTC)
    store = ObjectStore(f"file://{folder.absolute()}", fsspec.filesystem("file"))
    written = write_answers(store, Books(HOUSEHOLDS, seed=seed), banks, households=households, asked_at=asked_at)
    accounts, entries = 0, 0
    for count in written:
        accounts, entries = accounts + 1, entries + count
    typer.echo(f"{entries} entries of {accounts} accounts at {len(banks)} banks are in {folder}.")


def _banks(institution: list[str] | None) -> "list[Institution]":
    """Find the banks of some ids, all of them where none is given.

    :raises ConfigurationError: if an id is no bank's.
    """
    from farthing.sandbox.institutions import BANKS

    banks = [bank for bank in BANKS if institution is None or bank.key in institution]
    if unknown := set(institution or []) - {bank.key for bank in banks}:
        raise ConfigurationError(f"There is no bank {', '.join(sorted(unknown))} in the sandbox.")
    return banks
