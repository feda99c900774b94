"""What the owner decides, kept under ``reference/``: append-only, so that it needs no lock and no conditional put.

Every kind of decision is a class of :mod:`~farthing.lake.reference.kinds` with a table of its own; an object holds what
was decided at one moment, and on each subject the newest decision counts.
"""

from farthing.lake.reference.changes import Change, saved_changes
from farthing.lake.reference.decisions import checked, current, decide, decide_together, replace, undo, withdraw
from farthing.lake.reference.faults import BadDecisionError, Fault
from farthing.lake.reference.kinds import (
    KINDS,
    Budget,
    CategoryOverride,
    Decision,
    Goal,
    ManualAccount,
    ManualBalance,
    Note,
    Part,
    RecurringMark,
    RefundDecision,
    Rule,
    Split,
    Tag,
    TransferDecision,
)
from farthing.lake.reference.names import NAME_LENGTH, BadAccountNameError, name_account, read_names

__all__ = [
    "KINDS",
    "NAME_LENGTH",
    "BadAccountNameError",
    "BadDecisionError",
    "Budget",
    "CategoryOverride",
    "Change",
    "Decision",
    "Fault",
    "Goal",
    "ManualAccount",
    "ManualBalance",
    "Note",
    "Part",
    "RecurringMark",
    "RefundDecision",
    "Rule",
    "Split",
    "Tag",
    "TransferDecision",
    "checked",
    "current",
    "decide",
    "decide_together",
    "name_account",
    "read_names",
    "replace",
    "saved_changes",
    "undo",
    "withdraw",
]
