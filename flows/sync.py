"""Pull what is due from every linked account, land it, build and publish the marts, report."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from prefect import flow, task
from prefect.artifacts import acreate_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.context import TaskRunContext
from prefect.futures import wait
from prefect.logging import get_run_logger

from farthing.assembly import PROVIDER, consents, prepare_stores, provider, sessions, source_of
from farthing.errors import FarthingError
from farthing.lake.landing import read_extracts
from farthing.lake.store import open_store
from farthing.provider import Ask, Outcome
from farthing.settings import Settings
from farthing.state.models import Purpose
from farthing.state.operations import expire_refused
from farthing.state.queries import linked_accounts
from farthing.sync.land import land_run, recover
from farthing.sync.plan import DETAILS_EVERY, Linked, Step, plan, to_pull
from farthing.sync.pull import Pulled
from farthing.sync.pull import pull as pull_once
from farthing.sync.report import markdown, sentence
from flows.build import build


class NotAllPulledError(FarthingError):
    """The run is over and what came is published, but some questions were not answered well."""


class AskAgainError(Exception):
    """The bank or the network failed: the task's retry asks once more."""


@flow(name="sync")
async def sync(accounts: list[str] | None = None) -> str:
    """Pull, land, build, publish; finish what an interrupted run left first.

    :param accounts: account ids to narrow the run to; all linked accounts if left out.
    :returns: how many questions were asked and answered, in words.
    :raises NotAllPulledError: at the end, if a bank's answer needs someone's attention.
    """
    started_at, run_id = datetime.now(UTC), uuid4()  # the one clock read; every retry reuses it
    steps = await plan_run(accounts, started_at)
    pulls = [
        pull.with_options(task_run_name=f"pull {ask.endpoint} {ask.account_id[:8]}").submit(ask, run_id, started_at)
        for ask in to_pull(steps)
    ]
    wait(pulls)
    pulled = [future.result(raise_on_failure=False) for future in pulls]
    kept = [answer for answer in pulled if isinstance(answer, Pulled)]
    await land([answer.key for answer in kept])
    note_lapsed([answer.ask.account_id for answer in kept if answer.outcome is Outcome.RELINK], started_at)
    build_id = build()
    await acreate_markdown_artifact(
        key="sync-report", markdown=markdown(steps, kept, build_id=build_id), description="What this sync did"
    )
    said = sentence(steps, kept)
    if any(answer.outcome is not Outcome.OK for answer in kept) or len(kept) < len(pulls):
        # A refused secret stops every question before it is asked, so there is no answer to tell of.
        refusals = {str(answer) for answer in pulled if isinstance(answer, FarthingError)}
        raise NotAllPulledError(" ".join([said, *sorted(refusals), "What came is published."]))
    return said


@task(name="plan", cache_policy=NO_CACHE)
async def plan_run(accounts: list[str] | None, started_at: datetime) -> list[Step]:
    """Land what an interrupted run left, then decide what to ask."""
    settings = Settings.load()
    prepare_stores(settings)
    store = open_store(settings)
    async with consents(settings) as service:
        await service.settle()
    with sessions(settings) as new_session, new_session() as session:
        linked = [
            Linked(
                account_id=account.account_id,
                linked_at=account.linked_at,
                history_days=account.history_days,
                is_history=account.purpose is Purpose.HISTORY,
            )
            for account in linked_accounts(session)
            if account.provider == source_of(settings) and (accounts is None or account.account_id in accounts)
        ]
    async with provider(settings) as bank:
        recovered = recover(store, bank)
    since = (started_at - DETAILS_EVERY * 14).date()
    steps = plan(
        linked,
        read_extracts(store, PROVIDER, since=since),
        now=started_at,
        lookback_days=settings.sync_lookback_days,
        recovered=recovered,
    )
    log = get_run_logger()
    if recovered:
        log.info("Finished %d answers that an interrupted run had left.", len(recovered))
    log.info("%d accounts: %d questions to ask of %d.", len(linked), len(to_pull(steps)), len(steps))
    return steps


def _is_worth_asking_again(_task: object, _run: object, state: object) -> bool:
    return "AskAgainError" in str(getattr(state, "message", ""))


@task(retries=2, retry_delay_seconds=[5, 30], retry_condition_fn=_is_worth_asking_again, cache_policy=NO_CACHE)
async def pull(ask: Ask, run_id: UUID, started_at: datetime) -> Pulled:
    """Copy one endpoint's answer for one account into the raw lake."""
    settings = Settings.load()
    context = TaskRunContext.get()
    attempt = context.task_run.run_count if context else 1
    async with provider(settings) as bank:
        pulled = await pull_once(
            bank, open_store(settings), ask, run_id=run_id, attempt=attempt, requested_at=started_at
        )
    get_run_logger().info("%s: %s", ask.endpoint, pulled.outcome)
    if pulled.outcome is Outcome.RETRY and attempt <= 2:
        raise AskAgainError(f"{ask.endpoint} of {ask.account_id[:8]}")
    return pulled


@task(cache_policy=NO_CACHE)
async def land(keys: list[str]) -> int:
    """Make landing Parquet of the run's answers."""
    settings = Settings.load()
    async with provider(settings) as bank:
        landed = land_run(open_store(settings), bank, keys)
    get_run_logger().info("Landed %d answers.", landed)
    return landed


@task(cache_policy=NO_CACHE)
def note_lapsed(account_ids: list[str], noticed_at: datetime) -> None:
    """Record that consents are over, whose accounts all say so; nothing more is asked of them."""
    if not account_ids:
        return
    settings = Settings.load()
    with sessions(settings) as new_session, new_session.begin() as session:
        lapsed = expire_refused(session, provider=source_of(settings), account_ids=account_ids, noticed_at=noticed_at)
    get_run_logger().warning("%d consents are over: `farthing renew` asks the account holder.", lapsed)
