"""``python -m farthing.stack.worker``: deploy ``prefect.yaml``, then work off what is started in the UI."""

import os
import subprocess
import sys

from farthing.settings import PROJECT_DIR
from farthing.stack.services import WORK_POOL


def main() -> None:
    """Deploy, then become the worker."""
    os.chdir(PROJECT_DIR)
    prefect = [sys.executable, "-m", "prefect", "--no-prompt"]
    subprocess.run([*prefect, "work-pool", "create", WORK_POOL, "--type", "process", "--overwrite"], check=True)
    subprocess.run([*prefect, "deploy", "--all"], check=True)
    os.execv(sys.executable, [*prefect, "worker", "start", "--pool", WORK_POOL, "--type", "process"])  # noqa: S606 - our own arguments


if __name__ == "__main__":
    main()
