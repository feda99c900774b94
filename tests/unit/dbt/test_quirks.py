"""Every quirk of banks that concerns what entries, accounts and balances say has a unit test of dbt named after it."""

import re

import pytest
import yaml

from farthing.sandbox.quirks.catalogue import QUIRKS
from farthing.settings import DBT_PROJECT_DIR

# Of access, allowances and consents, which syncs meet and models never see.
OF_ACCESS = {33, 34, 35, 55}
UNIT_TESTS = [
    test["name"]
    for file in sorted((DBT_PROJECT_DIR / "models").rglob("*.yml"))
    for test in yaml.safe_load(file.read_text()).get("unit_tests", [])
]
NAMED = {
    int(number)
    for name in UNIT_TESTS
    if (found := re.match(r"quirk((?:(?:_and)?_\d\d)+)_", name))
    for number in re.findall(r"\d\d", found[1])
}


@pytest.mark.parametrize("number", sorted(QUIRKS.keys() - OF_ACCESS))
def test_a_quirk_of_content_has_a_unit_test_named_after_it(number: int) -> None:
    assert number in NAMED, QUIRKS[number]


def test_unit_tests_have_names_of_their_own() -> None:
    assert len(UNIT_TESTS) == len(set(UNIT_TESTS))
