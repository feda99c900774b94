"""The project's SQL, compiled once for all lives."""

import os
from unittest.mock import patch

import pytest

from tests.model.warehouse import PROJECT, Warehouse, compiled


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("compiled")
    ours = {
        "FARTHING_LAKE_URL": f"file://{folder}/lake",
        "DBT_FARTHING_DATABASE": ":memory:",
        "DBT_FARTHING_PLUGINS": str(PROJECT / "plugins"),
    }
    with patch.dict(os.environ, ours):
        return Warehouse(compiled(folder))
