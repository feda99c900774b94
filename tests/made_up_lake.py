"""A published lake made straight from frames: every mart with the columns of its contract, all figures invented.

For browser tests, screenshots and benches, which need books to look at but not the syncs and builds behind them.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import yaml

from farthing.lake import layout
from farthing.lake.catalogue import Mart, publish
from farthing.lake.store import open_store
from farthing.settings import PROJECT_DIR, Settings

ROWS = Path(__file__).with_suffix(".sql")
MODELS = PROJECT_DIR / "dbt_project" / "models" / "marts"

# Group, category, merchant, price, payments in a hundred. All made up.
SHOPS = [
    ("Food", "Groceries", "Green Basket", "41.37", 22),
    ("Food", "Groceries", "Corner & Sons", "12.85", 14),
    ("Food", "Restaurants", "The Copper Pot", "38.40", 7),
    ("Food", "Cafés", "Third Cup", "6.90", 12),
    ("Food", "Bakeries & specialities", "Crumb & Crust", "8.35", 9),
    ("Transport", "Public transport", "City Trams", "3.60", 10),
    ("Transport", "Fuel", "Meridian Fuel", "61.20", 3),
    ("Leisure", "Cinema & theatre", "Lantern Cinema", "19.50", 3),
    ("Leisure", "Books & press", "Inkwell Books", "23.80", 3),
    ("Shopping", "Clothing & shoes", "Thread House", "63.75", 3),
    ("Shopping", "Electronics", "Volt & Co", "149.00", 1),
    ("Health", "Pharmacy", "Elm Pharmacy", "14.20", 4),
    ("Family", "Pets", "Paw Parlour", "27.15", 2),
    ("Shopping", "Gifts & flowers", "Paper Crane", "22.05", 4),
    ("Travel", "Hotels & lodging", "Harbour Inn", "188.00", 1),
    ("Other", "Uncategorised", "Sundry 4711", "17.77", 2),
    ("Other", "Uncategorised", "Fenwick Hall", "31.20", 1),
    ("Other", "Uncategorised", "Kiosk am Ring", "4.60", 3),
]
# Group, category, kind, merchant, amount, day of the month.
MONTHLY = [
    ("Income", "Salary", "income", "Mill & Co", "3480.00", 27),
    ("Income", "Family benefits", "income", "Family Office", "250.00", 10),
    ("Housing", "Rent", "spending", "Harbour Homes", "-1150.00", 1),
    ("Housing", "Energy", "spending", "Bright Energy", "-94.15", 3),
    ("Housing", "Internet & phone", "spending", "Quick Fibre", "-39.99", 5),
    ("Obligations", "Insurance", "spending", "Anchor Mutual", "-54.99", 2),
    ("Leisure", "Streaming & television", "spending", "Moonbeam", "-12.99", 8),
    ("Leisure", "Sport & fitness", "spending", "Iron Gym", "-29.90", 4),
]
ACCOUNTS = [  # key, id of its link, its bank, name, masked IBAN, currency, balance at the beginning
    ("joint", "link-joint", "MADE_UP_BANK", "Joint", "IE…1234", "EUR", "2400.00"),
    ("savings", "link-savings", "MADE_UP_BANK", "Savings", "IE…5678", "EUR", "8200.00"),
    ("travel", "link-travel", "FJORD_BANK", "Travel", None, "NOK", "900.00"),
]


def make_lake(
    settings: Settings,
    *,
    today: date,
    purchases: int = 1_200,
    months: int = 24,
    unexplained: str = "0",
    by_hand: bool = False,
    without: frozenset[str] = frozenset(),
    empty: frozenset[str] = frozenset(),
    folder: Path | None = None,
) -> None:
    """Make the marts and publish them.

    :param purchases: number of card payments; regular payments come on top.
    :param months: how far back the books go.
    :param unexplained: what the newest balance of the travel account has that its entries do not explain.
    :param by_hand: whether there are two accounts kept by hand, in euros and in francs, since ten days.
    :param without: marts that are left out, as in a build of an older version.
    :param empty: marts that have no row.
    :param folder: where the lake's objects lie as plain files, if its address is not that of a folder.
    """
    contracts = read_contracts()
    folder = folder or Path(settings.lake_url.removeprefix("file://"))
    with duckdb.connect() as books:
        books.execute("create schema marts")
        for name, (_, columns) in contracts.items():
            described = ", ".join(f'"{column}" {kind}' for column, (kind, _) in columns.items())
            books.execute(f'create table marts."{name}" ({described})')
        begin = (today.replace(day=1) - timedelta(days=31 * (months - 1))).replace(day=1)
        _fill(books, today=today, begin=begin, purchases=purchases, unexplained=unexplained, by_hand=by_hand)
        for name in empty:
            books.execute(f'truncate marts."{name}"')
        build = f"made-up-{today}-{purchases}-{unexplained}-{by_hand}"
        contracts = {name: contract for name, contract in contracts.items() if name not in without}
        for name in contracts:
            file = folder / layout.mart_key(model=name, build_id=build)
            file.parent.mkdir(parents=True, exist_ok=True)
            books.execute(f"copy marts.\"{name}\" to '{file}' (format parquet)")
    marts = [
        Mart(name=name, description=about, columns={column: words for column, (_, words) in columns.items()})
        for name, (about, columns) in contracts.items()
    ]
    publish(open_store(settings), settings, build_id=build, marts=marts)


def read_contracts() -> Mapping[str, tuple[str, Mapping[str, tuple[str, str]]]]:
    """Read what each mart promises: its description, and each column's type and description."""
    models = [model for file in sorted(MODELS.glob("*/*.yml")) for model in yaml.safe_load(file.read_text())["models"]]
    return {
        model["name"]: (
            model["description"],
            {each["name"]: (each["data_type"], each.get("description", "")) for each in model["columns"]},
        )
        for model in models
    }


def _fill(
    books: duckdb.DuckDBPyConnection, *, today: date, begin: date, purchases: int, unexplained: str, by_hand: bool
) -> None:
    books.execute("create table shops (category_group text, category text, merchant text, price decimal(19, 4), n int)")
    books.executemany("insert into shops values (?, ?, ?, ?, ?)", SHOPS)
    books.execute("create table drawn as select *, unnest(range(n)) as nth from shops")
    books.execute(
        "create table monthly (grp text, category text, kind text, merchant text, amount decimal(19,4), d int)"
    )
    books.executemany("insert into monthly values (?, ?, ?, ?, ?, ?)", MONTHLY)
    books.execute(
        "create table accounts (account_key text, account_id text, institution_id text, account_name text,"
        " iban_masked text, currency text, opening decimal(19, 4))"
    )
    books.executemany("insert into accounts values (?, ?, ?, ?, ?, ?, ?)", ACCOUNTS)
    books.execute("set variable today = $1", [today])
    books.execute("set variable first_day = $1", [begin])
    books.execute("set variable purchases = $1", [purchases])
    books.execute("set variable by_hand = $1", [by_hand])
    books.execute("set variable unexplained = $1::decimal(19, 4)", [unexplained])
    books.execute("set variable asked_at = $1", [datetime.combine(today, datetime.min.time()) + timedelta(hours=6)])
    books.execute(ROWS.read_text())
