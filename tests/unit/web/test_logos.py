import asyncio
from dataclasses import replace

import httpx
import pytest
from fastapi.testclient import TestClient

from farthing.web.logos import Logos
from tests.unit.web.made_up import ASH, Outside

PNG = {"content-type": "image/png"}


def test_fetches_a_banks_logo_once(client: TestClient, outside: Outside) -> None:
    client.get("/connect", params={"country": "IE"})

    answers = [client.get("/banks/ASH_1/logo") for _ in range(2)]

    assert [(each.content, each.headers["content-type"]) for each in answers] == [(b"a picture", "image/png")] * 2
    assert [str(each.url) for each in outside.asked] == [ASH.logo]


def test_looks_a_bank_up_that_was_not_listed_before(client: TestClient) -> None:
    assert client.get("/banks/ASH_1/logo").content == b"a picture"
    assert client.get("/banks/OAK_1/logo").status_code == 404


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(httpx.Response(404, headers=PNG), id="absent"),
        pytest.param(httpx.Response(302, headers={"location": "http://127.0.0.1:5432/"}), id="leads-elsewhere"),
        pytest.param(
            httpx.Response(200, content=b"<svg/>", headers={"content-type": "image/svg+xml"}), id="scriptable"
        ),
        pytest.param(httpx.Response(200, content=b"<html>", headers={"content-type": "text/html"}), id="no-picture"),
        pytest.param(httpx.Response(200, content=bytes(256 * 1024 + 1), headers=PNG), id="too-large"),
    ],
)
def test_shows_an_initial_in_place_of_what_is_no_logo(
    client: TestClient, outside: Outside, answer: httpx.Response
) -> None:
    outside.logo = answer

    picture = client.get("/banks/ASH_1/logo")

    assert picture.headers["content-type"] == "image/svg+xml"
    assert ">A</text>" in picture.text
    assert [str(each.url) for each in outside.asked] == [ASH.logo]


def test_shows_an_initial_when_nothing_answers(client: TestClient, outside: Outside) -> None:
    outside.is_down = True

    assert ">A</text>" in client.get("/banks/ASH_1/logo").text


@pytest.mark.parametrize(
    ("address", "may_fetch"),
    [
        pytest.param(None, True, id="none-named"),
        pytest.param("http://logos.test/ash.png", True, id="not-encrypted"),
        pytest.param("file:///etc/hostname", True, id="a-file"),
        pytest.param("https://[", True, id="no-address"),
        pytest.param(ASH.logo, False, id="sandbox"),
    ],
)
def test_asks_nobody(outside: Outside, address: str | None, may_fetch: bool) -> None:
    logos = Logos(may_fetch=may_fetch, transport=httpx.MockTransport(outside))
    logos.remember([replace(ASH, logo=address)])

    assert not asyncio.run(logos.logo(ASH.id)).is_own
    assert outside.asked == []


def test_makes_no_markup_of_a_name(outside: Outside) -> None:
    logos = Logos(may_fetch=False)
    logos.remember([replace(ASH, name="<&"), replace(ASH, id="accented", name="<évian")])

    assert b">?</text>" in asyncio.run(logos.logo(ASH.id)).content
    assert ">É</text>".encode() in asyncio.run(logos.logo("accented")).content
