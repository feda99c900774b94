import json
import re
from datetime import date
from decimal import Decimal
from html import unescape

import polars as pl
import pytest

from farthing.explore.periods import Period
from farthing.explore.scope import Scope
from farthing.explore.views import View
from farthing.web import frame

SCOPE = Scope(
    view=View(currency="EUR"),
    period=Period(first=date(2026, 1, 1), last=date(2026, 1, 31)),
    locale="en_IE",
    locale_of={"berlin": "de_DE", "cork": "en_IE"},
)


@pytest.mark.parametrize(
    ("accounts", "written"),
    [
        pytest.param(["berlin", "berlin"], ["1.234,50\N{NO-BREAK SPACE}€", "-2,00\N{NO-BREAK SPACE}€"], id="of-one"),
        pytest.param(["berlin", "cork"], ["1.234,50\N{NO-BREAK SPACE}€", "-€2.00"], id="of-two-countries"),
        pytest.param(["berlin", "unknown"], ["1.234,50\N{NO-BREAK SPACE}€", "-€2.00"], id="of-one-and-nobody-s"),
    ],
)
def test_each_row_is_written_as_its_account_s_country_does(accounts: list[str], written: list[str]) -> None:
    rows = pl.DataFrame(
        {"account_key": accounts, "amount": [Decimal("1234.50"), Decimal(-2)]},
        schema_overrides={"amount": pl.Decimal(19, 4)},
    )
    table = frame.money_table(rows, {"amount": "Amount"}, scope=SCOPE, money=["amount"])
    found = re.search(r"data-data='([^']*)'", table.text)
    assert found is not None
    assert [row["Amount"] for row in json.loads(json.loads(unescape(found[1])))] == written
