"""The guide's first ten minutes, as it has them."""

import pytest

from tests.integration.sandbox.conftest import SECRET_ID, SECRET_KEY, Served
from tests.unit.sandbox.test_guide import block

pytestmark = pytest.mark.integration


def test_what_the_guide_shows_first_happens(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    code = block("python")
    for shown, meant in (
        ("http://127.0.0.1:7403/api/v2", served.url),
        ("http://127.0.0.1:7404", served.admin),
        ('"me"', f'"{SECRET_ID}"'),
        ('"secret"', f'"{SECRET_KEY}"'),
    ):
        assert shown in code
        code = code.replace(shown, meant)
    exec(compile(code, "docs/sandbox.md", "exec"), {})
    link, back, before, after, kind = capsys.readouterr().out.splitlines()
    assert served.url.removesuffix("/api/v2") in link
    assert back.startswith("sent back to http://127.0.0.1:9/back?ref=")
    assert "Told anew" not in before
    assert "Told anew" in after
    assert kind == "AccessExpiredError"
