import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from farthing.gocardless.allowance import read_allowance
from farthing.provider import Allowance

WIRE = "http_x_ratelimit_account_success_"
PLAIN = "X-RateLimit-Account-Success-"
AGAIN = b'{"detail":"The rate limit for this resource is 4/day. Please try again in 120 seconds"}'


def left(limit: int | None, remaining: int | None, seconds: int | None) -> Allowance:
    return Allowance(limit=limit, remaining=remaining, reset_in=None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({f"{WIRE}limit": "4", f"{WIRE}remaining": "3", f"{WIRE}reset": "9"}, left(4, 3, 9), id="wire"),
        pytest.param({f"{PLAIN}Limit": "4", f"{PLAIN}Remaining": "0", f"{PLAIN}Reset": "9"}, left(4, 0, 9), id="plain"),
        pytest.param({f"{WIRE.upper()}REMAINING": "2"}, left(None, 2, None), id="documented-case-and-one-alone"),
        pytest.param({f"{WIRE}remaining": "-1", f"{WIRE}reset": "-5"}, left(None, 0, 0), id="negative"),
        pytest.param({f"{WIRE}remaining": "2", f"{WIRE}reset": "soon"}, left(None, 2, None), id="no-number"),
        pytest.param({f"{WIRE}remaining": "2", f"{WIRE}reset": "9" * 5000}, left(None, 2, None), id="absurd"),
        pytest.param({"http_x_ratelimit_remaining": "97"}, None, id="general-only"),
        pytest.param({"content-type": "text/html"}, None, id="none"),
    ],
)
def test_reads_what_a_success_says_is_left(headers: dict[str, str], expected: Allowance | None) -> None:
    assert read_allowance(headers, AGAIN, 200) == expected


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        pytest.param({f"{WIRE}limit": "4", f"{WIRE}remaining": "0", f"{WIRE}reset": "50"}, AGAIN, 50, id="header"),
        pytest.param({f"{WIRE}reset": "50"}, b"", 50, id="reset-alone"),
        pytest.param({f"{WIRE}remaining": "2", f"{WIRE}reset": "50"}, AGAIN, 120, id="another-limit-hit"),
        pytest.param({}, AGAIN, 120, id="text"),
        pytest.param({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "23"}, b"", 23, id="general"),
        pytest.param({"x-ratelimit-remaining": "97", "x-ratelimit-reset": "41"}, b"", 86400, id="the-banks-own"),
        pytest.param({}, b"<html>", 86400, id="nothing-said"),
    ],
)
def test_always_knows_how_long_a_refusal_lasts(headers: dict[str, str], body: bytes, expected: int) -> None:
    allowance = read_allowance(headers, body, 429)
    assert allowance is not None
    assert (allowance.remaining, allowance.reset_in) == (0, timedelta(seconds=expected))


def test_reads_every_sample_of_rate_limits(sample: Callable[[str], Any]) -> None:
    read = {
        case["name"]: read_allowance(case["headers"], json.dumps(case["body"]).encode(), case["status"])
        for case in sample("21")["cases"]
    }
    assert read == {
        "ok-first-of-day": left(4, 3, 86399),
        "ok-last-of-day": left(4, 0, 30211),
        "legacy-limit-ten": left(10, 5, 5242),
        "account-limit-hit": left(4, 0, 85092),
        "bank-limit-hit": left(None, 0, 86400),
        "general-limit-hit": left(None, 0, 23),
        "other-header-spelling": left(4, 3, 86399),
        "no-headers-at-all": left(None, 0, 120),
    }
