"""What staging has to hold of lives that were played, and where it does not."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from farthing.gocardless.provider import GoCardlessProvider
from farthing.lake.raw import RawEnvelope
from farthing.sync.due import ASKED_AGAIN_FOR
from farthing.sync.land import land
from tests.model.bank import LATE, START, Fact, Told, believed, owners
from tests.model.lives import Event, Life
from tests.model.warehouse import Warehouse

LONGEST_SILENCE = ASKED_AGAIN_FOR  # and no consent of 90 days, less the lookback, lets one ask for much more

type Story = tuple[str, list[Event]]


def violations(
    stories: Sequence[Story], warehouse: Warehouse, provider: GoCardlessProvider
) -> Iterator[tuple[int, str]]:
    """Play lives side by side and hold staging against their truth; gives the number of a life and what is wrong."""
    lives = []
    for number, (evidence, events) in enumerate(stories):
        life = Life(f"A{number}", evidence, provider)
        life.play(events)
        before_the_end = len(life.told)
        life.end_well()
        lives.append((life, (before_the_end // 2, before_the_end, len(life.told))))
    keys: dict[str, dict[Fact, str]] = {}
    for moment, when in enumerate(("in the middle", "before the end", "at the end")):
        seen = [(life, _whole_runs(life.told, moments[moment])) for life, moments in lives]
        warehouse.build(land((each for life, told in seen for each in _until(life, told)), provider))
        booked, pending = _staged(warehouse, "transactions"), _staged(warehouse, "pending_transactions")
        for number, (life, told) in enumerate(seen):
            name = life.account.name
            expected, announced = _expected(told)
            found = [row[:4] for row in booked.get(name, [])]
            facts = Counter(fact[:4] for fact in expected)
            if (
                Counter((serial, day, value_on, amount) for serial, day, value_on, amount, _ in booked.get(name, []))
                != facts
            ):
                yield number, f"settled {when}: {found} and not {sorted(facts)}"
            if {row[0] for row in pending.get(name, [])} != announced:
                yield number, f"pending {when}: {pending.get(name, [])} and not {announced}"
            named = {row[:4]: row[4] for row in booked.get(name, [])}
            now = {fact: str(named[fact[:4]]) for fact in expected if fact[:4] in named}
            for fact, key in keys.get(name, {}).items():
                if now.get(fact, key) != key:
                    yield number, f"another key {when} for {fact}"
            keys[name] = now
    for number, (life, _) in enumerate(lives):
        if _was_always_believed(life.told) and _was_asked_in_time(life.told):
            yield from ((number, wrong) for wrong in _against_the_ledger(life))
    accounts = warehouse.rows("select count(distinct account_key) from stg_gocardless__accounts")
    if accounts != [(len([life for life, _ in lives if life.envelopes]),)]:
        yield 0, f"{accounts} accounts and not {len(lives)}"


def _whole_runs(told: Sequence[Told], number: int) -> Sequence[Told]:
    """Take so many answers, and the others of the last one's run."""
    until = told[number - 1].requested_at if number else None
    return [each for each in told if until and each.requested_at <= until]


def _until(life: Life, told: Sequence[Told]) -> list[RawEnvelope]:
    """Take the answers up to a moment."""
    until = told[-1].requested_at if told else None
    return [each for each in life.envelopes if until and each.extract.requested_at <= until]


def _staged(warehouse: Warehouse, entity: str) -> dict[str, list[tuple[object, ...]]]:
    day, value = ("booking_date", "value_date") if entity == "transactions" else ("expected_date", "null")
    key = "transaction_key" if entity == "transactions" else "pending_key"
    rows = warehouse.rows(f"select purpose_code, {day}, {value}, amount, {key} from stg_gocardless__{entity}")
    found: dict[str, list[tuple[object, ...]]] = {}
    for row in rows:
        found.setdefault(str(row[0]).partition("-")[0], []).append(row)
    return found


def _expected(told: Sequence[Told]) -> tuple[list[Fact], frozenset[str]]:
    """Say what the newest believed answer about each day showed for it, and the newest of all as pending."""
    kept = believed(told)
    facts = [fact for day, owner in owners(kept).items() for fact in owner.facts if fact[1] == day]
    newest = max(kept, key=lambda each: (each.requested_at, each.extract_id), default=None)
    return facts, newest.pending if newest else frozenset()


def _was_always_believed(told: Sequence[Told]) -> bool:
    """Tell whether no honest answer was taken for an outage: a bank that takes back most of a list looks like one."""
    kept = {each.extract_id for each in believed(told)}
    return all(each.is_faulty or each.extract_id in kept for each in told)


def _was_asked_in_time(told: Sequence[Told]) -> bool:
    """Tell whether the bank was never silent, or told of nothing, for longer than is asked back."""
    moments = [START - LATE, *(each.requested_at for each in told if not each.is_faulty)]
    return all(later - earlier < LONGEST_SILENCE for earlier, later in pairwise(moments))


def _against_the_ledger(life: Life) -> Iterator[str]:
    """Hold what is expected against the bank's ledger at the end: the planning must have asked for all of it."""
    facts, _ = _expected(life.told)
    days: set[date] = set().union(*(each.days for each in life.told))
    ledger = Counter(entry.fact()[:4] for entry in life.account.booked if entry.booked_on in days)
    settled = Counter(fact[:4] for fact in facts)
    if settled != ledger:
        yield f"lost: {sorted((ledger - settled).elements())}, too many: {sorted((settled - ledger).elements())}"
