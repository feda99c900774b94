"""What the owner's texts must be like, wherever they are shown."""

import unicodedata

_NOT_IN_A_LINE = {"Cc", "Cs", "Zl", "Zp"}  # control characters, halves of characters, line and paragraph ends
_TELLING = 3  # letters; the beginning of a word that is shorter would fit words that have nothing to do with it


def is_one_line(text: str) -> bool:
    """Whether a text is without control characters and line ends."""
    return not any(unicodedata.category(letter) in _NOT_IN_A_LINE for letter in text)


def one_line(text: str) -> str:
    """Return a text that is one line.

    :raises ValueError: if it is not.
    """
    if not is_one_line(text):
        raise ValueError("it should be one line of plain text")
    return text


def pattern_text(pattern: str) -> str:
    """Return a pattern of words that can fit something.

    :raises ValueError: if it has no word, or a star at a word too short for one.
    """
    letters = sum(letter.isalnum() for letter in pattern)
    if letters == 0:
        raise ValueError("pattern: it has no word to look for")
    if "*" in pattern.strip("*"):
        raise ValueError("pattern: a star stands at its beginning or its end")
    if "*" in pattern and letters < _TELLING:
        raise ValueError(f"pattern: write at least {_TELLING} letters beside a star")
    return pattern
