from datetime import UTC, datetime

import pytest

from farthing.errors import ConfigurationError
from farthing.planning import refuse_another_time
from farthing.settings import Settings

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
SANDBOX = Settings(gocardless_url="http://127.0.0.1:7403/api/v2/")


@pytest.mark.parametrize("at", [None, AT])
def test_a_sandbox_bank_may_be_asked_as_of_any_moment(at: datetime | None) -> None:
    refuse_another_time(SANDBOX, at)


def test_now_is_always_allowed() -> None:
    refuse_another_time(Settings(), None)


@pytest.mark.parametrize(
    ("settings", "at", "said"),
    [
        pytest.param(Settings(), AT, "FARTHING_GOCARDLESS_URL names GoCardless itself", id="real-banks"),
        pytest.param(SANDBOX, AT.replace(tzinfo=None), "needs its time zone", id="no-zone"),
    ],
)
def test_refuses_another_time(settings: Settings, at: datetime, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        refuse_another_time(settings, at)
