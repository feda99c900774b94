"""``farthing banks``, ``connect``, ``renew``, ``disconnect`` and ``forget``: the life of a consent."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from farthing.cli import running
from farthing.cli.output import out
from farthing.errors import FarthingError
from farthing.plain import plain
from farthing.settings import Settings

if TYPE_CHECKING:  # the consent service takes a while to import
    from farthing.consent import Begun, Consents, LinkedBank, LinkResult, UnknownConsentError
    from farthing.forgetting import ForgottenAll

_POLL_SECONDS = 3
_PATIENCE_SECONDS = 15 * 60

_Wait = Annotated[bool, typer.Option(help="Wait until the bank is linked and sync it then.")]


class NotLinkedError(FarthingError):
    """The bank was not linked; the message says what happened and what to do next."""


def banks(
    country: Annotated[str, typer.Argument(help="Two letters, such as DE or GB.")],
    search: Annotated[str, typer.Option(help="Only banks with this in their name or id.")] = "",
) -> None:
    """List the banks of a country.

    Example: `farthing banks DE --search nord`
    """
    from farthing.assembly import consents

    async def listed() -> Table:
        async with consents(Settings.load()) as service:
            table = Table("id", "name", "history", "access", "consents")
            for bank in await service.institutions(country):
                if search.casefold() in f"{bank.name} {bank.id}".casefold():
                    first, last = bank.terms[0], bank.terms[-1]
                    table.add_row(
                        bank.id,
                        plain(bank.name),
                        f"{first.history_days} days",
                        f"{last.access_days} days",
                        str(len(bank.terms)),
                    )
            return table

    out.print(asyncio.run(listed()))


def connect(
    institution: Annotated[str, typer.Argument(help="The bank's id, as `farthing banks` lists it.")],
    wait: _Wait = True,
) -> None:
    """Link a bank: go to its page, agree, and the first sync follows. The web app must be up for the way back.

    Example: `farthing connect SANDBOXFINANCE_SFIN0000`
    """
    from farthing.assembly import consents, prepare_stores
    from farthing.web.addresses import callback_address

    settings = Settings.load()
    prepare_stores(settings)

    async def linked() -> None:
        async with consents(settings) as service:
            while True:
                begun = await service.begin(institution, redirect_url=callback_address(settings))
                _show(begun)
                if not wait or not (await _follow(service, begun)).needs_second:
                    return
                out.print("One more step: this bank gives its long history once, and what is new by another consent.")

    asyncio.run(linked())
    if wait:
        out.print(running.sync(settings), highlight=False)


def renew(
    institution: Annotated[str | None, typer.Argument(help="The bank's id; what lapses first if left out.")] = None,
    wait: _Wait = True,
) -> None:
    """Renew a consent in one step; names, history and budgets stay with the accounts.

    Example: `farthing renew`
    """
    from farthing.assembly import consents, prepare_stores
    from farthing.web.addresses import callback_address

    settings = Settings.load()
    prepare_stores(settings)

    async def renewed() -> None:
        async with consents(settings) as service:
            chosen = _choose(service.linked_banks(), institution)[0]
            begun = await service.renew(chosen.requisition_id, redirect_url=callback_address(settings))
            _show(begun)
            if wait:
                await _follow(service, begun)

    asyncio.run(renewed())
    if wait:
        out.print(running.sync(settings), highlight=False)


def disconnect(
    institution: Annotated[str, typer.Argument(help="The bank's id, as `farthing banks` lists it.")],
    forget: Annotated[bool, typer.Option("--forget", help="Remove all that was ever synced of it, too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to go on.")] = False,
) -> None:
    """End the consents of a bank at GoCardless. What was synced stays, unless it is to be forgotten.

    Example: `farthing disconnect SANDBOXFINANCE_SFIN0000`
    """
    from farthing.assembly import consents, prepare_stores
    from farthing.forgetting import account_ids_of, forget_bank

    settings = Settings.load()
    prepare_stores(settings)
    known = account_ids_of(settings, institution)
    if not known:
        raise _no_consent(institution)
    what = f"End the consents of {institution}" + (f" and forget {len(known)} linked account(s)" if forget else "")
    if not yes:
        typer.confirm(f"{what}?", abort=True)

    async def ended() -> int:
        async with consents(settings) as service:
            chosen = [each for each in service.linked_banks() if each.institution_id == institution]
            for each in chosen:
                await service.disconnect(each.requisition_id)
            return len(chosen)

    out.print(f"{asyncio.run(ended())} consent(s) ended, of {len(known)} linked account(s).", highlight=False)
    if forget:
        _show_forgotten(forget_bank(settings, institution, build=lambda: running.build(settings)))


def forget(
    account: Annotated[
        str, typer.Argument(help="The account's name, or how its id begins, as `farthing status` has it.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to go on.")] = False,
) -> None:
    """Remove all that was ever synced of one account, and sync it no more; a later link of its bank can bring it back.

    Example: `farthing forget 2bb69f38`
    """
    from farthing.assembly import consents, prepare_stores
    from farthing.forgetting import account_ids_of_one, consents_of_none_else, forget_account

    settings = Settings.load()
    running.require_prefect(settings)  # the marts are built anew, and half a removal helps nobody
    prepare_stores(settings)
    account_ids = account_ids_of_one(settings, account)
    if not yes:
        typer.confirm(
            f"Forget the account with {len(account_ids)} link(s), {', '.join(sorted(account_ids))}?", abort=True
        )

    async def end_consents() -> None:
        async with consents(settings) as service:
            for each in consents_of_none_else(settings, account_ids):
                await service.disconnect(each)

    asyncio.run(end_consents())
    _show_forgotten(forget_account(settings, account_ids, build=lambda: running.build(settings)))


def name(
    account: Annotated[str, typer.Argument(help="The account's id, or how it begins, as `farthing status` shows it.")],
    new_name: Annotated[str, typer.Argument(help="What to call it; an empty one brings the bank's name back.")],
) -> None:
    """Name an account; the name shows from the next build on, and survives a new link.

    Example: `farthing name 2bb69f38 "Housekeeping"`
    """
    from farthing.assembly import PROVIDER
    from farthing.clock import utc_now
    from farthing.lake.reference import name_account
    from farthing.lake.store import open_store
    from farthing.planning import find_account

    settings = Settings.load()
    found = find_account(settings, account)
    name_account(open_store(settings), provider=PROVIDER, account_id=found, name=new_name, named_at=utc_now())
    out.print("Named; `farthing build` shows it now, the next sync in any case.")


def _show_forgotten(gone: "ForgottenAll") -> None:
    lake = gone.lake
    out.print(
        f"Removed {lake.raw_objects} raw answers, {lake.landing_rewritten + lake.landing_removed} landing files "
        f"({lake.landing_rewritten} of them kept for other accounts), {lake.names} given names, "
        f"{lake.decisions} decisions, "
        f"{gone.build_objects} files of earlier builds and {gone.consents} consents. The marts are built anew.",
        highlight=False,
    )


def _show(begun: "Begun") -> None:
    terms = begun.terms
    name = plain(begun.institution_name)
    out.print(f"{name} will be asked for {terms.history_days} days of history and access for {terms.access_days} days.")
    out.print("Open this page, agree, and come back:")
    out.print(begun.link, soft_wrap=True, highlight=False)


async def _follow(service: "Consents", begun: "Begun") -> "LinkResult":
    """Ask the provider until the bank is linked and has delivered, whether or not the person comes back to us.

    :raises NotLinkedError: if it came to nothing, or nothing came in a quarter of an hour.
    """
    from farthing.consent.wording import explain

    with out.status("waiting for the bank (Ctrl-C stops waiting; the next sync finds out)"):
        for _ in range(_PATIENCE_SECONDS // _POLL_SECONDS):
            result = await service.finish(begun.reference)
            is_answered = not (begun.reconfirms and result.awaits_reconfirmation)
            if result.status == "failed" or (result.is_ready and is_answered):
                break
            await asyncio.sleep(_POLL_SECONDS)
    said = explain(result)
    if result.status != "linked" or (begun.reconfirms and result.awaits_reconfirmation):
        raise NotLinkedError(f"{said.heading}. {said.happened} {said.next_step}")
    out.print(f"[green]✓[/] {plain(said.heading)}. {said.happened}", highlight=False)
    return result


def _choose(linked: "list[LinkedBank]", institution: str | None) -> "list[LinkedBank]":
    """Pick the consents of a bank, or of all banks, the first to lapse first and those for the past last.

    :raises UnknownConsentError: if there is none.
    """
    chosen = [each for each in linked if institution in (None, each.institution_id)]
    if not chosen:
        raise _no_consent(institution)
    return sorted(chosen, key=lambda each: (each.purpose != "ongoing", each.expires_at or each.linked_at))


def _no_consent(institution: str | None) -> "UnknownConsentError":
    from farthing.consent import NO_BANK, UnknownConsentError

    return UnknownConsentError(
        f"There is no consent of {institution}: `farthing status` lists those there are." if institution else NO_BANK
    )
