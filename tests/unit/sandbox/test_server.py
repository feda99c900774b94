from pathlib import Path

import pytest

from farthing.sandbox.server import STATE_FILE, main


def test_it_does_not_start_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SANDBOX_SECRET_ID", raising=False)
    with pytest.raises(SystemExit, match="2"):
        main(["--home", str(tmp_path), "--secret-key", "demo-key"])
    assert "SANDBOX_SECRET_ID" in capsys.readouterr().err


def test_it_does_not_start_on_a_spoilt_state_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SANDBOX_SECRET_ID", "demo-id")
    monkeypatch.setenv("SANDBOX_SECRET_KEY", "demo-key")
    (tmp_path / STATE_FILE).write_text("not JSON")
    with pytest.raises(SystemExit, match="2"):
        main(["--home", str(tmp_path)])
    assert "move it away" in capsys.readouterr().err
