import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from farthing.errors import ConfigurationError
from farthing.sandbox.app import create_app
from farthing.sandbox.bank import Bank
from farthing.sandbox.scenario import Scenario

HARBOUR = "HARBOUR_HBRSIEZZ"

SCENARIO = """
[[steps]]
at = "+2d"
do = [{ action = "revoke", institution = "HARBOUR_HBRSIEZZ" }]

[[steps]]
at = 2026-03-19T12:00:00Z
do = [{ action = "break", fault = "ServiceError", times = 1 }]
"""


def test_a_scenario_happens_at_its_times(api: Any, clock: Any, tmp_path: Path) -> None:
    (tmp_path / "story.toml").write_text(SCENARIO)
    scenario = Scenario.read(tmp_path / "story.toml")
    api.http = TestClient(create_app(api.bank, before_each=lambda: scenario.play(api.bank)), follow_redirects=False)
    api.sign_in()
    account = api.connect(HARBOUR)["accounts"][0]
    seen = []
    for hours in (0, 27, 0, 24):
        clock.advance(hours=hours)
        api.sign_in()
        answer = api.http.get(f"/api/v2/accounts/{account}/balances/")
        seen.append(answer.json().get("type", answer.status_code))
    assert seen == [200, "ServiceError", 200, "AccessExpiredError"]


def test_a_scenario_is_not_played_twice(tmp_path: Path, clock: Any, caplog: pytest.LogCaptureFixture) -> None:
    path, state_file = tmp_path / "story.json", tmp_path / "bank.json"
    steps = [{"at": "+1h", "do": [{"action": "advance", "days": 1}]}, {"at": "+2h", "do": [{"action": "revoke"}]}]
    path.write_text(json.dumps({"steps": steps}))
    for _ in range(2):
        bank = Bank(secret_id="id", secret_key="key", clock=clock, state_file=state_file)
        Scenario.read(path).play(bank)
        clock.advance(hours=1)
        Scenario.read(path).play(bank)
        assert bank.state.ahead == timedelta(days=1)
    assert caplog.text.count("no such linked requisition") == 1


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param('[[steps]]\nat = "soon"\ndo = [{action = "mend"}]', "steps.0.at", id="no time"),
        pytest.param('[[steps]]\nat = "+1w"\ndo = [{action = "mend"}]', "steps.0.at", id="no such unit"),
        pytest.param('[[steps]]\nat = "+9999999999d"\ndo = [{action = "mend"}]', "steps.0.at", id="too late"),
        pytest.param('[[steps]]\nat = "+1d"\ndo = [{action = "dance"}]', "steps.0.do.0", id="no action"),
        pytest.param("steps = ", "cannot be read", id="no TOML"),
    ],
)
def test_a_wrong_scenario_says_where(tmp_path: Path, text: str, place: str) -> None:
    (tmp_path / "story.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=place):
        Scenario.read(tmp_path / "story.toml")


def test_a_scenario_with_a_reset_goes_on_after_it(tmp_path: Path, clock: Any) -> None:
    story, state_file = tmp_path / "story.json", tmp_path / "bank.json"
    steps = [
        {
            "at": "+1h",
            "do": [{"action": "advance", "days": 1}, {"action": "reset"}, {"action": "allow", "connections": 3}],
        },
        {"at": "+2h", "do": [{"action": "allow", "connections": 9}]},
    ]
    story.write_text(json.dumps({"steps": steps}))
    allowed = []
    for _ in range(3):
        bank = Bank(secret_id="id", secret_key="key", clock=clock, state_file=state_file)  # a restart goes on, too
        Scenario.read(story).play(bank)
        allowed.append(bank.state.company.connections)
        clock.advance(hours=1)
    assert allowed == [None, 3, 9]
    assert bank.state.ahead == timedelta()
