"""Every refusal that is documented is sent, word for word, and every error example of the vendor's schema with it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.sandbox.refusing import CASES, Case, in_words
from tests.unit.sandbox.vendor_schema import SCHEMA_FILE, check
from tests.unit.sandbox.world import World

NOT_SENT = {"Invalid ID"}  # the live API says "Invalid Account ID" and so on: RobinTTY/NordigenApiClient, live tests


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.section} {case.what}")
def test_a_refusal_is_worded_as_documented(api: Any, clock: Any, case: Case) -> None:
    world = World(api, clock)
    answer = case.send(world)
    body = answer.text if isinstance(case.body, str) else answer.json()
    assert (answer.status_code, body) == (case.status, in_words(case.body, world.names))
    assert {name: answer.headers.get(name) for name in case.headers} == dict(case.headers)
    if SCHEMA_FILE.exists() and isinstance(body, dict) and "premium" not in answer.request.url.path:
        check(answer)


def test_each_situation_has_a_name_of_its_own() -> None:
    assert len({(case.section, case.what) for case in CASES}) == len(CASES)


type Told = tuple[str, str, str, str]  # the field, if it is about one; summary, detail and type


def _told(body: Any) -> Iterator[Told]:
    """Give what a body says: of itself, or of each field."""
    if not isinstance(body, dict):
        return
    if "summary" in body:
        yield "", str(body["summary"]), str(body["detail"]), str(body.get("type", ""))
    elif "aspsp_identifier" in body:
        yield "", "", ",".join(sorted(body)), ""
    for name, parts in body.items():
        for part in parts if isinstance(parts, list) else [parts]:
            if isinstance(part, dict):
                yield name, str(part["summary"]), str(part["detail"]), ""
            elif name not in ("summary", "detail", "type", "status_code") and "aspsp_identifier" not in body:
                yield name, str(part), "", ""


def _pattern(text: str) -> str:
    """Let what an example only stands for be anything: ids, days, numbers, lists."""
    stands_for = r"\{\$\{\w+\}\}|\$\w+|<\w+>|\[[^]]*\]|\d{4}-\d\d-\d\d(?: [\d:.]+)?|[A-Z0-9]+_[A-Z0-9]+|GBA|\d+"
    return ".*".join(re.escape(part) for part in re.split(stands_for, text))


def _examples() -> set[tuple[int, Told]]:
    paths = json.loads(SCHEMA_FILE.read_text())["paths"].values() if SCHEMA_FILE.exists() else ()
    return {
        (int(status), told)
        for path in paths
        for operation in path.values()
        for status, answer in operation.get("responses", {}).items()
        if status >= "400"
        for content in answer.get("content", {}).values()
        for example in content.get("examples", {}).values()
        for told in _told(example["value"])
    }


@pytest.mark.skipif(not SCHEMA_FILE.exists(), reason="the vendor's schema is not there")
def test_every_example_of_the_schema_is_sent_in_some_situation() -> None:
    sent = {(case.status, told) for case in CASES for told in _told(case.body)}
    examples = {each for each in _examples() if each[1][1] not in NOT_SENT}
    assert len(examples) > 40
    missing = [
        (status, told)
        for status, told in examples
        if not any(
            status == sent_status
            and all(re.fullmatch(_pattern(part), said, re.DOTALL) for part, said in zip(told, words, strict=True))
            for sent_status, words in sent
        )
    ]
    # The three data endpoints differ in one noun, which one situation says for all.
    assert [each for each in missing if not re.search("account (details|transactions)", "".join(each[1]))] == []
