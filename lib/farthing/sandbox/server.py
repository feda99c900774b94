"""Run the sandbox bank on this machine; here, and only here, it meets the clock and the environment."""

import argparse
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from farthing.errors import ConfigurationError
from farthing.sandbox.app import create_app
from farthing.sandbox.bank import Bank

STATE_FILE = "sandbox-bank.json"


def main(argv: Sequence[str] | None = None) -> int:
    """Serve on 127.0.0.1 until stopped.

    :returns: the process's exit status.
    """
    parser = _parser()
    options = parser.parse_args(argv)
    secret_id = options.secret_id or os.environ.get("SANDBOX_SECRET_ID")
    secret_key = options.secret_key or os.environ.get("SANDBOX_SECRET_KEY")
    if not secret_id or not secret_key:
        parser.error("set SANDBOX_SECRET_ID and SANDBOX_SECRET_KEY to the pair that gets a token")
    try:
        bank = Bank(
            secret_id=secret_id,
            secret_key=secret_key,
            clock=lambda: datetime.now(UTC),
            state_file=options.home / STATE_FILE,
            seed=options.seed,
        )
    except ConfigurationError as error:
        parser.error(str(error))
    uvicorn.run(create_app(bank), host="127.0.0.1", port=options.port, access_log=False, log_level="warning")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m farthing.sandbox", description="A bank that speaks GoCardless.")
    parser.add_argument("--port", type=int, default=7403)
    parser.add_argument("--home", type=Path, required=True, help="folder of the state file")
    parser.add_argument("--secret-id", help="better set as SANDBOX_SECRET_ID: other users see arguments")
    parser.add_argument("--secret-key", help="better set as SANDBOX_SECRET_KEY")
    parser.add_argument("--seed", type=int, default=7, help="another seed gives other purchases")
    return parser
