"""Two ways to parse JSON whose values become text: a quick one for most answers, and one that rounds no digit."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import orjson

_TEXTS = {str, type(None)}


class NotQuickError(Exception):
    """The quick way would change something, such as a number: parse the answer again, the exact way."""


@dataclass(frozen=True, slots=True)
class Parser:
    """A way to parse JSON, and to write parts of it again."""

    parse: Callable[[bytes], object]
    write: Callable[[object], str]
    storable: Callable[[str], str] | None = None

    def text(self, value: object) -> str | None:
        """Make a value into text: a text is itself, null is null, and all else is JSON."""
        if isinstance(value, str):
            return self.storable(value) if self.storable else value
        return None if value is None else self.write(value)

    def texts(self, values: Sequence[object]) -> list[str | None]:
        """Make values into text."""
        if self.storable is None and _TEXTS.issuperset(map(type, values)):
            return values  # type: ignore[return-value]  # as was just seen
        return [self.text(value) for value in values]


def _parse_exactly(body: bytes) -> object:
    """Leave numbers as the text they were sent as, so that no digit is rounded."""
    try:
        return json.loads(body, parse_float=str, parse_int=str, parse_constant=str)
    except ValueError:
        raise ValueError("the body is not JSON") from None


def _write(value: object) -> str:
    return _storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _storable(text: str) -> str:
    r"""Write half a surrogate pair, which UTF-8 cannot hold, as the escape it was sent as (``\ud83d``)."""
    return text.encode(errors="backslashreplace").decode()


def _parse_quickly(body: bytes) -> object:
    try:
        return orjson.loads(body)  # refuses all that Python's parser refuses, and half a surrogate pair too
    except orjson.JSONDecodeError:
        raise NotQuickError from None


def _write_quickly(value: object) -> str:
    if not _is_without_numbers(value):
        raise NotQuickError
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # it is nested deeper than orjson writes
        raise NotQuickError from None


def _is_without_numbers(value: object) -> bool:
    match value:
        case None | bool() | str():
            return True
        case list():
            return all(map(_is_without_numbers, value))
        case dict():
            return all(map(_is_without_numbers, value.values()))
        case _:
            return False


QUICK = Parser(_parse_quickly, _write_quickly)
EXACT = Parser(_parse_exactly, _write, _storable)
