from datetime import date
from decimal import Decimal

import pytest
from rich.console import Console

from farthing import summary
from farthing.settings import Settings


def test_what_a_bank_calls_an_account_is_shown_and_not_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    row = ("[/] Joint [bold] \x1b[2J", "EUR", date(2026, 1, 1), date(2026, 2, 1), 2, Decimal("0.00"))
    monkeypatch.setattr(summary, "ask", lambda *_: [row])
    console = Console(width=120)
    with console.capture() as captured:
        console.print(summary.reconciliation(Settings()))

    assert "[/] Joint [bold] \N{REPLACEMENT CHARACTER}[2J" in captured.get()
    assert "\x1b[2J" not in captured.get()
