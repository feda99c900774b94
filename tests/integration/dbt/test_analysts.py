"""The analysts' guide does what it says: its blocks are run in a copy of the project, with the settings of an S3."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pytest

from farthing.lake import layout
from farthing.lake.catalogue import marts_of, publish
from farthing.lake.store import ObjectStore, open_store
from farthing.settings import PROJECT_DIR, Settings
from tests.integration.dbt.test_build import IBAN, entry, link

pytestmark = [pytest.mark.integration, pytest.mark.slow]  # it reads the project anew for each of its commands

BLOCKS = re.findall(r"```(sh|python)\n(.*?)```", (PROJECT_DIR / "docs" / "analysts.md").read_text(), re.DOTALL)


def test_the_guides_blocks_run_and_an_own_mart_is_published(lake: Any, s3_settings: Settings, tmp_path: Path) -> None:
    link(lake, "current", IBAN, "Everyday")
    asked = "2026-01-04T08:00:00+00:00"
    rows = [entry("2026-01-02", "-10.00", "Lidl"), entry("2026-01-03", "-3.20", "Bäckerei Blau")]
    lake.add("transactions", "current", asked, rows, date_from="2026-01-01", date_to="2026-01-04")
    lake.land()
    clone = tmp_path / "clone"
    shutil.copytree(PROJECT_DIR / "dbt_project", clone / "dbt_project", ignore=shutil.ignore_patterns("target", "logs"))
    home = tmp_path / "home"
    settings = s3_settings.model_copy(update={"lake_url": "s3://analysts/lake", "home": home})
    store = open_store(settings)
    store.prepare()
    for key in lake.store.keys(""):
        store.put(key, lake.store.get(key))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "FARTHING_"))}
    environment |= {
        "PATH": f"{Path(sys.executable).parent}:{environment['PATH']}",
        "HOME": str(home),
        "FARTHING_ENV_FILE": os.devnull,
        "FARTHING_HOME": str(home),
        "FARTHING_LAKE_URL": settings.lake_url,
        "FARTHING_S3_ENDPOINT": str(settings.s3_endpoint),
        "FARTHING_S3_ACCESS_KEY_ID": "farthing",
        "FARTHING_S3_SECRET_ACCESS_KEY": "only-for-tests",
        "DBT_EXCLUDE_RESOURCE_TYPES": "unit_test",  # they are run elsewhere
    }

    install_httpfs(home)

    assert [language for language, _ in BLOCKS] == ["sh", "sh", "python", "python", "python"]
    said: list[str] = []
    for language, block in BLOCKS:
        # The guide's reader has a published build; here the block before made one.
        if language == "python" and len(said) == 2:
            publish_newest(store, settings, clone / "dbt_project" / "target" / "manifest.json")
        command = ["bash", "-euo", "pipefail", "-c", block] if language == "sh" else [sys.executable, "-c", block]
        done = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        said.append(done.stdout)

    assert "fct_budget" in said[0]
    assert "fct_spending_by_weekday" in said[1]
    assert "Friday" in said[1]
    assert "13.2000" in said[2]
    assert "13.2000" in said[3]
    assert "-10.0000" in said[4]


def install_httpfs(home: Path) -> None:
    """Put DuckDB's extension where DuckDB itself does when it first needs it, which takes the internet."""
    [(platform,)] = duckdb.sql("pragma platform").fetchall()
    version = f"v{duckdb.__version__}"
    folder = home / ".duckdb" / "extensions" / version / platform
    folder.mkdir(parents=True)
    bundled = files("duckdb_extension_httpfs") / "extensions" / version / "httpfs.duckdb_extension"
    (folder / "httpfs.duckdb_extension").write_bytes(bundled.read_bytes())


def publish_newest(store: ObjectStore, settings: Settings, manifest: Path) -> None:
    """Publish the newest file of every mart, of whichever invocation: as one build's."""
    marts = marts_of(manifest.read_bytes())
    build_id = json.loads(manifest.read_bytes())["metadata"]["invocation_id"]
    for mart in marts:
        newest = max(store.objects(f"marts/{mart.name}/"), key=lambda found: found.modified_at)
        store.put(layout.mart_key(model=mart.name, build_id=build_id), store.get(newest.key))
    publish(store, settings, build_id=build_id, marts=marts)
    assert "fct_spending_by_weekday" in {mart.name for mart in marts}
