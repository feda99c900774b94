"""Pages of a list, newest first, with the addresses of their neighbours."""

from collections.abc import Sequence

from fastapi import Request

from farthing.sandbox.documents import Document
from farthing.sandbox.refusals import field_refusal, unknown_fields

_LEAST = {"limit": 1, "offset": 0}


def page(request: Request, documents: Sequence[Document]) -> Document:
    """Cut a list as a query's ``limit`` and ``offset`` ask.

    :raises Refusal: if the query has other fields, or no such numbers.
    """
    if unknown := [name for name in request.query_params if name not in _LEAST]:
        raise unknown_fields(unknown, "query")
    limit, offset = _number(request, "limit", 100), _number(request, "offset", 0)

    def address(start: int) -> str:
        return str(request.url.include_query_params(limit=limit, offset=start))

    return {
        "count": len(documents),
        "next": address(offset + limit) if offset + limit < len(documents) else None,
        "previous": address(max(0, offset - limit)) if offset > 0 else None,
        "results": documents[::-1][offset : offset + limit],
    }


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()):
        raise field_refusal(**{name: ["A valid integer is required."]})
    if int(text) < _LEAST[name]:
        raise field_refusal(**{name: [f"Ensure this value is greater than or equal to {_LEAST[name]}."]})
    return int(text)
