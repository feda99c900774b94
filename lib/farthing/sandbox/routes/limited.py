"""What every path of the API begins with: counting the call by its group, and what goes wrong on its way."""

from collections.abc import Awaitable, Callable
from math import ceil
from uuid import UUID

from fastapi import Request

from farthing.sandbox import limits
from farthing.sandbox.bank import Bank
from farthing.sandbox.faults import INSTEAD, LIMITED, ON_THE_WAY


def counted(bank: Bank, group: str, call: str | None = None) -> Callable[[Request], Awaitable[None]]:
    """Make a dependency that counts a call, and keeps headers and faults for its answer, whatever that will be.

    :param call: one of :data:`farthing.sandbox.faults.CALLS`; the group's first word if left out.
    """
    name = call or group.partition(" ")[0]

    async def count(request: Request) -> None:
        account = _account(request)
        institutions = bank.accounts.institution_ids(account) if account else ()
        request.state.faults = bank.faults.take(ON_THE_WAY, name, institutions=institutions, account=account)
        request.state.headers = bank.limits.take(group, now=bank.now())
        for fault in request.state.faults:
            if fault.name == LIMITED:
                raise limits.spent(group, seconds=ceil(fault.seconds))
            if fault.name in INSTEAD:
                raise INSTEAD[fault.name]()

    return count


def _account(request: Request) -> UUID | None:
    try:
        return UUID(request.path_params["account_id"])
    except (KeyError, ValueError):
        return None
