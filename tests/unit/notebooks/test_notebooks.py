"""Every notebook is a module whose functions can be asked, and a script that runs from top to bottom."""

import importlib
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import escape, unescape
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest

from farthing.explore import headlines
from farthing.explore.books import Books, open_books
from farthing.explore.periods import Period, parse_period
from farthing.explore.queries import Query, condition
from farthing.explore.recurring import labelled
from farthing.explore.rows import find_rows
from farthing.explore.scope import Scope
from farthing.explore.svg import Flow
from farthing.explore.views import Step, View
from farthing.lake import layout
from farthing.settings import Settings
from farthing.web import frame
from farthing.web.notebooks import NOTEBOOKS_DIR, list_notebooks
from tests.made_up_lake import make_lake

TODAY = date(2026, 8, 31)
NAMES = [each.name for each in list_notebooks()]
YEAR = Period(first=date(2025, 9, 1), last=TODAY)


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("made-up")
    settings = Settings(lake_url=f"file://{folder}/lake", home=folder / "home")
    make_lake(settings, today=TODAY, purchases=600, months=14)
    return settings


@pytest.fixture(scope="module")
def books(made_up: Settings) -> Books:
    return open_books(made_up)


def load(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(NOTEBOOKS_DIR))
    return importlib.import_module(name)


def run(name: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> tuple[str, dict[str, Any]]:
    """Run all cells as a script would, and return the text of their outputs and their variables."""
    monkeypatch.setenv("FARTHING_LAKE_URL", settings.lake_url)
    monkeypatch.setenv("FARTHING_HOME", str(settings.home))
    when: dict[str, date] = {"now": datetime(2026, 8, 31, 12, tzinfo=UTC)} if name == "home" else {"today": TODAY}
    notebook = load(name, monkeypatch)
    outputs, definitions = notebook.app.run(defs={} if name == "lab" else when)
    return "\n".join(str(getattr(output, "text", "")) for output in outputs if output is not None), dict(definitions)


def scope(view: View = View(currency="EUR"), *, period: Period = YEAR) -> Scope:  # noqa: B008 - frozen
    return Scope(view=view, period=period, locale="en_GB")


def ask(books: Books, sql: str) -> Any:
    return Query(sql=sql).run(books.connection).item()


@pytest.mark.parametrize("name", NAMES)
def test_runs_from_top_to_bottom(name: str, made_up: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    text, _ = run(name, made_up, monkeypatch)
    assert "Every account reconciles to the last farthing" in text


@pytest.mark.parametrize("name", NAMES)
def test_says_what_to_do_when_nothing_is_published(
    name: str, empty_lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, _ = run(name, empty_lake, monkeypatch)
    assert "Nothing is published yet: link a bank" in text


@pytest.mark.parametrize("name", NAMES)
def test_says_what_to_do_when_what_is_published_is_broken(
    name: str, empty_lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(empty_lake.lake_url.removeprefix("file://")) / layout.CATALOGUE
    file.parent.mkdir(parents=True)
    file.write_bytes(b"no DuckDB file")
    text, _ = run(name, empty_lake, monkeypatch)
    assert "What is published cannot be read" in text


def test_spending_and_its_rows_come_to_the_same(
    made_up: Settings, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, definitions = run("spending", made_up, monkeypatch)
    spent = ask(
        books,
        "select -sum(amount) from marts.fct_transactions where category_kind = 'spending' and currency = 'EUR'"
        " and booking_date between date '2025-09-01' and date '2026-08-31'",
    )
    assert definitions["rows"].total == spent > 0
    assert f"€{spent:,.2f}" in text


def test_the_rows_behind_a_category_are_the_parts_of_splits_that_are_in_it(books: Books) -> None:
    [(text, whole, first)] = books.connection.execute(
        "select description, sum(amount), min(category) from marts.fct_transaction_parts"
        " where is_split group by description"
    ).fetchall()
    parts = {}
    for category in (first, "Gifts & flowers"):
        rows = find_rows(books.connection, scope(View(currency="EUR", categories=(category,))).where())
        [part] = rows.shown.filter(pl.col("description") == text).iter_rows(named=True)
        assert (part["category"], part["category_reason"]) == (category, "you split it")
        assert rows.total == rows.shown["amount"].sum()
        assert rows.count == len(rows.shown)
        parts[category] = part["amount"]
    assert sum(parts.values()) == -whole
    assert len(parts) == 2


@pytest.mark.parametrize(
    ("name", "drawing", "said"),
    [
        (
            "spending",
            "Bars by month",
            ["date_trunc('month', booking_date)::date as bucket", "sum(transactions)"],
        ),
        ("spending", "Treemap", ["select category as part, -sum(amount) as amount, sum(transactions)"] * 3),
        ("spending", "Calendar", ["select booking_date as bucket, -sum(amount) as amount", "select category as part"]),
        ("cash_flow", "", ["select category_kind, category, sum(amount)", "select booking_month as bucket"]),
    ],
)
def test_every_chart_shows_its_own_sql(
    name: str, drawing: str, said: list[str], made_up: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, made = run(name, made_up, monkeypatch)
    if drawing:  # chosen in the filters, whose cell is not run again
        values = {**made["get_filters"](), "drawn_as": drawing}
        kept = {each: made[each] for each in ("books", "filters", "get_path", "set_path")}
        outputs, _ = load(name, monkeypatch).app.run(defs={"today": TODAY, **kept, "get_filters": lambda: values})
        text = "\n".join(str(getattr(output, "text", "")) for output in outputs if output is not None)
    shown = re.findall(r"<code>(.*?)</code>", text, re.DOTALL)
    for words in said:
        assert sum(unescape(each).count(words) for each in shown) >= said.count(words), words


def test_spending_counts_what_monthly_spending_does(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    where = scope(View(currency="EUR")).where("category_kind = 'spending'")
    found = load("spending", monkeypatch).ranked(where, "category").run(books.connection)
    told = dict(
        books.connection.execute(
            "select category, sum(spent) from marts.fct_monthly_spending where currency = 'EUR'"
            " and booking_month >= date '2025-09-01' group by all"
        ).fetchall()
    )
    assert dict(zip(found["part"], found["amount"], strict=True)) == told


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        pytest.param((), "month", id="months-of-a-year"),
        pytest.param((Step(dimension="month", value="2026-08"),), "day", id="days-of-a-month"),
    ],
)
def test_spending_chooses_its_bars(path: tuple[Step, ...], unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load("spending", monkeypatch).bucket_of(scope(View(path=path))) == unit


def test_every_ranking_adds_up_to_the_total(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    spending = load("spending", monkeypatch)
    where = condition(View(), YEAR, currency="EUR", also=["category_kind = 'spending'"])
    total = spending.totals(where).run(books.connection)["spent"].item()
    for dimension in ("category", "merchant", "account"):
        assert spending.ranked(where, dimension).run(books.connection)["amount"].sum() == total
        for unit in ("year", "month", "day"):
            assert spending.by_bucket(where, unit, dimension).run(books.connection)["amount"].sum() == total


def test_recurring_adds_up_what_runs_and_leads_from_a_payment_to_its_rows(
    made_up: Settings, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, definitions = run("recurring", made_up, monkeypatch)
    running = ask(
        books, "select -sum(yearly_amount) from marts.fct_recurring where status = 'active' and kind = 'spending'"
    )
    assert definitions["series"].filter(pl.col("status") == "active")["yearly_amount"].sum() == -running
    assert f"€{running:,.2f}" in text
    assert "Bright Energy went from €94.15 to €106.15 on" in text
    assert definitions["series"].filter(pl.col("status") == "missed")["part"].to_list() == ["Cloud Nine"]

    view = scope().view.into(
        Step(dimension="series", value=ask(books, "select md5('Harbour Homesjoint')")),
        Step(dimension="day", value="2026-03-01"),
    )
    assert find_rows(books.connection, scope(view).where()).total == Decimal("1150.00")


def test_forecast_explains_the_balance_that_it_tells(
    made_up: Settings, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, definitions = run("forecast", made_up, monkeypatch)
    told = ask(books, "select sum(balance) from marts.fct_forecast where currency = 'EUR' and days_ahead = 90")
    assert definitions["outlook"]["balance"][-1] == told == sum(definitions["made_of"]["amount"].to_list())
    assert f"€{told:,.2f} on 29 November 2026 is made of" in text
    missed = ask(
        books,
        "select abs(sum(error)) from marts.fct_forecast_error"
        " where currency = 'EUR' and origin_age = 30 and balance_date = date '2026-08-31'",
    )
    assert "30 days ago it missed by" in text
    assert f"€{missed:,.2f}" in text


def test_names_that_are_alike_are_told_apart() -> None:
    alike = pl.DataFrame(
        {
            "merchant": ["Gym", "Gym", "Gym", "Rent", None],
            "account_name": ["Joint", "Joint", "Own", "Joint", "Joint"],
            "cadence": ["weekly", "weekly", "weekly", "monthly", "monthly"],
        }
    )
    assert labelled(alike)["part"].to_list() == [
        "Gym · Joint · weekly",
        "Gym · Joint · weekly (2)",
        "Gym · Own",
        "Rent",
        "Unknown",
    ]


def test_cash_flow_draws_as_much_on_one_side_as_on_the_other(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    cash_flow = load("cash_flow", monkeypatch)
    where = condition(View(), YEAR, currency="EUR", also=["category_kind <> 'transfer'"])
    parts = cash_flow.by_category(where).run(books.connection)
    came, went = cash_flow.flows_of(parts, "income"), cash_flow.flows_of(parts, "spending")
    assert sum(came.values()) - sum(went.values()) == parts["amount"].sum()
    assert "Kept" in cash_flow.draw(parts, scope())
    assert cash_flow.savings_rate(Decimal(200), Decimal(150)) == "25 % of what came in"


def test_home_lists_odd_payments_with_their_reasons_and_leads_to_each(
    made_up: Settings, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, _ = run("home", made_up, monkeypatch)
    [(merchant, amount, day, reason)] = books.connection.execute(
        "select merchant, amount, booking_date, reason from marts.fct_anomalies"
    ).fetchall()
    assert '<h2 id="odd">' in text
    assert reason in text
    address = load("home", monkeypatch).row_address(
        {
            "merchant": merchant,
            "booking_date": day,
            "account_key": "joint",
            "currency": "EUR",
            "category_kind": "spending",
        }
    )
    assert escape(address) in text
    view = View.decode(parse_qs(urlsplit(address).query))
    rows = find_rows(books.connection, condition(view, parse_period(view.period, today=TODAY), currency=view.currency))
    assert rows.shown["amount"].to_list() == [-amount]


def test_home_lists_what_is_due_but_not_what_moves_between_own_accounts(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = "from marts.fct_recurring where currency = 'EUR' and next_date between '2026-08-31' and '2026-09-30'"
    kinds = [kind for (kind,) in books.connection.execute(f"select distinct kind {soon} order by kind").fetchall()]
    assert kinds == ["income", "spending", "transfer"]

    due = load("home", monkeypatch).due_next(books, "EUR", TODAY)

    expected = f"select merchant, next_date {soon} and kind <> 'transfer' order by next_date, merchant"
    assert [(name, day) for name, day, _, _ in due] == books.connection.execute(expected).fetchall()[:8]


@pytest.mark.parametrize(
    ("amounts", "left", "right"),
    [
        pytest.param(
            [("income", "Salary", 100), ("spending", "Rent", -50), ("spending", "Electronics", 20)],
            {"Salary": 100, "Electronics": 20},
            {"Kept": 70, "Rent": 50},
            id="more-was-given-back-than-spent",
        ),
        pytest.param(
            [("income", "Salary", 100), ("income", "Interest", -5), ("spending", "Rent", -150)],
            {"Salary": 100, "From savings": 55},
            {"Rent": 150, "Interest": 5},
            id="income-was-taken-back",
        ),
        pytest.param(
            [("income", "Salary", 5), ("spending", "Rent", -5)], {"Salary": 5}, {"Rent": 5}, id="nothing-kept"
        ),
        pytest.param(
            [("income", "Salary", 40), *[("spending", f"Shop {n}", -1 - n) for n in range(11)]],
            {"Salary": 40, "From savings": 26},
            {**{f"Shop {n}": 1 + n for n in range(2, 11)}, "2 others": 3},
            id="the-small-ones-are-one",
        ),
    ],
)
def test_cash_flow_draws_by_sign(
    amounts: list[tuple[str, str, int]],
    left: dict[str, int],
    right: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cash_flow = load("cash_flow", monkeypatch)
    drawn: list[dict[str, float]] = []

    def keep(*sides: list[Flow], middle: str) -> str:
        drawn.extend({flow.name: flow.size for flow in side} for side in sides)
        return middle

    monkeypatch.setattr(cash_flow, "sankey", keep)
    parts = pl.DataFrame(
        [(kind, name, Decimal(amount)) for kind, name, amount in amounts],
        schema={"category_kind": pl.String, "category": pl.String, "amount": pl.Decimal(38, 4)},
        orient="row",
    )
    cash_flow.draw(parts, scope())
    assert drawn == [left, right]
    assert sum(drawn[0].values()) == sum(drawn[1].values())


def test_accounts_kept_by_hand_are_among_the_others(empty_lake: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    make_lake(empty_lake, today=TODAY, purchases=20, months=3)
    before = open_books(empty_lake)
    worth = headlines.net_worth(before, "EUR")
    make_lake(empty_lake, today=TODAY, purchases=20, months=3, by_hand=True)
    books = open_books(empty_lake)

    assert frame.account_labels(books)["Cash box"] == "cash"
    assert headlines.currencies_of(books) == ["EUR", "NOK", "CHF", "XAU"]
    [(name, balance, day, since)] = (
        load("net_worth", monkeypatch)
        .accounts(scope())
        .run(books.connection)
        .filter(pl.col("account_name") == "Cash box")
        .select("account_name", "ledger_balance", "ledger_balance_date", "first_booking_date")
        .iter_rows()
    )
    assert (name, balance, day, since) == ("Cash box", 120, date(2026, 8, 21), date(2026, 8, 21))
    # Since ten days; the weeks before are there all the same.
    told = headlines.net_worth(books, "EUR")
    assert len(worth) > 4
    assert told == [*worth[:-2], worth[-2] + 120, worth[-1] + 120]


def test_net_worth_adds_accounts_up(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    net_worth = load("net_worth", monkeypatch)
    drawn = net_worth.balances(scope()).run(books.connection)
    last = drawn.filter(drawn["bucket"] == TODAY)
    assert dict(zip(last["part"], last["amount"], strict=True))["All together"] == ask(
        books, "select net_worth from marts.fct_net_worth where currency = 'EUR' and balance_date = date '2026-08-31'"
    )


def test_what_moved_a_balance_is_its_change(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    days = load("net_worth", monkeypatch).ends(scope(View(currency="EUR"))).run(books.connection)["amount"]
    moved = find_rows(books.connection, scope(View(currency="EUR")).where(), as_spent=False)
    assert days[-1] - days[0] == moved.total != 0


def test_trust_shows_what_entries_do_not_explain(empty_lake: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    make_lake(empty_lake, today=TODAY, purchases=20, months=3, unexplained="3.50")
    text, _ = run("trust", empty_lake, monkeypatch)
    assert "1 of 3 accounts does not reconcile: Travel" in text
    trust = load("trust", monkeypatch)
    books = open_books(empty_lake)
    august = Period(first=date(2026, 8, 1), last=TODAY)
    kroner = scope(View(currency="NOK"), period=august)
    assert trust.unexplained_days(kroner).run(books.connection)["unexplained"].to_list() == [Decimal("3.5000")]
    assert trust.unexplained_days(scope(period=august)).run(books.connection).is_empty()


@pytest.mark.parametrize(
    ("view", "names"),
    [
        pytest.param(View(currency="EUR"), ["Joint", "Savings"], id="currency"),
        pytest.param(View(currency="EUR", accounts=("savings",)), ["Savings"], id="account"),
        pytest.param(View(currency="NOK"), ["Travel"], id="other-currency"),
    ],
)
def test_trust_obeys_its_filters(view: View, names: list[str], books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    trust = load("trust", monkeypatch)
    assert sorted(trust.reconciliation(scope(view)).run(books.connection)["account_name"]) == names
    covered = trust.coverage(scope(view)).run(books.connection)["account_name"].to_list()
    assert covered == (names if view.accounts else ["Joint", "Savings", "Travel"])
    gone = trust.retractions(scope(view)).run(books.connection)
    assert len(gone) == ("Joint" in names)


def test_lab_examples_all_run(made_up: Settings, books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    for example in load("lab", monkeypatch).EXAMPLES.values():
        Query(sql=example).run(books.connection)


@pytest.mark.parametrize(
    ("amount", "written"), [("-1150.0000", "-1150.00"), ("1.2500", "1.25"), ("0.1234", "0.1234"), ("7", "7")]
)
def test_lab_leaves_out_the_zeros_that_fill_a_scale(amount: str, written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load("lab", monkeypatch).short(Decimal(amount)) == written


def test_an_older_build_gets_a_sentence(empty_lake: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    make_lake(empty_lake, today=TODAY, purchases=20, months=3, without=frozenset({"fct_daily_balance"}))
    text, _ = run("net_worth", empty_lake, monkeypatch)
    assert "has no fct_daily_balance yet" in text


@pytest.mark.parametrize(
    ("now", "then", "said"),
    [
        ("120", "100", "+20 %"),
        ("50", "100", "-50 %"),
        ("99.9", "100", "the same within 1 %"),
        ("5", "0", "nothing to compare with"),
    ],
)
def test_spending_says_how_it_changed(now: str, then: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load("spending", monkeypatch).ratio(Decimal(now), Decimal(then)) == said
