"""What the tests of GoCardless share: the protocol's sample payloads, where a checkout has them beside it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROTOCOL = Path(__file__).resolve().parents[4] / "shared" / "gocardless"


@pytest.fixture
def sample() -> Callable[[str], Any]:
    """Read a sample by the number its file begins with."""

    def read(number: str) -> Any:
        found = list((PROTOCOL / "samples").glob(f"{number}-*.json"))
        if not found:
            pytest.skip("the protocol's samples are not beside this checkout")
        return json.loads(found[0].read_text())

    return read


@pytest.fixture
def schema() -> dict[str, Any]:
    """Read the vendor's own schema of the API."""
    file = PROTOCOL / "openapi.json"
    if not file.exists():
        pytest.skip("the vendor's schema is not beside this checkout")
    document: dict[str, Any] = json.loads(file.read_text())
    return document
