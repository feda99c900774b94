"""Text that others wrote, as a terminal may show it."""

from rich.markup import escape

_CONTROLS = [*range(0x20), 0x7F, *range(0x80, 0xA0)]
_VISIBLE = {code: "\N{REPLACEMENT CHARACTER}" for code in _CONTROLS if chr(code) not in "\t\n"}


def plain(text: str) -> str:
    """Write a text so that Rich takes nothing in it for markup, and a terminal nothing for a command.

    Whoever pays into an account chooses a text that comes up here; by control characters it could recolour what
    follows, change the window, or hide itself.
    """
    return escape(text.translate(_VISIBLE))
