import os
from pathlib import Path

import pytest

from farthing.web.server import keep_marimo_at_home


def test_keeps_marimos_files_in_our_folder_but_respects_what_is_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "environ", {"XDG_CACHE_HOME": "/elsewhere"})

    keep_marimo_at_home(tmp_path)

    assert os.environ["XDG_STATE_HOME"] == str(tmp_path / "marimo" / "state")
    assert os.environ["XDG_CACHE_HOME"] == "/elsewhere"
