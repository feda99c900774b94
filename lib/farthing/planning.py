"""What a sync would ask now: the linked accounts, held against what the lake has."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import duckdb
import polars as pl

from farthing.assembly import PROVIDER, READER, sessions, source_of
from farthing.errors import ConfigurationError, FarthingError
from farthing.lake.catalogue import NothingPublishedError, open_catalogue, published_inputs
from farthing.lake.landing import EXTRACTS, read_extracts
from farthing.lake.store import open_store
from farthing.settings import Settings
from farthing.state.models import Purpose
from farthing.state.queries import LinkedAccount, linked_accounts
from farthing.sync.due import ASKED_AGAIN_FOR
from farthing.sync.land import land, left_over
from farthing.sync.plan import not_after, oldest_needed, plan
from farthing.sync.pull import outbox_of
from farthing.sync.questions import Linked, Step
from farthing.sync.suspension import failing_accounts


class UnknownAccountError(FarthingError):
    """No linked account has an id that begins so: `farthing status` lists them."""


def plan_sync(
    settings: Settings,
    *,
    now: datetime,
    accounts: Sequence[str] | None = None,
    since: date | None = None,
    recovered: frozenset[str] = frozenset(),
    unlanded: pl.DataFrame | None = None,
) -> list[Step]:
    """Plan a sync of all linked accounts, or of some.

    :param accounts: beginnings of the ids of those to sync; all if null.
    :param since: forces the first day asked for.
    :param recovered: extracts that an interrupted run left unlanded, which count as this run's as those it landed do.
    :param unlanded: extracts to go by beside those that have landed.
    :raises UnknownAccountError: if no linked account's id begins so.
    """
    settled = _settled_until(settings, today=now.astimezone(UTC).date())
    linked = [_to_sync(account, settings, settled) for account in _narrowed(_linked(settings), accounts)]
    store, published = open_store(settings), published_inputs(settings)
    landed = read_extracts(store, PROVIDER, since=oldest_needed(linked, now=now))
    extracts = not_after(landed if unlanded is None else pl.concat([landed, unlanded], how="diagonal"), now)
    return plan(
        linked,
        extracts,
        now=now,
        since=since,
        recovered=recovered | _unpublished(extracts, published.told if published else frozenset()),
        failing=failing_accounts(store, READER, extracts),
    )


def preview_sync(
    settings: Settings, *, now: datetime, accounts: Sequence[str] | None = None, since: date | None = None
) -> list[Step]:
    """Plan what a sync would ask, and change nothing; what earlier runs left, here or in the lake, counts as landed.

    :raises UnknownAccountError: if no linked account's id begins so.
    """
    left = left_over(open_store(settings), READER, now=now, outbox=outbox_of(settings))
    return plan_sync(
        settings,
        now=now,
        accounts=accounts,
        since=since,
        recovered=frozenset(str(envelope.extract.extract_id) for envelope in left),
        unlanded=land(left, READER)[EXTRACTS],
    )


def find_account(settings: Settings, beginning: str) -> str:
    """Find the linked account whose id begins so.

    :raises UnknownAccountError: if there is none, or more than one.
    """
    found = {account.account_id for account in _narrowed(_linked(settings), [beginning])}
    if len(found) > 1:
        raise UnknownAccountError(
            f"{len(found)} linked accounts have ids that begin with {beginning!r}: say more of it."
        )
    return found.pop()


def refuse_another_time(settings: Settings, at: datetime | None) -> None:
    """Let only a sandbox bank be asked as of another moment than now.

    :raises ConfigurationError: if real banks would be asked, or the moment has no time zone.
    """
    if at is None:
        return
    if at.tzinfo is None:
        raise ConfigurationError("The moment needs its time zone, such as 2026-03-02T08:00:00Z.")
    if not settings.is_sandbox:
        raise ConfigurationError(
            "Another time than now is for a sandbox bank: FARTHING_GOCARDLESS_URL names GoCardless itself."
        )


def _unpublished(extracts: pl.DataFrame, published: frozenset[str]) -> frozenset[str]:
    """List the extracts of runs that died after landing, before what they brought was published."""
    return frozenset(extracts.filter(~pl.col("run_id").is_in(list(published)))["extract_id"])


def each_once(linked: Sequence[LinkedAccount], account_keys: Mapping[str, str]) -> list[LinkedAccount]:
    """Leave out what a later link of the same purpose opens too.

    :param account_keys: by account id, which account it is, as far as evidence tells; the state knows numbers only.
    """

    def place(account: LinkedAccount) -> tuple[str, Purpose]:
        return account_keys.get(account.account_id, account.account_id), account.purpose

    newest = {place(account): account.requisition_id for account in sorted(linked, key=lambda each: each.linked_at)}
    return [account for account in linked if newest[place(account)] == account.requisition_id]


def _linked(settings: Settings) -> list[LinkedAccount]:
    with sessions(settings) as new_session, new_session() as session:
        linked = [account for account in linked_accounts(session) if account.provider == source_of(settings)]
    return each_once(linked, _account_keys(settings))


def _account_keys(settings: Settings) -> dict[str, str]:
    """Read which account each id names, from what is published: its details tell of those that have no number."""
    try:
        with open_catalogue(settings) as catalogue:
            return dict(catalogue.execute("select unnest(account_ids), account_key from marts.dim_account").fetchall())
    except (NothingPublishedError, duckdb.CatalogException):  # the second: published before there was such a column
        return {}


def _settled_until(settings: Settings, *, today: date) -> dict[str, date]:
    """Read up to which day the published build has every day of an account, by each of its ids.

    An answer that had lost too much to be believed settles no day, and what a build learnt of that ends here.
    """
    try:
        with open_catalogue(settings) as catalogue:
            rows = catalogue.execute(
                "select unnest(account_ids), last_covered_date, last_gap_date, longest_gap_days"
                " from marts.dim_account inner join marts.fct_coverage using (account_key)"
                " where last_covered_date is not null"
            ).fetchall()
    except (NothingPublishedError, duckdb.CatalogException):  # the second: published before there were such columns
        return {}
    return {
        account_id: gap_ends - timedelta(days=longest) if gap_ends and gap_ends >= today - ASKED_AGAIN_FOR else covered
        for account_id, covered, gap_ends, longest in rows
    }


def _narrowed(linked: list[LinkedAccount], beginnings: Sequence[str] | None) -> list[LinkedAccount]:
    if beginnings is None:
        return linked
    for beginning in beginnings:
        if not any(account.account_id.startswith(beginning) for account in linked):
            raise UnknownAccountError(
                f"No linked account's id begins with {beginning!r}: `farthing sync --dry-run` lists them."
            )
    return [account for account in linked if account.account_id.startswith(tuple(beginnings))]


def _to_sync(account: LinkedAccount, settings: Settings, settled_until: Mapping[str, date]) -> Linked:
    return Linked(
        account_id=account.account_id,
        linked_at=account.linked_at,
        expires_at=account.expires_at,
        history_days=account.history_days,
        lookback_days=settings.sync_lookback_by_bank.get(account.institution_id, settings.sync_lookback_days),
        is_history=account.purpose is Purpose.HISTORY,
        institution_id=account.institution_id,
        settled_until=settled_until.get(account.account_id),
    )
