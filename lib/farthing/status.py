"""How everything stands: accounts, consents, allowances, the last sync, the published build; and what to do."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from rich.console import RenderableType
from rich.table import Table

from farthing import summary
from farthing.assembly import PROVIDER, newest_moment, sessions, source_of
from farthing.consent import NO_BANK, LinkedBank, linked_banks
from farthing.lake import layout
from farthing.lake.catalogue import NothingPublishedError
from farthing.lake.landing import EXTRACT_COLUMNS, EXTRACTS, make_table, read_extracts
from farthing.lake.reference import Fault
from farthing.lake.reference.loading import read_reference
from farthing.lake.store import ObjectStore, open_store
from farthing.plain import plain
from farthing.provider import Endpoint, Outcome
from farthing.settings import Settings
from farthing.state.models import Purpose
from farthing.state.queries import LinkedAccount, linked_accounts
from farthing.sync.plan import not_after
from farthing.sync.questions import ORDER
from farthing.sync.report import NEXT_STEP

_RENEW_WITHIN = timedelta(days=14)
_COUNTED = (Endpoint.TRANSACTIONS, Endpoint.BALANCES)


def status(settings: Settings, *, now: datetime) -> list[RenderableType]:
    """Read how everything stands, as parts to print one below the other.

    :raises ServiceDownError: if Postgres or the lake does not answer.
    """
    source = source_of(settings)
    with sessions(settings) as new_session, new_session() as session:
        accounts = [account for account in linked_accounts(session) if account.provider == source]
        consents = linked_banks(session, provider=source, now=now)
    store = open_store(settings)
    extracts = newest_extracts(store, until=newest_moment(settings, now=now))
    try:
        names = dict(summary.ask(settings, "select unnest(account_ids), account_name from marts.dim_account"))
        published = f"Published  {summary.counts(settings)}"
    except NothingPublishedError as exc:
        names, published = {}, str(exc)
    asked = extracts["ended_at"].max()
    synced = f"Last sync  {datetime.fromisoformat(str(asked)):%-d %B %Y %H:%M} UTC" if asked else "Never synced."
    return [
        *account_table(accounts, extracts, names, now=now),
        *(f"[yellow]![/] {plain(need)}" for need in needs(accounts, consents, extracts, names, now=now)),
        *(f"[yellow]![/] {plain(said)}" for said in passed_over(store)),
        synced,
        published,
    ]


def newest_extracts(store: ObjectStore, *, until: datetime) -> pl.DataFrame:
    """Read what landed on the newest day with a sync; nothing of a clock that was ahead.

    :param until: no answer can have come later.
    """
    days = [day for day in store.days(layout.landing_prefix(PROVIDER, EXTRACTS)) if day <= until.astimezone(UTC).date()]
    known = read_extracts(store, PROVIDER, since=days[-1]) if days else make_table(EXTRACT_COLUMNS, [])
    return not_after(known, until)


def account_table(
    accounts: Sequence[LinkedAccount], extracts: pl.DataFrame, names: Mapping[str, str], *, now: datetime
) -> list[RenderableType]:
    """Show each account with its consent and the calls it has left today.

    :param extracts: landed extracts, as :func:`farthing.lake.landing.read_extracts` gives them.
    :param names: account names by account id.
    """
    if not accounts:
        return [NO_BANK]
    table = Table("id", "account", "bank", "consent", title="Accounts", title_justify="left")
    table.add_column("calls left", justify="right")
    known = _newest(extracts.filter(pl.col("allowance_remaining").is_not_null()))
    for account in accounts:
        answers = [known.get((account.account_id, endpoint), {}) for endpoint in _COUNTED]
        table.add_row(
            account.account_id[:8],
            plain(_name(account, names)),
            plain(account.institution_name),
            _days_left(account.expires_at, now),
            " / ".join(answer.get("allowance_remaining", "–") for answer in answers),
        )
    return [table, f"Calls left today: {' / '.join(_COUNTED)}."]


def needs(
    accounts: Sequence[LinkedAccount],
    consents: Sequence[LinkedBank],
    extracts: pl.DataFrame,
    names: Mapping[str, str],
    *,
    now: datetime,
) -> list[str]:
    """Say what somebody has to do: consents to renew first, then what the newest answers call for."""
    newest = _newest(extracts)
    in_need: dict[str, list[str]] = {}
    for account in accounts:
        answers = [newest.get((account.account_id, endpoint)) for endpoint in ORDER]
        for outcome in {Outcome(answer["outcome"]) for answer in answers if answer} - {Outcome.OK}:
            in_need.setdefault(NEXT_STEP[outcome], []).append(_name(account, names))
    renewals = [need for consent in consents if (need := _renewal(consent, now))]
    return renewals + [f"{', '.join(those)}: {step}." for step, those in sorted(in_need.items())]


def passed_over(store: ObjectStore) -> list[str]:
    """Say which objects under ``reference/`` have mistakes, one line an object."""
    _, faults = read_reference(store)
    by_object: dict[str, list[Fault]] = {}
    for fault in faults:
        by_object.setdefault(fault.object_key, []).append(fault)
    return [
        f"{key} is passed over in part or whole, and what was decided before holds: {len(found)} mistakes, the first "
        f"{f'in row {found[0].row_number}, ' if found[0].row_number else ''}{found[0].mistake}."
        for key, found in sorted(by_object.items())
    ]


def _renewal(consent: LinkedBank, now: datetime) -> str | None:
    """Say that a consent has to be renewed, before it lapses and after."""
    if consent.purpose is Purpose.HISTORY:
        return None  # its history is kept; there is nothing new to come
    command = f"`farthing renew {consent.institution_id}`"
    if not consent.is_live:
        return f"{consent.institution_name}: the consent lapsed. {command} asks for a new one."
    for moment, what in ((consent.reconfirm_by, "must be confirmed"), (consent.expires_at, "lapses")):
        if moment is not None and moment - now <= _RENEW_WITHIN:
            return f"{consent.institution_name}: the consent {what} by {moment:%-d %B}. {command} renews it."
    return None


def _newest(extracts: pl.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """Pick the newest answer of each account and endpoint."""
    rows = extracts.sort("ended_at").iter_rows(named=True)
    return {(row["account_id"], row["endpoint"]): row for row in rows}


def _name(account: LinkedAccount, names: Mapping[str, str]) -> str:
    return names.get(account.account_id, account.account_id[:8])


def _days_left(expires_at: datetime | None, now: datetime) -> str:
    return "lasts" if expires_at is None else f"{max((expires_at - now).days, 0)} days left"
