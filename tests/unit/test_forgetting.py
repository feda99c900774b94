"""Which keys go with an account that is forgotten: its own, and none of the accounts it had to do with."""

from pathlib import Path

import duckdb

from farthing.forgetting import keys_of
from farthing.lake import layout
from farthing.settings import Settings


def test_finds_what_belongs_to_an_account_and_nothing_of_the_other_side(empty_lake: Settings) -> None:
    file = Path(empty_lake.lake_url.removeprefix("file://")) / layout.CATALOGUE
    file.parent.mkdir(parents=True)
    with duckdb.connect(file) as catalogue:
        catalogue.execute("create schema marts")
        catalogue.execute("create table marts.dim_account (account_key text, account_ids text[])")
        catalogue.execute("insert into marts.dim_account values ('a', ['a-1', 'a-2']), ('b', ['b-1'])")
        catalogue.execute(
            "create table marts.fct_transactions"
            " (transaction_key text, account_key text, merchant_key text, counter_transaction_key text)"
        )
        catalogue.execute(
            "insert into marts.fct_transactions values ('t-a', 'a', 'shop', 't-b'), ('t-b', 'b', null, 't-a')"
        )
        catalogue.execute(
            "create table marts.fct_recurring (series_key text, account_key text, other_account_key text)"
        )
        catalogue.execute("insert into marts.fct_recurring values ('s-a', 'a', 'b'), ('s-b', 'b', null)")
        catalogue.execute("create table marts.fct_transfers (transfer_key text, outflow_transaction_key text)")

    assert keys_of(empty_lake, ["a-2"]) == {"a", "t-a", "s-a"}
    assert keys_of(empty_lake, ["nobody's"]) == set()


def test_finds_nothing_where_nothing_is_published(empty_lake: Settings) -> None:
    assert keys_of(empty_lake, ["a-1"]) == set()
