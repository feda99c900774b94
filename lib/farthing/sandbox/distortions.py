"""Answers that are spoilt on their way: what a fault makes of one, whatever call it answers."""

import asyncio
from collections.abc import Mapping, Sequence

from fastapi import Response

from farthing.sandbox.refusals import Refusal
from farthing.sandbox.state import Fault

_LIMITS = "http_x_ratelimit"
_USUAL = ("summary", "detail", "type", "status_code")


async def spoilt(response: Response, faults: Sequence[Fault]) -> Response:
    """Return an answer as the faults want it: late, without or with other headers, or cut."""
    names = {each.name: each for each in faults}
    if "Slow" in names:
        await asyncio.sleep(names["Slow"].seconds)
    for name, value in [each for each in response.headers.items() if each[0].startswith(_LIMITS)]:
        new_name = name.removeprefix("http_").replace("_", "-") if "OtherHeaders" in names else name
        del response.headers[name]
        if "NoHeaders" not in names:
            is_negative = "NegativeReset" in names and name.endswith("_reset")
            response.headers[new_name] = f"-{value}" if is_negative else value
    return await _cut(response) if "CutJson" in names else response


async def _cut(response: Response) -> Response:
    whole = b"".join([chunk async for chunk in response.body_iterator])  # type: ignore[attr-defined]  # middleware streams
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(whole[: len(whole) // 2], status_code=response.status_code, headers=headers)


def reworded(refused: Refusal, faults: Sequence[Fault]) -> Refusal:
    """Return a refusal in the words or the shape that the faults want."""
    body, status = refused.body, refused.status
    if isinstance(body, str):
        return refused
    names = {each.name for each in faults}
    if "OldWording" in names:
        body, status = _as_of_2024(body, status)
    if "PlainFields" in names:
        body = {name: part if name in _USUAL else _plain(part) for name, part in body.items()}
    if "ListedErrors" in names:
        body = {name: [part] if name in ("summary", "detail") else part for name, part in body.items()}
    if "NoStatusCode" in names:
        body = {name: part for name, part in body.items() if name != "status_code"}
    return Refusal(status=status, body=body, headers=refused.headers)


def _as_of_2024(body: Mapping[str, object], status: int) -> tuple[Mapping[str, object], int]:
    summary = str(body.get("summary", ""))
    if status == 401 and summary.endswith("has expired"):
        return {**body, "status_code": 400}, 400
    if summary == "Invalid country choice.":
        return {"country": {"summary": summary, "detail": body["detail"]}, "status_code": 400}, status
    return body, status


def _plain(part: object) -> str:
    """Say what is wrong with a field in one text."""
    match part:
        case {"summary": _, "detail": detail}:
            return str(detail)
        case [first, *_]:
            return _plain(first)
    return str(part)
