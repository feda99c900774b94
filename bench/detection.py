"""Hold what the marts conclude against the sandbox banks' own ledger.

    python bench/detection.py --households 20 --first-seed 101

Households are spread over the sandbox's banks, each with a seed of its own, and built together as one owner's lake:
harder than apart, since more accounts can be mistaken for each other's.
"""

import argparse
import tempfile
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from bench.sandbox_lake import SandboxLake, Wanted
from farthing.sandbox.institutions import BANKS, HARBOUR, NORDLICHT, SANDBOX_FINANCE

_BY_HAND = (NORDLICHT.key, HARBOUR.key)  # the demo's household, with transfers from bank to bank
_GENERATED = [bank.key for bank in BANKS if bank.key not in (*_BY_HAND, SANDBOX_FINANCE.key)]

# Banks that do not tell what happened: transfers told twice, entries with an amount only, debits withdrawn. What they
# tell cannot agree with their ledger.
_UNTRUTHFUL = frozenset({36, 51, 54})

_KNOWN = """
create or replace table truth.known as
select transactions.transaction_key, transactions.account_key as key, transactions.amount as told_amount, entries.*
from staging.stg_gocardless__transactions as transactions
inner join staging.stg_gocardless__accounts as accounts using (account_key)
inner join truth.told
    on accounts.account_id = told.account_id
    and coalesce(transactions.internal_transaction_id, transactions.transaction_id) = told.called
inner join truth.entries on told.entry_id = entries.entry_id
qualify row_number() over (partition by transactions.transaction_key order by told.entry_id) = 1
"""

# A transfer that can be found has both sides in the lake.
_TRANSFERS = """
with findable as (
    select transfer_id from truth.known where transfer_id is not null
    group by transfer_id having count(distinct account_key) = 2
),
found as (
    select sources.transfer_id as one, targets.transfer_id as other
    from marts.fct_transfers as transfers
    left join truth.known as sources on transfers.outflow_transaction_key = sources.transaction_key
    left join truth.known as targets on transfers.inflow_transaction_key = targets.transaction_key
)
select count(*) filter (where one = other), count(*), (select count(*) from findable) from found
where one is not null or other is not null
"""

_REFUNDS = """
select
    count(*) filter (where refunds.refunded_entry_id = purchases.entry_id),
    count(*),
    (select count(*) from truth.known where refunded_entry_id in (select entry_id from truth.known))
from marts.fct_refunds as found
left join truth.known as purchases on found.purchase_transaction_key = purchases.transaction_key
left join truth.known as refunds on found.refund_transaction_key = refunds.transaction_key
where found.refund_key is not null
"""

# Of a series nine in ten entries have to be one true series', and more than half of that one's. A true one counts if it
# has a rhythm (gaps of like length) and came three times, or twice a year apart.
_RECURRING = """
with gaps as (
    select series_id, booking_date - lag(booking_date) over (partition by series_id order by booking_date) as gap
    from truth.known where series_id is not null
),
true_series as (
    select series_id, count(*) as entries from gaps group by series_id
    having count(*) >= 3 and max(gap) <= 1.3 * min(gap) + 3 or count(*) = 2 and max(gap) between 350 and 380
),
members as (
    select events.series_key, known.series_id
    from (
        select series_key, unnest(transaction_keys) as transaction_key
        from marts.fct_recurring_events where event = 'paid'
    ) as events
    left join truth.known using (transaction_key)
),
found as (
    select series_key, mode(coalesce(series_id, '')) as series_id, count(*) as entries,
        max(times) as of_one
    from (select *, count(*) over (partition by series_key, series_id) as times from members) as counted
    group by series_key
),
good as (select * from found where series_id <> '' and of_one >= 0.9 * entries)
select
    (select count(*) from good),
    (select count(*) from found),
    (
        select count(*) from true_series
        where series_id in (select good.series_id from good where good.of_one > 0.5 * true_series.entries)
    ),
    (select count(*) from true_series)
"""

_LEDGER = """
with expected as (
    -- A bank may show an entry days after it booked: what it has not told yet, nobody can know.
    select account_key, count(*) as entries, sum(amount) as amount from truth.entries
    where entry_id in (select entry_id from truth.told)
    group by account_key
),
settled as (
    select account_key, count(distinct entry_id) as entries, count(*) as told, sum(told_amount) as amount
    from truth.known group by account_key
)
select
    count(*) filter (
        where expected.entries = settled.entries and settled.told = settled.entries
        and expected.amount = settled.amount
    ),
    count(*)
from expected left join settled using (account_key)
where split_part(account_key, '/', 1) not in (select unnest($1))
"""

_RECONCILIATION = """
select coalesce(max(abs(reconciliation.difference)), 0), count(*)
from marts.fct_reconciliation as reconciliation
inner join staging.stg_gocardless__accounts as accounts using (account_key)
where accounts.institution_id not in (select unnest($1))
"""

_FORECAST = """
select
    avg(cast(is_within_50 as integer)), avg(cast(is_within_90 as integer)),
    1 - sum(relative_error) / sum(relative_naive_error), count(*)
from (
    select *, abs(error) / scale as relative_error, abs(naive_error) / scale as relative_naive_error
    from marts.fct_forecast_error
    -- Kroner beside euros: an account's errors are measured by what its naive forecast misses.
    inner join (
        select account_key, nullif(avg(abs(naive_error)), 0) as scale
        from marts.fct_forecast_error group by account_key
    ) as scales using (account_key)
    where naive_error is not null
) as errors
"""


_KINDS = """
select
    avg(cast(is_within_90 as integer)) filter (where cash_account_type = 'CACC'),
    avg(cast(is_within_90 as integer)) filter (where cash_account_type = 'CARD'),
    avg(cast(is_within_90 as integer)) filter (where cash_account_type = 'SVGS')
from marts.fct_forecast_error
inner join marts.dim_account using (account_key)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def value(self) -> float:
        """The share, 1 of nothing."""
        return self.part / self.whole if self.whole else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the marts got right.

    :ivar exact_accounts: accounts whose settled ledger is the bank's own, of those whose bank tells the truth.
    :ivar greatest_difference: the worst of their reconciliations.
    :ivar coverage_90: the share of the backtest's days within the 90 % interval; the same of each kind of account.
    :ivar better_than_naive: by how much the forecast's error is less than the naive one's, 0 to 1.
    """

    transfer_precision: Share
    transfer_recall: Share
    refund_precision: Share
    refund_recall: Share
    recurring_precision: Share
    recurring_recall: Share
    exact_accounts: Share
    greatest_difference: Decimal
    coverage_50: float
    coverage_90: float
    coverage_90_current: float
    coverage_90_card: float
    coverage_90_savings: float
    better_than_naive: float
    backtest_days: int


def households(count: int, first_seed: int) -> list[Wanted]:
    """Choose households: one of the demo's, then the generated banks' in turn; each has its own seed and number."""
    by_hand = Wanted(banks=_BY_HAND, number=0, seed=first_seed)
    generated = [
        Wanted(banks=(_GENERATED[(number - 1) % len(_GENERATED)],), number=number, seed=first_seed + number)
        for number in range(1, count)
    ]
    return [by_hand, *generated]


def measure(connection: duckdb.DuckDBPyConnection) -> Figures:
    """Compare the marts of a built lake with its truth."""
    untruthful = [bank.key for bank in BANKS if bank.quirks & _UNTRUTHFUL]
    connection.execute(_KNOWN)
    right, found, findable = _row(connection, _TRANSFERS)
    refunds_right, refunds_found, refunds_known = _row(connection, _REFUNDS)
    good, series, known_found, known = _row(connection, _RECURRING)
    exact, accounts = _row(connection, _LEDGER, [untruthful])
    difference, _ = _row(connection, _RECONCILIATION, [untruthful])
    within_50, within_90, better, days = _row(connection, _FORECAST)
    current, card, savings = _row(connection, _KINDS)
    return Figures(
        transfer_precision=Share(part=right, whole=found),
        transfer_recall=Share(part=right, whole=findable),
        refund_precision=Share(part=refunds_right, whole=refunds_found),
        refund_recall=Share(part=refunds_right, whole=refunds_known),
        recurring_precision=Share(part=good, whole=series),
        recurring_recall=Share(part=known_found, whole=known),
        exact_accounts=Share(part=exact, whole=accounts),
        greatest_difference=difference,
        coverage_50=within_50,
        coverage_90=within_90,
        coverage_90_current=current,
        coverage_90_card=card,
        coverage_90_savings=savings,
        better_than_naive=better,
        backtest_days=days,
    )


def main() -> None:
    """Land, build, measure and print."""
    parser = argparse.ArgumentParser(description="Precision and recall against the sandbox's truth.")
    parser.add_argument("--households", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=101)
    parser.add_argument("--today", type=date.fromisoformat, default=date(2026, 9, 4))
    parser.add_argument("--folder", type=Path, help="Keep the lake here; a temporary folder otherwise.")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        lake = SandboxLake(chosen.folder or Path(temporary), chosen.today)
        for wanted in households(chosen.households, chosen.first_seed):
            lake.add(wanted)
        with lake.build() as connection:
            figures = measure(connection)
    for name in Figures.__dataclass_fields__:
        value = getattr(figures, name)
        shown = f"{value.value:.4f}  ({value.part} of {value.whole})" if isinstance(value, Share) else f"{value:.4f}"
        print(f"{name:<20} {shown}")


def _row(connection: duckdb.DuckDBPyConnection, sql: str, parameters: list[object] | None = None) -> tuple:  # type: ignore[type-arg]  # as DuckDB gives rows
    row = connection.execute(sql, parameters or []).fetchone()
    assert row is not None
    return row


if __name__ == "__main__":
    main()
