"""Tests of money can fail: each mart that claims money is broken in turn, and the test that defends it notices."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from bench.detection import households
from bench.sandbox_lake import PROJECT, SandboxLake, Wanted, run_dbt
from farthing.lake.reference import Budget, ManualAccount, ManualBalance, Part, Split, TransferDecision, decide
from farthing.lake.store import open_store
from farthing.settings import Settings

pytestmark = [pytest.mark.integration, pytest.mark.slow]  # some seconds for each mutation

MONEY = "assert_money_is_conserved"
FINDINGS = "assert_findings_tell_amounts_of_entries"
ANNOUNCED = "assert_pending_links_hold_what_was_announced"
CONVERTED = "assert_converted_amounts_are_conserved"
# Model, what stands in it, what is put in its place, and the test that has to notice.
MUTATIONS = [
    ("core/fct_transactions", "    settled.amount,\n", "    -settled.amount as amount,\n", MONEY),
    ("core/fct_transactions", "from settled\n", "from (from settled where merchant_key < 'm') as settled\n", MONEY),
    ("spending/fct_transaction_parts", "    anti join splits", "    semi join splits", MONEY),
    ("spending/fct_transaction_parts", "splits.amount as amount", "transactions.amount as amount", MONEY),
    ("core/fct_daily_totals", "group by all", "where category_kind <> 'income' group by all", MONEY),
    ("core/fct_transaction_versions", "from versions", "from versions where not (is_current and amount > 1000)", MONEY),
    ("spending/fct_cash_flow_edges", "where amount > 0\n", "where amount > 100\n", MONEY),
    ("spending/fct_cash_flow_edges", "where amount < 0\n    group by", "where amount < -100\n    group by", MONEY),
    ("spending/fct_cash_flow_edges", "having sum(amount) <> 0", "having sum(amount) > 0", MONEY),
    ("spending/fct_cash_flow", "= 'transfer')", "= 'transfers')", "assert_cash_flow_is_conserved"),
    ("spending/fct_monthly_spending", "= 'spending'", "= 'spending' and amount > -100", "assert_spending_is_conserved"),
    (
        "spending/fct_monthly_spending",
        "    category,\n",
        "    replace(category, 'Groceries', 'Restaurants') as category,\n",
        "assert_spending_is_conserved",
    ),
    (
        "spending/fct_budget",
        "months.budget_month = spending.booking_month",
        "months.budget_month >= spending.booking_month",
        "assert_budgets_are_conserved",
    ),
    (
        "balances/fct_daily_balance",
        "({{ from_every_provider('transactions') }}) as transactions",
        "({{ from_every_provider('transactions') }}) as transactions where amount < 0",
        "assert_daily_balances_hold_all_movements",
    ),
    (
        "trust/fct_reconciliation",
        "rows between current row and unbounded following",
        "rows between 1 following and unbounded following",
        "assert_reconciliations_hold_all_movements",
    ),
    ("detection/fct_transfers", "outflows.amount as", "cast(2 * outflows.amount as decimal(19, 4)) as", FINDINGS),
    ("detection/fct_transfers", "outflows.account_key as", "inflows.account_key as", FINDINGS),
    ("detection/fct_unmatched_transfers", "    legs.amount,\n", "    -legs.amount as amount,\n", FINDINGS),
    ("detection/fct_refunds", "credits.amount as", "cast(credits.amount + 1 as decimal(19, 4)) as", FINDINGS),
    (
        "detection/fct_anomalies",
        "    spending.amount,\n    cast",
        "    -spending.amount as amount,\n    cast",
        FINDINGS,
    ),
    (
        "detection/fct_recurring_events",
        "        occurrences.amount,\n",
        "        -occurrences.amount as amount,\n",
        FINDINGS,
    ),
    ("core/fct_pending_links", "booked.amount as booked_amount", "-booked.amount as booked_amount", FINDINGS),
    ("core/fct_pending_links", "    announced.currency,\n", "    'XXX' as currency,\n", FINDINGS),
    ("core/fct_pending_links", "    announced.amount,\n", "    -announced.amount as amount,\n", ANNOUNCED),
    (
        "core/fct_pending_links",
        "    announced.first_amount,\n",
        "    -announced.first_amount as first_amount,\n",
        ANNOUNCED,
    ),
    ("core/fct_pending_links", "is null then 'pending'", "is null then 'vanished'", ANNOUNCED),
    (
        "core/fct_pending_links",
        "from announced\nleft join linked",
        "from (from announced where amount < -30) as announced\nleft join linked",
        ANNOUNCED,
    ),
    (
        "core/fct_pending_links",
        "left join linked on announced.announcement_key = linked.left_key",
        "left join (from linked limit 1) as linked on announced.gone_at is not null",
        "assert_pending_links_are_one_to_one",
    ),
    ("core/fct_pending", "    decided.amount,\n", "    -decided.amount as amount,\n", ANNOUNCED),
    (
        "core/fct_transactions",
        "{{ in_base('settled.amount', 'rates.rate') }}",
        "settled.amount",
        CONVERTED,
    ),
    (
        "core/fct_transactions",
        "settled.booking_date = rates.day",
        "settled.booking_date - 30 = rates.day",
        CONVERTED,
    ),
    ("core/fct_transactions", "    rates.rate,\n", "    cast(1 as decimal(19, 12)) as rate,\n", CONVERTED),
    ("core/fct_transactions", "    rates.rate_date,\n", "    settled.booking_date as rate_date,\n", CONVERTED),
    ("spending/fct_cash_flow", "        base_amount as amount,\n", "        amount,\n", CONVERTED),
    (
        "spending/fct_transaction_parts",
        "- {{ in_base('(sum(splits.amount)",
        "+ {{ in_base('(sum(splits.amount)",
        "assert_parts_add_up",
    ),
    (
        "spending/fct_monthly_spending",
        "sum_in_base('-base_amount')",
        "sum_in_base('-amount')",
        "assert_spending_is_conserved",
    ),
    (
        "balances/fct_daily_balance",
        "{{ in_base('moves.balance', 'rates.rate') }}",
        "cast(moves.balance as decimal(19, 4))",
        "assert_converted_balances_are_conserved",
    ),
    (
        "balances/fct_net_worth",
        "sum_in_base('balances.base_balance')",
        "sum_in_base('balances.balance')",
        "assert_converted_balances_are_conserved",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clone:
    """A copy of the project that can be broken, and the database of a whole build to break it on."""

    folder: Path

    @property
    def project(self) -> Path:
        return self.folder / "dbt_project"

    def dbt(self, *command: str) -> bool:
        """Run a command of dbt and say whether it succeeded."""
        places = ["--project-dir", str(self.project), "--profiles-dir", str(self.project)]
        outputs = ["--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs")]
        result = dbtRunner().invoke(["--quiet", *command, *places, *outputs])
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]  # dbt-duckdb ships no types
        assert result.exception is None
        return result.success

    def renew(self) -> None:
        """Take the database as it was built."""
        shutil.copy(self.folder / "built.duckdb", self.folder / "dev.duckdb")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """Build a year of three households, one of them in kroner, on which their owner has decided something of each kind.

    Their banks were asked on three days, and told what was pending.
    """
    folder = tmp_path_factory.mktemp("conserved")
    with pytest.MonkeyPatch.context() as patch:
        before = [date(2026, 8, 29), date(2026, 9, 1)]
        lake = SandboxLake(folder, date(2026, 9, 4), days=400, asked_before=before)
        for wanted in (*households(2, 77), Wanted(banks=("FJORDKATT_FJKANOZZ",), number=2, seed=79)):
            lake.add(wanted)
        with lake.build(patch.setenv) as marts:
            _decide(folder, marts)
        run_dbt(folder, patch.setenv, database=str(folder / "dev.duckdb"))
        made = Clone(folder=folder)
        shutil.copytree(PROJECT, made.project, ignore=shutil.ignore_patterns("target", "logs"))
        (folder / "dev.duckdb").rename(folder / "built.duckdb")
        yield made


def _decide(folder: Path, marts: duckdb.DuckDBPyConnection) -> None:
    spent = (
        "select transaction_key, amount from marts.fct_transactions where category_kind = 'spending' and amount < -20"
    )
    splits = [
        Split(
            transaction_key=key,
            amount=amount,
            parts=(Part(amount=amount + 5, category="Groceries"), Part(amount=Decimal(-5), category="Own transfer")),
        )
        for key, amount in marts.execute(f"{spent} order by all limit 3").fetchall()
    ]
    transfers = "select outflow_transaction_key, inflow_transaction_key from marts.fct_transfers order by all limit 1"
    [(outflow, inflow)] = marts.execute(transfers).fetchall()
    decisions = [
        *splits,
        Budget(scope="category", name="Groceries", currency="EUR", month=date(2026, 1, 1), amount=Decimal(300)),
        Budget(scope="group", name="Food", currency="EUR", month=date(2026, 5, 1), amount=Decimal(500)),
        ManualAccount(account_key="house", account_name="House", kind="property", currency="EUR"),
        ManualBalance(account_key="house", balance_date=date(2026, 3, 1), amount=Decimal(300_000)),
        TransferDecision(outflow_transaction_key=outflow, inflow_transaction_key=inflow, decision="rejected"),
    ]
    store = open_store(Settings(lake_url=f"file://{folder}/lake", home=folder))
    decide(store, decisions, decided_at=datetime.now(UTC))


def test_money_is_conserved_as_long_as_no_model_is_broken(clone: Clone) -> None:
    clone.renew()

    assert clone.dbt("test", "--select", *sorted({test for *_, test in MUTATIONS}))


@pytest.mark.parametrize(
    ("model", "right", "wrong", "test"),
    MUTATIONS,
    ids=lambda each: each if each.startswith(("assert", "fct")) else None,
)
def test_a_broken_model_is_noticed(clone: Clone, model: str, right: str, wrong: str, test: str) -> None:
    clone.renew()
    file = clone.project / "models" / "marts" / f"{model}.sql"
    sql = file.read_text()
    assert right in sql
    file.write_text(sql.replace(right, wrong, 1))
    try:
        assert clone.dbt("run", "--select", file.stem)
        assert not clone.dbt("test", "--select", test)
    finally:
        file.write_text(sql)
