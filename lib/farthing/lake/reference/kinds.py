"""The kinds of decision that an owner makes, each with what tells two of a kind apart."""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from farthing.lake.reference.categories import known_category, known_group
from farthing.lake.reference.texts import one_line, pattern_text

RULE_PRIORITIES = 99  # the shipped rules begin at 100, so that any of the owner's comes before all of them


def _not_a_float(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError("money is exact: write it as text or as a Decimal")
    return value


def _plain(value: Decimal) -> Decimal:
    return Decimal(format(value, "f"))


def _in_our_days(value: date) -> date:
    if not 1900 <= value.year < 2200:
        raise ValueError("the year is out of bounds: write it in full, from 1900 to 2199")
    return value


def _first_of_month(value: Any) -> Any:
    return f"{value}-01" if isinstance(value, str) and len(value) == len("2026-03") else value


def _fits(pattern: str, said: str) -> AfterValidator:
    """Say in words what a text should be: what pydantic says of a pattern is the pattern."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(said)
        return value

    return AfterValidator(check)


type Key = Annotated[str, _fits(r"[!-~]{1,200}", "it should be a key as the marts have it, without blanks")]
type KeptByHand = Annotated[str, _fits(r"[a-z0-9-]{1,31}", "it should be small letters, digits and dashes, 31 at most")]
type Currency = Annotated[str, _fits(r"[A-Z]{3}", "it should be three capital letters, such as EUR")]
type Money = Annotated[
    Decimal, BeforeValidator(_not_a_float), Field(max_digits=19, decimal_places=4), AfterValidator(_plain)
]
type Line = Annotated[str, StringConstraints(min_length=1, max_length=80), AfterValidator(one_line)]
type Category = Annotated[str, AfterValidator(known_category)]
type Day = Annotated[date, AfterValidator(_in_our_days)]
type Month = Annotated[date, BeforeValidator(_first_of_month), AfterValidator(_in_our_days)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True)


class Decision(_Model):
    """Base of every kind: what does not fit is refused when one is made, and values are never quoted in errors.

    :cvar table: its folder under ``reference/``, and its name as dbt's source.
    :cvar identity: the fields that name what is decided on: of two with the same, the newer counts.
    """

    table: ClassVar[str]
    identity: ClassVar[tuple[str, ...]]

    @property
    def subject(self) -> tuple[str, ...]:
        """What is decided on, as texts."""
        row = self.to_row()
        return tuple(str(row[name]) for name in self.identity)

    def to_row(self) -> dict[str, str | None]:
        """Write the fields as texts, as the table keeps them."""
        return {
            name: json.dumps(value) if isinstance(value, list) else None if value is None else str(value)
            for name, value in self.model_dump(mode="json").items()
        }


class CategoryOverride(Decision):
    """The category of one transaction."""

    table: ClassVar[str] = "category_overrides"
    identity: ClassVar[tuple[str, ...]] = ("transaction_key",)

    transaction_key: Key
    category: Category


class Rule(Decision):
    """The category of all transactions that a pattern fits; patterns are those of the shipped rules (``_seeds.yml``).

    :ivar priority: 1 to 99; of the owner's rules that fit, the lowest wins, and any of them before a shipped one.
    """

    table: ClassVar[str] = "rules"
    identity: ClassVar[tuple[str, ...]] = ("field", "pattern", "direction")

    field: Literal["word", "mcc", "bank_code", "purpose_code"] = "word"
    pattern: Line
    direction: Literal["in", "out", "any"] = "any"
    category: Category
    priority: Annotated[int, Field(ge=1, le=RULE_PRIORITIES)] = 50

    @model_validator(mode="after")
    def _fits_something(self) -> Self:
        if self.field == "word":
            pattern_text(self.pattern)
        return self


class Tag(Decision):
    """A word that the owner ties to a transaction; it can have many."""

    table: ClassVar[str] = "tags"
    identity: ClassVar[tuple[str, ...]] = ("transaction_key", "tag")

    transaction_key: Key
    tag: Annotated[Line, Field(max_length=40)]


class Note(Decision):
    """What the owner wants to remember of a transaction."""

    table: ClassVar[str] = "notes"
    identity: ClassVar[tuple[str, ...]] = ("transaction_key",)

    transaction_key: Key
    note: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class Part(_Model):
    """A part of a transaction that is split; its sign is that of the money, as in the transaction."""

    amount: Money
    category: Category
    note: Line | None = None


class Split(Decision):
    """A transaction in parts of other categories.

    :ivar amount: the whole, as the transaction has it.
    """

    table: ClassVar[str] = "splits"
    identity: ClassVar[tuple[str, ...]] = ("transaction_key",)

    transaction_key: Key
    amount: Money
    parts: Annotated[tuple[Part, ...], Field(min_length=2, max_length=100)]

    @field_validator("parts", mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        try:
            return json.loads(value) if isinstance(value, str) else value
        except ValueError:
            raise ValueError("it should be a list of parts, as JSON") from None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if sum(part.amount for part in self.parts) != self.amount:
            raise ValueError("the parts do not add up to the whole: mend their amounts")
        if any(part.amount == 0 for part in self.parts):
            raise ValueError("a part is of nothing: leave it out")
        return self


class Budget(Decision):
    """What may be spent a month on a category or a group of them.

    :ivar month: the first month it holds for; it holds until a later month has another, and an amount of 0 ends it.
    """

    table: ClassVar[str] = "budgets"
    identity: ClassVar[tuple[str, ...]] = ("scope", "name", "currency", "month")

    scope: Literal["category", "group"]
    name: Line
    currency: Currency
    month: Month
    amount: Annotated[Money, Field(ge=0)]

    @field_validator("month")
    @classmethod
    def _is_the_first(cls, value: date) -> date:
        return value.replace(day=1)

    @field_validator("name")
    @classmethod
    def _is_known(cls, value: str, others: ValidationInfo) -> str:
        match others.data.get("scope"):
            case "category":
                return known_category(value)
            case "group":
                return known_group(value)
        return value  # of what it should be the name is a mistake of its own


class Goal(Decision):
    """A balance that an account is to reach by a day."""

    table: ClassVar[str] = "goals"
    identity: ClassVar[tuple[str, ...]] = ("goal",)

    goal: Line
    account_key: Key
    amount: Money
    currency: Currency
    target_date: Day


class ManualAccount(Decision):
    """An account that no bank tells of: cash, a house, a loan between friends.

    :ivar account_key: any text that no other account has, such as ``cash``; it is kept as it is.
    """

    table: ClassVar[str] = "manual_accounts"
    identity: ClassVar[tuple[str, ...]] = ("account_key",)

    account_key: KeptByHand
    account_name: Line
    kind: Literal["cash", "property", "investment", "loan", "other"]
    currency: Currency


class ManualBalance(Decision):
    """What an account kept by hand held at a day's end: below zero for what is owed."""

    table: ClassVar[str] = "manual_balances"
    identity: ClassVar[tuple[str, ...]] = ("account_key", "balance_date")

    account_key: KeptByHand
    balance_date: Day
    amount: Money


class TransferDecision(Decision):
    """Whether two transactions are the two sides of one transfer between the owner's accounts."""

    table: ClassVar[str] = "transfer_decisions"
    identity: ClassVar[tuple[str, ...]] = ("outflow_transaction_key", "inflow_transaction_key")

    outflow_transaction_key: Key
    inflow_transaction_key: Key
    decision: Literal["rejected", "confirmed"]

    @model_validator(mode="after")
    def _has_two_sides(self) -> Self:
        if self.outflow_transaction_key == self.inflow_transaction_key:
            raise ValueError("a transfer has two sides: name two transactions")
        return self


class RefundDecision(Decision):
    """Whether a transaction gave back money that another one paid."""

    table: ClassVar[str] = "refund_decisions"
    identity: ClassVar[tuple[str, ...]] = ("purchase_transaction_key", "refund_transaction_key")

    purchase_transaction_key: Key
    refund_transaction_key: Key
    decision: Literal["rejected", "confirmed"]

    @model_validator(mode="after")
    def _has_two_sides(self) -> Self:
        if self.purchase_transaction_key == self.refund_transaction_key:
            raise ValueError("nothing is its own refund: name two transactions")
        return self


class RecurringMark(Decision):
    """What the owner wants to do about a recurring payment, which ``fct_recurring`` names."""

    table: ClassVar[str] = "recurring_marks"
    identity: ClassVar[tuple[str, ...]] = ("series_key",)

    series_key: Key
    mark: Literal["keep", "cancel"]


KINDS: tuple[type[Decision], ...] = (
    CategoryOverride,
    Rule,
    Tag,
    Note,
    Split,
    Budget,
    Goal,
    ManualAccount,
    ManualBalance,
    TransferDecision,
    RefundDecision,
    RecurringMark,
)
