"""The embedded Postgres: started, stopped, and prevented from starting."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from farthing.errors import ServiceDownError, StackError
from farthing.stack.postgres import running_postgres, socket_url
from farthing.state.database import check, open_engine

pytestmark = pytest.mark.integration


def socket_dir_of(url: str) -> Path:
    return Path(unquote(url.partition("host=")[2]))


def query(url: str, *statements: str) -> object:
    """Run statements in one transaction and give the last one's value."""
    engine = open_engine(SecretStr(url))
    with engine.begin() as connection:
        *changes, last = map(text, statements)
        for change in changes:
            connection.execute(change)
        value = connection.scalar(last)
    engine.dispose()
    return value


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param("with 'quotes' and blanks", id="blanks"),
        pytest.param("too-long-for-a-socket-" * 5, id="long"),
    ],
)
def test_keeps_its_data_from_run_to_run_and_stops_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.setenv("LC_ALL", "xx_XX.UTF-8")  # a locale that no machine has
    data_dir = tmp_path / folder / "data"
    with running_postgres(data_dir) as url:
        assert url == socket_url(data_dir)
        assert query(url, "create table kept as select 42 as answer", "select answer from kept") == 42
    with pytest.raises(ServiceDownError):
        check(open_engine(SecretStr(url)))
    with running_postgres(data_dir) as url:
        assert query(url, "select answer from kept") == 42
    assert sorted(path.name for path in data_dir.parent.iterdir()) == ["data", "data.lock"]
    assert socket_dir_of(url) == data_dir or not socket_dir_of(url).exists()


def test_keeps_its_socket_out_of_a_folder_that_somebody_else_chose(tmp_path: Path) -> None:
    data_dir = tmp_path / ("too-long-for-a-socket-" * 5) / "data"
    (tmp_path / "elsewhere").mkdir()
    link = socket_dir_of(socket_url(data_dir))
    link.symlink_to(tmp_path / "elsewhere")
    try:
        with pytest.raises(StackError, match="could not set up"), running_postgres(data_dir):
            pass
    finally:
        link.unlink()


def test_replaces_a_server_that_a_killed_run_left_behind(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    script = (
        "import os, pathlib, sys\nfrom farthing.stack.postgres import running_postgres\n"
        "with running_postgres(pathlib.Path(sys.argv[1])):\n    os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(data_dir)], check=False)
    assert killed.returncode == -9
    left_behind = (data_dir / "postmaster.pid").read_text().splitlines()[0]
    with running_postgres(data_dir) as url:
        assert query(url, "select 1") == 1
        assert (data_dir / "postmaster.pid").read_text().splitlines()[0] != left_behind


def test_ends_well_when_the_server_has_ended_by_itself(tmp_path: Path) -> None:
    with running_postgres(tmp_path / "data"):
        os.kill(int((tmp_path / "data/postmaster.pid").read_text().splitlines()[0]), signal.SIGTERM)


def test_refuses_a_folder_that_is_in_use(database_url: str) -> None:
    data_dir = socket_dir_of(database_url)
    with pytest.raises(StackError, match="Another Farthing"), running_postgres(data_dir):
        pass


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param({"data/PG_VERSION": "12"}, r"was made by Postgres 12.*FARTHING_HOME", id="older-version"),
        pytest.param({"data/PG_VERSION": "18"}, r"did not start.*/data/log", id="damaged"),
        pytest.param({"data/notes.txt": "mine"}, r"could not set up .*/data", id="somebody-elses-files"),
        pytest.param({"data": "a file"}, r"could not set up .*/data", id="a-file-in-its-place"),
    ],
)
def test_says_in_one_line_what_stands_in_its_way(tmp_path: Path, files: dict[str, str], message: str) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    with pytest.raises(StackError, match=message) as caught, running_postgres(tmp_path / "data"):
        pass
    assert "\n" not in str(caught.value)
    assert all((tmp_path / name).read_text() == content for name, content in files.items())


def test_says_that_a_folder_cannot_be_written() -> None:
    with pytest.raises(StackError, match=r"cannot be written \(.+\)"), running_postgres(Path("/proc/farthing/data")):
        pass
