"""The embedded stack as one thing: what is not set otherwise is started, and stopped at the end."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from farthing.assembly import prepare_stores
from farthing.settings import Settings
from farthing.stack import services
from farthing.stack.demo import sandbox_values
from farthing.stack.embedded import is_embedded, prepare_home
from farthing.stack.postgres import running_postgres
from farthing.stack.supervisor import Service, Supervisor

type Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A running stack: its settings, and the supervisor that watches its servers."""

    settings: Settings
    supervisor: Supervisor


@contextmanager
def running_stack(settings: Settings, *, say: Say, with_sandbox: bool = False) -> Iterator[Stack]:
    """Run the embedded servers until the block ends.

    :param say: told in a few words what is being waited for.
    :param with_sandbox: run the sandbox bank too.
    :raises StackError: if one cannot be started; what was started is stopped.
    :raises ServiceDownError: if one that is not embedded does not answer.
    """
    settings = prepare_home(settings, sandbox_values(settings) if with_sandbox else None)
    with ExitStack() as stack:
        supervisor = stack.enter_context(Supervisor(settings.home / "logs"))
        prefect = services.prefect_server(settings) if is_embedded(settings, "prefect_api_url") else None
        if prefect:
            supervisor.start(prefect)  # the slowest: it starts while the others do
        if is_embedded(settings, "database_url"):
            say("Postgres")
            stack.enter_context(running_postgres(settings.home / "postgres"))
        if settings.lake_url.startswith("s3://") and is_embedded(settings, "s3_endpoint"):
            _run(supervisor, services.s3(settings), say)
        if with_sandbox:
            _run(supervisor, services.sandbox(settings), say)
        prepare_stores(settings)
        _run(supervisor, services.web(settings), say)
        if prefect:
            say("Prefect")
            supervisor.wait_ready(prefect)
            supervisor.start(services.prefect_worker(settings))
        yield Stack(settings=settings, supervisor=supervisor)


def _run(supervisor: Supervisor, service: Service, say: Say) -> None:
    say(service.name)
    supervisor.start(service)
    supervisor.wait_ready(service)
