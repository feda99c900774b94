"""``python -m farthing.sandbox``."""

import sys

from farthing.sandbox.server import main

sys.exit(main())
