import importlib
from decimal import Decimal
from types import ModuleType
from typing import Any

import duckdb
import polars as pl
import pytest

from farthing.lake.catalogue import open_catalogue
from farthing.settings import Settings
from farthing.web.notebooks import NOTEBOOKS_DIR


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Import the notebook as any module."""
    monkeypatch.syspath_prepend(str(NOTEBOOKS_DIR))
    return importlib.import_module("spending")


@pytest.fixture
def catalogue(lake: Settings) -> duckdb.DuckDBPyConnection:
    return open_catalogue(lake)


def run(notebook: ModuleType, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> tuple[str, dict[str, Any]]:
    """Run all cells as a script would, and return the text of their outputs and their variables."""
    monkeypatch.setenv("FARTHING_LAKE_URL", settings.lake_url)
    monkeypatch.setenv("FARTHING_HOME", str(settings.home))
    outputs, definitions = notebook.app.run()
    texts = [str(getattr(output, "text", "")) for output in outputs if output is not None]
    return "\n".join(texts), dict(definitions)


def spent_in(catalogue: duckdb.DuckDBPyConnection, condition: str) -> Decimal:
    row = catalogue.execute(
        f"select -sum(amount) from marts.fct_transactions where category_kind = 'spending' and {condition}"
    ).fetchone()
    assert row is not None
    assert isinstance(row[0], Decimal)
    return row[0]


def test_runs_from_top_to_bottom_and_says_that_accounts_reconcile(
    notebook: ModuleType, lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, definitions = run(notebook, lake, monkeypatch)

    assert "Every account reconciles" in text
    assert definitions["transactions"]["spent"].sum() == definitions["spending"]["spent"].sum()


def test_says_what_to_do_when_nothing_is_published(
    notebook: ModuleType, empty_lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, definitions = run(notebook, empty_lake, monkeypatch)

    assert "Nothing is published yet" in text
    assert "transactions" not in definitions


def test_offers_all_accounts_first(notebook: ModuleType, catalogue: duckdb.DuckDBPyConnection) -> None:
    assert notebook.account_options(catalogue) == {"All accounts": "", "Joint 1234": "a", "Travel": "b"}


def test_offers_the_most_used_currency_first(notebook: ModuleType, catalogue: duckdb.DuckDBPyConnection) -> None:
    assert notebook.currency_options(catalogue) == ["EUR", "NOK"]


@pytest.mark.parametrize(
    ("choice", "condition"),
    [
        pytest.param({"currency": "EUR", "account_key": "", "months": 99}, "currency = 'EUR'", id="everything"),
        pytest.param(
            {"currency": "EUR", "account_key": "", "months": 2},
            "currency = 'EUR' and booking_month >= date '2026-07-01'",
            id="two-months",
        ),
        pytest.param({"currency": "NOK", "account_key": "b", "months": 3}, "account_key = 'b'", id="one-account"),
    ],
)
def test_adds_up_to_the_cent_what_was_chosen(
    notebook: ModuleType, catalogue: duckdb.DuckDBPyConnection, choice: dict[str, Any], condition: str
) -> None:
    assert notebook.monthly_spending(catalogue, **choice)["spent"].sum() == spent_in(catalogue, condition)


def test_finds_the_transactions_behind_a_mark_newest_first(
    notebook: ModuleType, catalogue: duckdb.DuckDBPyConnection
) -> None:
    spending = notebook.monthly_spending(catalogue, currency="EUR", account_key="", months=12)
    mark = pl.DataFrame({"month": ["Aug 2026"], "shown_as": ["Groceries"]})

    chosen = notebook.chosen_parts(spending, mark, named=["Groceries"])
    transactions = notebook.chosen_transactions(catalogue, chosen, currency="EUR", account_key="")

    assert notebook.describe(chosen) == "Groceries in Aug 2026"
    assert transactions["spent"].sum() == spent_in(
        catalogue, "category = 'Groceries' and booking_month = date '2026-08-01'"
    )
    assert transactions["booking_date"].is_sorted(descending=True)


def test_opens_the_folded_rest_into_its_categories(notebook: ModuleType, catalogue: duckdb.DuckDBPyConnection) -> None:
    spending = notebook.monthly_spending(catalogue, currency="EUR", account_key="", months=1)
    mark = pl.DataFrame({"month": ["Aug 2026"], "shown_as": ["All other"]})

    chosen = notebook.chosen_parts(spending, mark, named=["Housing", "Groceries"])

    assert "Gifts" in chosen["category"].to_list()
    assert "Housing" not in chosen["category"].to_list()


def test_counts_one_transaction_as_one(notebook: ModuleType) -> None:
    frame = pl.DataFrame({"spent": [Decimal("5.10")]})

    assert notebook.total_line(frame, currency="EUR") == "5.10 EUR in 1 transaction"
