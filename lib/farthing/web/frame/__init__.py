"""What stands around the answer of every notebook: navigation, filters, breadcrumb, rows, words where data lacks.

Here alone marimo's elements are put together; what they show comes from :mod:`farthing.explore`.
"""

from farthing.web.frame.asking import ask, ask_in_base, books_or_stop, need, note, tell
from farthing.web.frame.drill import (
    SetPath,
    brushed,
    clickable,
    crumbs,
    depth_of,
    hidden_at_will,
    in_a_row,
    pick_into,
    without,
)
from farthing.web.frame.filters import (
    account_labels,
    chosen_view,
    currencies_of,
    filters,
    period_or_stop,
    scope_of,
    side_by_side,
)
from farthing.web.frame.page import (
    asked_choice,
    begin,
    head,
    header,
    remember,
    remember_choices,
    standing,
    view_of_address,
    write_address,
)
from farthing.web.frame.showing import beneath, by_rate, charted, figures, money_table, rows_block, the_sql, writer

__all__ = [
    "SetPath",
    "account_labels",
    "ask",
    "ask_in_base",
    "asked_choice",
    "begin",
    "beneath",
    "books_or_stop",
    "brushed",
    "by_rate",
    "charted",
    "chosen_view",
    "clickable",
    "crumbs",
    "currencies_of",
    "depth_of",
    "figures",
    "filters",
    "head",
    "header",
    "hidden_at_will",
    "in_a_row",
    "money_table",
    "need",
    "note",
    "period_or_stop",
    "pick_into",
    "remember",
    "remember_choices",
    "rows_block",
    "scope_of",
    "side_by_side",
    "standing",
    "tell",
    "the_sql",
    "view_of_address",
    "without",
    "write_address",
    "writer",
]
