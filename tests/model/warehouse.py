"""Staging without a lake: the project's SQL, compiled once by dbt, over landing tables in memory."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner

from farthing.gocardless.landing import COLUMNS
from farthing.lake.landing import Tables, with_lineage

PROJECT = Path(__file__).parents[2] / "dbt_project"
SETTLED = ("transactions", "pending_transactions")
ALL = (*SETTLED, "balances", "pending_sightings", "transaction_versions")
_SOURCE = re.compile(r"read_parquet\(getvariable\('lake_url'\) \|\| '/landing/gocardless/(\w+)/[^)]*\)")


def compiled(folder: Path) -> dict[str, str]:
    """Compile staging; gives the models' SQL in the order of building."""
    select = " ".join(f"+stg_gocardless__{entity}" for entity in ALL)
    options = {"--project-dir": PROJECT, "--profiles-dir": PROJECT, "--target-path": folder, "--log-path": folder}
    arguments = [text for name, value in options.items() for text in (name, str(value))]
    result = dbtRunner().invoke(["--log-level", "none", "compile", "--select", select, *arguments])
    assert result.success, result.exception
    assert isinstance(result.result, RunExecutionResult)
    nodes = {each.node.unique_id: each.node for each in result.result if each.node.resource_type == "model"}
    ordered: dict[str, str] = {}
    while left := [node for id_, node in nodes.items() if node.name not in ordered]:
        for node in left:
            needed = {nodes[id_].name for id_ in node.depends_on.nodes if id_ in nodes}
            if needed <= ordered.keys():
                ordered[node.name] = _in_memory(
                    node.compiled_code, {each.relation_name: each.name for each in nodes.values()}
                )
    return ordered


def _in_memory(sql: str, relations: Mapping[str, str]) -> str:
    for relation, name in relations.items():
        sql = sql.replace(relation, name)
    return _SOURCE.sub(r"landing.\1", sql)


class Warehouse:
    """Tables of landing and of staging."""

    def __init__(self, models: Mapping[str, str]) -> None:
        self._models = models
        self._connection = duckdb.connect(config={"threads": 1})
        self._connection.execute("create schema landing")
        for entity, columns in with_lineage(COLUMNS).items():
            texts = ", ".join(f'"{name}" varchar' for name in columns)
            self._connection.execute(f"create table landing.{entity} ({texts})")
        self._connection.execute("create schema seeds")
        habits = PROJECT / "seeds" / "bank_habits.csv"
        self._connection.execute(f"create table seeds.bank_habits as from read_csv('{habits}')")
        for model, sql in models.items():
            self._connection.execute(f"create table {model} as select * from ({sql}) limit 0")

    def build(self, tables: Tables, entities: Collection[str] = SETTLED) -> None:
        """Replace what landed, and build entities of staging of it, with all that they need."""
        left_out = {f"stg_gocardless__{entity}" for entity in ALL if entity not in entities}
        for entity in tables:
            landed = tables[entity]  # noqa: F841 - DuckDB finds the frame by its name
            self._connection.execute(f"delete from landing.{entity}")
            self._connection.execute(f"insert into landing.{entity} select * from landed")
        for model, sql in self._models.items():
            if model in left_out:
                continue
            self._connection.execute(f"delete from {model}")
            self._connection.execute(f"insert into {model} select * from ({sql})")

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self._connection.execute(sql).fetchall()
