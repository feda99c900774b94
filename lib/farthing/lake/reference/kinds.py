"""The kinds of decision that an owner makes, each with what tells two of a kind apart."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

type Key = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]


class Decision(BaseModel):
    """Base of every kind: shapes are checked when one is made, and values never quoted in errors.

    :cvar table: its folder under ``reference/``, and its name as dbt's source.
    :cvar identity: the fields that name what is decided on: of two with the same, the newer counts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True)

    table: ClassVar[str]
    identity: ClassVar[tuple[str, ...]]

    @property
    def subject(self) -> tuple[str, ...]:
        """What is decided on, as texts."""
        row = self.to_row()
        return tuple(str(row[name]) for name in self.identity)

    def to_row(self) -> dict[str, str | None]:
        """Write the fields as texts, as the table keeps them."""
        return {name: None if value is None else str(value) for name, value in self.model_dump(mode="json").items()}


class TransferDecision(Decision):
    """Whether two transactions are the two sides of one transfer between the owner's accounts."""

    table: ClassVar[str] = "transfer_decisions"
    identity: ClassVar[tuple[str, ...]] = ("outflow_transaction_key", "inflow_transaction_key")

    outflow_transaction_key: Key
    inflow_transaction_key: Key
    decision: Literal["rejected", "confirmed"]

    @model_validator(mode="after")
    def _has_two_sides(self) -> "TransferDecision":
        if self.outflow_transaction_key == self.inflow_transaction_key:
            raise ValueError("a transfer has two sides: name two transactions")
        return self


class RecurringMark(Decision):
    """What the owner wants to do about a recurring payment."""

    table: ClassVar[str] = "recurring_marks"
    identity: ClassVar[tuple[str, ...]] = ("series_key",)

    series_key: Key = Field(description="fct_recurring names it.")
    mark: Literal["keep", "cancel"]


KINDS: tuple[type[Decision], ...] = (TransferDecision, RecurringMark)
