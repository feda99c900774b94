"""Fixtures that unit and browser tests share."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, settings

from farthing.settings import Settings

# Whoever ran the demo here has settings of its servers; tests have none but those they set.
os.environ |= {"FARTHING_HOME": "/nonexistent/farthing", "FARTHING_ENV_FILE": os.devnull}

# How fast a machine is, and how many others use it, is no property of the code.
settings.register_profile("farthing", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("farthing")

# Category, merchant, what is spent on a payment, payments a month. All made up.
HABITS = [
    ("Housing", "Harbour Homes", "950.00", 1),
    ("Groceries", "Green Basket", "41.37", 6),
    ("Groceries", "Corner & Sons", "12.85", 5),
    ("Eating out", "The Copper Pot", "27.40", 3),
    ("Transport", "City Trams", "36.20", 2),
    ("Utilities", "Bright Energy", "88.15", 1),
    ("Insurance", "Anchor Mutual", "54.99", 1),
    ("Leisure", "Lantern Cinema", "19.50", 2),
    ("Clothing", "Thread House", "63.75", 1),
    ("Health", "Elm Pharmacy", "14.20", 1),
    ("Gifts", "Paper Crane", "22.05", 1),
]
COLUMNS = {
    **dict.fromkeys(
        ["transaction_key", "account_key", "account_name", "merchant", "description", "category", "category_kind"],
        pl.String(),
    ),
    "currency": pl.String(),
    "amount": pl.Decimal(19, 4),
    "booking_date": pl.Date(),
    "booking_month": pl.Date(),
}
MONTHS = [date(2025 + (6 + i) // 12, (6 + i) % 12 + 1, 1) for i in range(14)]  # July 2025 to August 2026


def pytest_configure(config: pytest.Config) -> None:
    """Give each run of the tests a folder of its own.

    Pytest's usual one is shared, and made private anew whenever another run starts: out of reach for the embedded
    Postgres, which does not run as root.
    """
    if not config.option.basetemp:
        config.option.basetemp = str(Path(tempfile.gettempdir()) / f"farthing-tests-{os.getpid()}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Leave files behind only where a test failed."""
    if exitstatus == 0:
        shutil.rmtree(session.config.option.basetemp, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the file that takes longest: at the end other workers would have to wait for it."""
    items.sort(key=lambda item: item.path.name != "test_spine.py")


@pytest.fixture
def empty_lake(tmp_path: Path) -> Settings:
    """Settings of a lake in a folder, in which nothing is published."""
    return Settings(lake_url=f"file://{tmp_path}/lake", home=tmp_path / "home")


@pytest.fixture
def lake(empty_lake: Settings, published: Path) -> Settings:
    """Settings of a lake with a published build: two accounts, fourteen months, two currencies."""
    folder = Path(empty_lake.lake_url.removeprefix("file://")) / "catalogue"
    folder.mkdir(parents=True)
    shutil.copy(published, folder)
    return empty_lake


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the catalogue file of :func:`lake` once."""
    file = tmp_path_factory.mktemp("published") / "farthing.duckdb"
    transactions = pl.DataFrame(
        [(str(key), *row) for key, row in enumerate(_transactions())], schema=COLUMNS, orient="row"
    )
    with duckdb.connect(file) as catalogue:
        catalogue.execute("create schema marts")
        catalogue.execute(
            "create table marts.dim_account"
            " (account_key text, account_ids text[], account_name text, iban_masked text, currency text)"
        )
        catalogue.execute(
            "insert into marts.dim_account values"
            " ('a', ['new', 'old'], 'Joint', '…1234', 'EUR'), ('b', ['travel'], 'Travel', null, 'NOK')"
        )
        catalogue.execute(
            "create table marts.fct_reconciliation (account_key text, account_name text, is_reconciled boolean)"
        )
        catalogue.execute("insert into marts.fct_reconciliation values ('a', 'Joint', true), ('b', 'Travel', true)")
        catalogue.register("made_up", transactions)
        catalogue.execute("create table marts.fct_transactions as from made_up")
    return file


def _transactions() -> Iterator[tuple[object, ...]]:
    for number, month in enumerate(MONTHS):
        for category, merchant, price, payments in HABITS:
            for payment in range(payments):
                swing = Decimal((number * 3 + payment * 5) % 7) / 20 if category != "Housing" else Decimal(0)
                amount = -(Decimal(price) * (1 + swing)).quantize(Decimal("0.01"))
                yield (
                    "a", "Joint", merchant, f"{merchant} card payment", category, "spending", "EUR", amount,
                    month + timedelta(days=payment * 4 + 1), month,
                )  # fmt: skip
        yield "a", "Joint", "Mill & Co", "Pay", "Salary", "income", "EUR", Decimal("3100.00"), month, month
        yield "a", "Joint", "Own", "To savings", "Own transfers", "transfer", "EUR", Decimal("-200.00"), month, month
    last = MONTHS[-1]
    yield "a", "Joint", "Green Basket", "Refund", "Groceries", "spending", "EUR", Decimal("5.00"), last, last
    yield "b", "Travel", "Fjord Ferries", "Ferry", "Transport", "spending", "NOK", Decimal("-349.00"), last, last
