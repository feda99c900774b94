"""What the accounts' page does to accounts that no bank tells of."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from pydantic import StringConstraints

from farthing import by_hand
from farthing.explore.money import read_amount
from farthing.web.services import NowNeeded, SettingsNeeded

router = APIRouter(prefix="/accounts/by-hand", include_in_schema=False)

type Text = Annotated[str, Form(), StringConstraints(strip_whitespace=True, min_length=1)]
type Day = Annotated[date, Form()]


@router.post("")
async def begin(
    *, settings: SettingsNeeded, now: NowNeeded, name: Text, kind: Text, currency: Text, amount: Text, day: Day
) -> Response:
    """Add an account with what it holds."""
    await run_in_threadpool(
        by_hand.begin,
        settings,
        name=name,
        kind=kind,
        currency=currency.upper(),
        amount=read_amount(amount),
        day=day,
        now=now,
    )
    return _back()


@router.post("/balance")
async def tell_balance(settings: SettingsNeeded, now: NowNeeded, key: Text, amount: Text, day: Day) -> Response:
    """Say what an account holds at a day's end."""
    await run_in_threadpool(by_hand.tell_balance, settings, key=key, amount=read_amount(amount), day=day, now=now)
    return _back()


@router.post("/remove")
async def remove(settings: SettingsNeeded, now: NowNeeded, key: Text) -> Response:
    """Remove an account with all its balances."""
    await run_in_threadpool(by_hand.remove, settings, key=key, now=now)
    return _back()


def _back() -> Response:
    return RedirectResponse("/accounts#by-hand", status_code=303)
