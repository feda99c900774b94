import asyncio
import itertools
from collections.abc import Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farthing.gocardless import Pace, open_client
from farthing.gocardless.pace import Call, Window

type Paced = Callable[[list[tuple[str, str]]], list[float]]


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def waits(calls: list[tuple[str, str]]) -> list[float]:
    """The seconds that each of some calls, all made at one moment, has to wait."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited[-1] = seconds

    async def run() -> None:
        pace = Pace(clock=lambda: 0.0, sleep=sleep)
        for method, path in calls:
            waited.append(0.0)
            await pace.wait(method, path)

    asyncio.run(run())
    return waited


@given(
    st.integers(1, 5),
    st.lists(st.floats(0, 50, allow_nan=False), max_size=60),
)
def test_lets_no_more_through_in_any_stretch_of_time(calls: int, pauses: list[float]) -> None:
    window = Window(calls, seconds=60)
    asked = list(itertools.accumulate(pauses))
    gone = [window.reserve(now).moment for now in asked]
    assert gone == sorted(gone)
    for first, later in zip(gone, gone[calls:], strict=False):
        assert later - first >= 60 - 1e-6  # sums of floats


def test_makes_nobody_wait_who_need_not() -> None:
    window = Window(2, seconds=60)
    gone = []
    for now in (0, 10, 60, 70, 75):
        call = window.reserve(now)
        call.is_answered(call.moment)
        gone.append(call.moment)
    assert gone == [0, 10, 60, 70, 120]


@pytest.mark.parametrize(
    ("answered_after", "next_goes_at"),
    [
        pytest.param(0.2, 60.2, id="answered"),
        pytest.param(30, 69, id="answered-late"),
        pytest.param(None, 69, id="not-answered-yet"),
    ],
)
def test_counts_a_call_from_when_gocardless_can_have_counted_it(
    answered_after: float | None, next_goes_at: float
) -> None:
    window = Window(1, seconds=60)
    call = window.reserve(0)
    if answered_after is not None:
        call.is_answered(answered_after)
    assert window.reserve(1).moment == next_goes_at


def test_lets_no_call_overtake_an_earlier_one() -> None:
    window = Window(2, seconds=60)
    window.reserve(0)
    answered = window.reserve(0)
    held_back = window.reserve(1)
    answered.is_answered(0.5)
    assert window.reserve(2).moment >= held_back.moment


@pytest.mark.parametrize(
    ("calls", "limit"),
    [
        pytest.param([("GET", "accounts/a/")], 100, id="accounts"),
        pytest.param(
            [
                ("GET", "accounts/a/"),
                ("GET", "accounts/b/details/"),
                ("GET", "accounts/b/balances/"),
                ("GET", "accounts/c/transactions/"),
            ],
            100,
            id="account-endpoints-together",
        ),
        pytest.param([("GET", "institutions/"), ("GET", "institutions/A_B/")], 300, id="institutions"),
        pytest.param([("GET", "agreements/enduser/"), ("GET", "requisitions/r/")], 300, id="reads"),
        pytest.param([("POST", "agreements/enduser/"), ("POST", "requisitions/")], 100, id="creations"),
        pytest.param([("PUT", "agreements/enduser/e/accept/")], 100, id="acceptances"),
        pytest.param([("DELETE", "agreements/enduser/e/"), ("DELETE", "requisitions/r/")], 100, id="deletions"),
        pytest.param([("POST", "token/refresh/")], 100, id="refreshes"),
    ],
)
def test_holds_back_what_is_more_than_the_limit(calls: list[tuple[str, str]], limit: int) -> None:
    waited = waits([calls[number % len(calls)] for number in range(2 * limit + 1)])
    assert waited == [0] * limit + [70] * limit + [140]


def test_holds_back_no_group_for_another() -> None:
    others = [("GET", "institutions/"), ("GET", "requisitions/"), ("POST", "requisitions/"), ("POST", "token/new/")]
    assert waits([("GET", "accounts/a/")] * 100 + others) == [0] * 104


def test_makes_all_clients_share_their_limit() -> None:
    time = Time()
    pace = Pace(clock=lambda: time.now, sleep=time.sleep)
    arrived: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        arrived.append(time.now)
        return httpx.Response(200, json={"balances": []})

    async def one() -> None:  # as each task of a sync does, on an event loop of its own
        transport = httpx.MockTransport(answer)
        async with open_client("https://bank.test/api/v2/", httpx.Auth(), pace=pace, transport=transport) as client:
            await asyncio.gather(*(client.balances(f"a{number}") for number in range(60)))

    asyncio.run(one())
    asyncio.run(one())
    assert len(arrived) == 120
    assert sum(moment < 60 for moment in arrived) == 100


@pytest.mark.parametrize("spelling", ["http_x_ratelimit_{}", "X-RateLimit-{}"])
@pytest.mark.parametrize(("remaining", "seconds"), [("6", 0), ("5", 41), ("0", 41), ("-3", 41)])
def test_heeds_what_other_processes_have_used_up(spelling: str, remaining: str, seconds: int) -> None:
    time = Time()
    headers = {spelling.format("remaining"): remaining, spelling.format("reset"): "41"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"balances": []}, headers=headers))

    async def run() -> None:
        pace = Pace(clock=lambda: time.now, sleep=time.sleep)
        async with open_client("https://bank.test/api/v2/", httpx.Auth(), pace=pace, transport=transport) as client:
            await client.balances("a")
            await client.get("institutions/", {})  # another group: not held back by it
            assert time.now == 0
            await client.balances("b")

    asyncio.run(run())
    assert time.now == seconds


def test_keeps_nothing_free_where_nobody_else_calls() -> None:
    time = Time()
    pace = Pace(clock=lambda: time.now, sleep=time.sleep)

    async def run() -> None:
        for left in reversed(range(100)):
            call = await pace.wait("GET", "accounts/a/")
            headers = {"http_x_ratelimit_remaining": str(left), "http_x_ratelimit_reset": "60"}
            pace.learn("GET", "accounts/a/", headers, call)
            assert time.now == 0

    asyncio.run(run())


def test_waits_no_longer_than_a_minute_for_what_a_header_says() -> None:
    time = Time()
    pace = Pace(clock=lambda: time.now, sleep=time.sleep)
    pace.learn("GET", "accounts/a/", {"http_x_ratelimit_remaining": "0", "http_x_ratelimit_reset": "86400"})
    asyncio.run(pace.wait("GET", "accounts/a/"))
    assert time.now == 61


def test_counts_the_call_that_is_repeated_with_a_new_token() -> None:
    seen: list[tuple[str, str]] = []

    class Counting(Pace):
        async def wait(self, method: str, path: str) -> Call | None:
            seen.append((method, path))
            return None

    class Twice(httpx.Auth):
        def auth_flow(self, request: httpx.Request):  # type: ignore[no-untyped-def]  # httpx's own generator type
            yield request
            yield request

    async def run() -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(401))
        pace = Counting(clock=lambda: 0.0, sleep=Time().sleep)
        async with open_client("https://bank.test/api/v2/", Twice(), pace=pace, transport=transport) as client:
            await client.get("accounts/a/", {})

    asyncio.run(run())
    assert seen == [("GET", "accounts/a/")] * 2
