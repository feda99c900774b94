import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from farthing.errors import StackError
from farthing.stack.supervisor import Service, Supervisor

# A shell between us and the server: a child of the process that was started, in its group.
IN_A_SHELL = 'echo "here is $PLACE, $$"; "$0" -m http.server --bind 127.0.0.1 "$1" & echo "child $!"; wait'


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    with Supervisor(tmp_path / "logs") as watched:
        yield watched


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def server(port: int) -> Service:
    return Service(
        name="Tiny server",
        command=["sh", "-c", IN_A_SHELL, sys.executable, str(port)],
        environment={"PLACE": "somewhere"},
        port=port,
        ready_url=f"http://127.0.0.1:{port}/",
        port_setting="FARTHING_TINY_PORT",
    )


def program(*command: str, ready_url: str | None = None) -> Service:
    return Service(name="Short", command=command, environment={}, ready_url=ready_url, patience_seconds=0)


def test_waits_until_a_service_answers(supervisor: Supervisor, port: int) -> None:
    service = server(port)

    supervisor.start(service)
    supervisor.wait_ready(service)

    assert httpx.get(f"http://127.0.0.1:{port}/").status_code == 200


def test_names_the_log_after_the_service_and_gives_it_its_environment(
    supervisor: Supervisor, port: int, tmp_path: Path
) -> None:
    service = server(port)
    supervisor.start(service)
    supervisor.wait_ready(service)

    assert supervisor.log_of(service) == tmp_path / "logs" / "tiny-server.log"
    assert "here is somewhere" in supervisor.log_of(service).read_text()


def test_stops_a_services_children_too(supervisor: Supervisor, port: int) -> None:
    service = server(port)
    supervisor.start(service)
    supervisor.wait_ready(service)

    supervisor.stop()

    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/")


def test_stops_at_the_end_of_its_block_when_an_error_ends_it(tmp_path: Path, port: int) -> None:
    service = server(port)

    def fail() -> None:
        with Supervisor(tmp_path / "logs") as supervisor:
            supervisor.start(service)
            supervisor.wait_ready(service)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/")


def test_refuses_a_port_that_is_taken(supervisor: Supervisor) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StackError, match=f"Port {port}, which Tiny server wants, is taken.*FARTHING_TINY_PORT"):
            supervisor.start(server(port))


def test_says_where_the_reason_is_when_a_program_exits_at_once(supervisor: Supervisor, port: int) -> None:
    service = program(sys.executable, "-c", "raise SystemExit('no room')", ready_url=f"http://127.0.0.1:{port}/")
    service = Service(name="Short", command=service.command, environment={}, ready_url=service.ready_url)
    supervisor.start(service)

    with pytest.raises(StackError, match=r"Short stopped while starting: .*short\.log"):
        supervisor.wait_ready(service)
    assert "no room" in supervisor.log_of(service).read_text()


def test_gives_up_on_a_service_that_stays_silent(supervisor: Supervisor, port: int) -> None:
    service = program("sleep", "60", ready_url=f"http://127.0.0.1:{port}/")
    supervisor.start(service)

    with pytest.raises(StackError, match=r"Short does not answer: its log is .*short\.log"):
        supervisor.wait_ready(service)


def test_refuses_a_program_that_is_not_there(supervisor: Supervisor) -> None:
    with pytest.raises(StackError, match="Short cannot be started"):
        supervisor.start(program("/nowhere/at/all"))


def test_notices_when_a_service_stops_by_itself(supervisor: Supervisor) -> None:
    supervisor.start(program("true"))

    with pytest.raises(StackError, match="Short stopped: the reason is in"):
        supervisor.wait()
