"""Pull what is due from every linked account, land it, build and publish the marts, report."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from prefect import flow, task
from prefect.artifacts import acreate_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.context import TaskRunContext
from prefect.logging import get_run_logger

from farthing.assembly import PROVIDER, READER, consents, fold_landing, prepare_stores, provider, sessions, source_of
from farthing.clock import clock_ahead, utc_now
from farthing.errors import FarthingError
from farthing.lake.catalogue import confirm, published_inputs
from farthing.lake.inputs import read_inputs
from farthing.lake.landing import read_extracts
from farthing.lake.store import ObjectStore, open_store
from farthing.planning import plan_sync, refuse_another_time
from farthing.provider import Ask, Outcome, Provider
from farthing.settings import DBT_PROJECT_DIR, Settings
from farthing.state.operations import expire_refused
from farthing.sync.due import LAPSED
from farthing.sync.land import land_run, recover
from farthing.sync.news import is_news
from farthing.sync.plan import after_first, in_stages, oldest_needed, to_pull, to_pull_later
from farthing.sync.pull import Pulled, outbox_of, send
from farthing.sync.pull import pull as pull_once
from farthing.sync.questions import Step
from farthing.sync.refused import refused_and_closed
from farthing.sync.report import NotAllPulledError, failures, markdown, sentence
from farthing.writing import sole_writer, sole_writer_async

_AT_ONCE = 32  # questions; most of them wait for their turn to ask


class AskAgainError(Exception):
    """The bank or the network failed: the task's retry asks once more."""


@flow(name="sync")
@sole_writer_async("sync")
async def sync(accounts: list[str] | None = None, at: datetime | None = None, since: date | None = None) -> str:
    """Pull, land, build, publish; finish what an interrupted run left first.

    :param accounts: beginnings of account ids to narrow the run to; all linked accounts if left out.
    :param at: the moment to run as of, for simulations with a sandbox bank; now if left out.
    :param since: ask for transactions from this day on, whatever is there already.
    :returns: how many questions were asked and answered, in words.
    :raises LeaseHeldError: if another run writes to the lake and does not end soon; then nothing is asked.
    :raises LeaseLostError: if the lake was not kept to this run; then nothing more is asked, and nothing landed.
    :raises NotAllPulledError: at the end, if a bank's answer needs someone's attention.
    """
    refuse_another_time(Settings.load(), at)
    at = at and at.astimezone(UTC)  # days are UTC's, and so are all times in the lake
    began_at, run_id = utc_now(), uuid4()  # the one clock read; every retry reuses it
    run = Run(run_id=run_id, started_at=at or began_at, ahead=at - began_at if at else timedelta())
    steps, has_finished_another = await plan_run(run, accounts, since)
    introductions, first = in_stages(steps)
    pulled = await pull_all(introductions, run)
    pulled += await pull_all(first, run)
    steps = after_first(steps, {answer.ask: answer.outcome for answer in pulled if isinstance(answer, Pulled)})
    later = to_pull_later(steps)
    pulled += await pull_all(later, run)
    kept = [answer for answer in pulled if isinstance(answer, Pulled)]
    await land([key for answer in kept for key in answer.keys])
    if any(answer.outcome is not Outcome.OK for answer in kept) or any(step.skipped == LAPSED for step in steps):
        note_lapsed(run)
    await tidy(run)
    # What was left by a run of days ago is no answer of today's, by which the comparison goes.
    has_news = has_finished_another or await compare(run)
    published = publish_news() if has_news else "Nothing new: what is published stays."
    await acreate_markdown_artifact(
        key="sync-report", markdown=markdown(steps, kept, published=published), description="What this sync did"
    )
    said = f"{sentence(steps, kept)} {published}"
    if failed := failures([*introductions, *first, *later], pulled):
        # A refused secret stops every question before it is asked, so there is no answer to tell of.
        refusals = {str(answer) for answer in pulled if isinstance(answer, FarthingError)}
        raise NotAllPulledError(" ".join([said, *sorted(refusals)]), failed)
    return said


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One sync: its id, the moment it runs as of, and how far that is ahead of the real time."""

    run_id: UUID
    started_at: datetime
    ahead: timedelta


@task(name="plan", cache_policy=NO_CACHE)
async def plan_run(run: Run, accounts: list[str] | None, since: date | None) -> tuple[list[Step], bool]:
    """Settle open consents and land what an interrupted run left, then decide what to ask.

    :returns: the plan, and whether an interrupted run had left anything.
    """
    settings, now = Settings.load(), clock_ahead(run.ahead)
    prepare_stores(settings)
    store = open_store(settings)
    async with consents(settings, now=now) as service:
        await service.settle()
    async with provider(settings, now=now) as bank:
        with sole_writer(settings, "sync") as held:
            held.check()
            outbox = outbox_of(settings)
            sent = send(outbox, store)
            recovered = recover(store, bank, now=run.started_at, sent=sent)
            outbox.delete(sent)  # not before they have landed: nothing else tells where to look for them
    steps = plan_sync(settings, now=run.started_at, accounts=accounts, since=since, recovered=recovered)
    log = get_run_logger()
    if recovered:
        log.info("Finished %d answers that an interrupted run had left.", len(recovered))
    log.info("%d questions to ask of %d.", len(to_pull(steps)), len(steps))
    return steps, bool(recovered)


async def pull_all(asks: Sequence[Ask], run: Run) -> list[Pulled | BaseException]:
    """Pull, a task each, so many at once and in the plan's order; one that fails stops no other.

    The tasks run in this flow's own event loop and share its connections. In threads, each would open its own, and one
    of Prefect's, which took longer than the bank.
    """
    settings, turn = Settings.load(), asyncio.Semaphore(_AT_ONCE)
    store = open_store(settings)
    async with provider(settings, now=clock_ahead(run.ahead)) as bank:

        async def pull_in_turn(ask: Ask) -> Pulled:
            async with turn:
                return await pull.with_options(task_run_name=f"pull {ask.endpoint} {ask.account_id[:8]}")(
                    bank, store, ask, run
                )

        return await asyncio.gather(*map(pull_in_turn, asks), return_exceptions=True)


def _is_worth_asking_again(_task: object, _run: object, state: object) -> bool:
    return "AskAgainError" in str(getattr(state, "message", ""))


# Once more and no further, and not at all where failures count towards suspension. The next sync asks again.
@task(retries=1, retry_delay_seconds=10, retry_condition_fn=_is_worth_asking_again, cache_policy=NO_CACHE)
async def pull(bank: Provider, store: ObjectStore, ask: Ask, run: Run) -> Pulled:
    """Copy one endpoint's answer for one account into the raw lake."""
    context = TaskRunContext.get()
    attempt = context.task_run.run_count if context else 1
    settings = Settings.load()
    with sole_writer(settings, "sync") as held:
        pulled = await pull_once(
            bank,
            store,
            ask,
            run_id=run.run_id,
            attempt=attempt,
            requested_at=run.started_at,
            check=held.check,
            outbox=outbox_of(settings),
        )
    get_run_logger().info("%s: %s", ask.endpoint, pulled.outcome)
    if pulled.outcome is Outcome.RETRY and attempt == 1:
        raise AskAgainError(f"{ask.endpoint} of {ask.account_id[:8]}")
    return pulled


@task(cache_policy=NO_CACHE)
async def land(keys: list[str]) -> int:
    """Make landing Parquet of the run's answers."""
    settings = Settings.load()
    async with provider(settings) as bank:
        with sole_writer(settings, "sync") as held:
            held.check()  # where it is lost, the next run lands what this one was answered
            landed = land_run(open_store(settings), bank, keys)
    get_run_logger().info("Landed %d answers.", landed)
    return landed


@task(cache_policy=NO_CACHE)
async def tidy(run: Run) -> None:
    """Fold the landing files of months that are closed by now; mostly there are none."""
    settings = Settings.load()
    with sole_writer(settings, "sync") as held:
        folded = fold_landing(settings, now=utc_now(), today=run.started_at.date(), check=held.check)
    if folded.written or folded.removed:
        get_run_logger().info("%d landing files became %d; %d removed.", folded.folded, folded.written, folded.removed)


@task(name="compare", cache_policy=NO_CACHE)
async def compare(run: Run) -> bool:
    """Tell whether the marts would show anything new; if not, note that what is published says it all."""
    settings = Settings.load()
    store, published = open_store(settings), published_inputs(settings)
    inputs = read_inputs(store, PROVIDER, project=DBT_PROJECT_DIR, base_currency=settings.base_currency)
    if published is None or is_news(store, READER, published=published, now=inputs, today=run.started_at.date()):
        return True
    with sole_writer(settings, "sync") as held:
        held.check()
        confirm(store, published, repeated=inputs.runs - published.runs)
    get_run_logger().info("Every answer is what it was earlier today: nothing to build.")
    return False


def publish_news() -> str:
    """Build and publish, and say so."""
    from flows.build import build  # dbt, which takes seconds to import

    return f"Built, tested and published as {build()}."


@task(cache_policy=NO_CACHE)
def note_lapsed(run: Run) -> None:
    """Record that consents are over whose accounts all say so, in this run or before; nothing more is asked of them."""
    settings = Settings.load()
    since = oldest_needed([], now=run.started_at)  # a closed account is asked again by then
    refused, closed = refused_and_closed(read_extracts(open_store(settings), PROVIDER, since=since))
    with sessions(settings) as new_session, new_session.begin() as session:
        lapsed = expire_refused(
            session, provider=source_of(settings), refused=refused, closed=closed, noticed_at=run.started_at
        )
    if lapsed:
        get_run_logger().warning("%d consents are over: `farthing renew` asks the account holder.", lapsed)
