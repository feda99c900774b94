"""Counting calls by group: a dependency of every path of the API."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from farthing.sandbox.bank import Bank


def counted(bank: Bank, group: str) -> Callable[[Request], Awaitable[None]]:
    """Make a dependency that counts a call, and keeps the headers for its answer, whatever that will be."""

    async def count(request: Request) -> None:
        request.state.headers = bank.limits.take(group, now=bank.now())

    return count
