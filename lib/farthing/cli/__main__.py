"""``python -m farthing.cli``."""

from farthing.cli import main

main()
