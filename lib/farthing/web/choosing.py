"""How a person finds what to put right: filters of the page's own, and tables to choose from."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import marimo as mo
import polars as pl

from farthing.explore.review import payments
from farthing.explore.scope import Scope
from farthing.explore.views import View
from farthing.web import frame

WITHOUT, EVERYTHING = "Without a category", "Everything"

# Of each table the columns that are shown, and the key of what is chosen, which is not.
MERCHANTS = {
    "merchant": "Merchant",
    "amount": "Amount",
    "payments": "Payments",
    "newest": "Newest",
    "merchant_key": "Key",
}
TRANSFERS = {
    "outflow_date": "Left",
    "inflow_date": "Came",
    "between": "Between",
    "outflow_amount": "Amount",
    "score": "Sure",
    "reason": "Because",
    "transfer_key": "Key",
}
LEGS = {
    "booking_date": "Booked",
    "merchant": "Who",
    "account_name": "Account",
    "amount": "Amount",
    "reason": "Why it is alone",
    "transaction_key": "Key",
}
SIDES = {
    "booking_date": "Booked",
    "merchant": "Who",
    "account_name": "Account",
    "amount": "Amount",
    "transaction_key": "Key",
}
REFUNDS = {
    "purchase_date": "Paid on",
    "refund_date": "Back on",
    "merchant": "Merchant",
    "purchase_amount": "Paid",
    "refund_amount": "Came back",
    "score": "Sure",
    "reason": "Because",
    "refund_key": "Key",
}
_AMOUNTS = {"amount", "outflow_amount", "purchase_amount", "refund_amount"}


def choice(
    found: pl.DataFrame,
    headings: Mapping[str, str],
    *,
    scope: Scope,
    page_size: int = 6,
    selection: str = "multi",
) -> mo.ui.table:
    """Lay rows out to choose from; the value has their keys as ``Key``."""
    return frame.money_table(
        found,
        headings,
        scope=scope,
        money=[name for name in headings if name in _AMOUNTS],
        right=["score"],
        page_size=page_size,
        selection=selection,
        hidden_columns=["Key"],
        wrapped_columns=[each for each in ("Description", "Because", "Why") if each in headings.values()],
    )


def headings_of(found: pl.DataFrame) -> dict[str, str]:
    """Choose the columns of payments: of those that few have, only what somebody has here."""
    headings = {
        "booking_date": "Booked",
        "merchant": "Merchant",
        "amount": "Amount",
        "description": "Description",
        "category": "Category",
        "will_be": "Will be",
        "category_reason": "Why",
        "tags": "Tags",
        "note": "Note",
        "split": "Split",
        "transaction_key": "Key",
    }
    is_seldom = ("will_be", "tags", "note", "split")
    return {name: words for name, words in headings.items() if name not in is_seldom or any(found[name])}


def more_filters(asked: View) -> dict[str, Callable[..., Any]]:
    """Give what makes the filters that only this page has, as its address asks for them."""
    params = mo.query_params()
    is_all = bool(asked.categories) or params.get("show") == "all"
    return {
        "show": partial(
            mo.ui.dropdown,
            [WITHOUT, EVERYTHING],
            value=EVERYTHING if is_all else WITHOUT,
            label="Show",
            allow_select_none=False,
        ),
        "order": partial(
            mo.ui.dropdown,
            list(payments.ORDERS),
            value=next(iter(payments.ORDERS)),
            label="Merchants",
            allow_select_none=False,
        ),
        "search": partial(
            mo.ui.text, value=str(params.get("search") or ""), label="Search", placeholder="merchant, note, tag …"
        ),
    }


def remember_more(values: Mapping[str, Any]) -> bool:
    """Write the page's own filters into its address, and say whether only payments without a category are wanted."""
    wanted = {"show": "all" if values["show"] == EVERYTHING else "", "search": values["search"].strip()}
    frame.write_address({name: value for name, value in wanted.items() if value}, wanted)
    return bool(values["show"] == WITHOUT)


def nothing_to_do(scope: Scope, *, is_queue: bool, search: str) -> mo.Html:
    """Say that there is no payment here, and what to do."""
    what = f"in {scope.currency} {scope.period.when}"
    if search.strip():
        more = f", or choose {EVERYTHING} above" if is_queue else ""
        return frame.note(f"No payment here has these words: change the search{more}.")
    if is_queue:
        return frame.note(
            f"Every payment {what} has a category, or will have one. Choose {EVERYTHING} above to look at them all.",
            kind="good",
        )
    return frame.note(f"There is no payment {what} here: choose another period or other filters above.")
