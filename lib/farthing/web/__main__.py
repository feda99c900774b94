"""``python -m farthing.web``: the web app alone, on loopback."""

import sys

from farthing.errors import FarthingError
from farthing.settings import Settings
from farthing.web.server import serve

try:
    serve(Settings.load())
except FarthingError as exc:
    sys.exit(f"farthing.web: {exc}")
