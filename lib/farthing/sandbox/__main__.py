"""``python -m farthing.sandbox``."""

import sys

from farthing.errors import FarthingError
from farthing.sandbox.cli import app

try:
    app()
except FarthingError as error:
    sys.exit(f"sandbox: {error}")
