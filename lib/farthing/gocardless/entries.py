"""What a bank says of an account: details, balances, transactions.

The envelopes are strict, so that an answer of another kind is noticed. Their entries are lenient: where a bank sends
something else than the documentation says, the value stays as it was sent, and no entry is ever refused.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from farthing.gocardless.models import ApiModel


def _iso_date(value: object) -> object:
    # Pydantic by itself takes digits for seconds since 1970: a bank's 20260305 would become a day of 1970.
    return date.fromisoformat(_text(value))


def _iso_moment(value: object) -> object:
    return datetime.fromisoformat(_text(value))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not text")
    return value


def _listed(value: object) -> object:
    return [value] if isinstance(value, Mapping) else value


T = TypeVar("T")
Lenient = Annotated[T | Any, Field(union_mode="left_to_right")]  # pydantic makes Any alone of a `type` statement here
Text = Lenient[str | None]
Texts = Lenient[tuple[str, ...] | None]
Day = Lenient[Annotated[date, BeforeValidator(_iso_date)] | None]
Moment = Lenient[Annotated[datetime, BeforeValidator(_iso_moment)] | None]


class Entry(ApiModel):
    """Base of what banks send: camelCase in, every field optional, nothing of it in ``repr``."""

    model_config = ConfigDict(alias_generator=to_camel)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """Show nothing: names, amounts and numbers of accounts are private."""
        return ()


class Amount(Entry):
    """Money: the sign is inside the amount."""

    amount: Lenient[Decimal | None] = None
    currency: Text = None


class Exchange(Entry):
    """How a foreign amount was exchanged."""

    source_currency: Text = None
    exchange_rate: Lenient[Decimal | None] = None
    unit_currency: Text = None
    target_currency: Text = None
    quotation_date: Day = None
    contract_identification: Text = None
    instructed_amount: Lenient[Amount | None] = None


class PartyAccount(Entry):
    """The other side's account."""

    iban: Text = None
    bban: Text = None
    pan: Text = None
    masked_pan: Text = None
    msisdn: Text = None
    currency: Text = None


class Balance(Entry):
    """One balance of an account; several of a type and several currencies may come."""

    balance_amount: Lenient[Amount | None] = None
    balance_type: Text = None
    credit_limit_included: Lenient[bool | None] = None
    last_change_date_time: Moment = None
    reference_date: Day = None
    last_committed_transaction: Text = None


class Transaction(Entry):
    """One transaction; of all its fields only the amount is sure to come."""

    transaction_id: Text = None
    internal_transaction_id: Text = None
    entry_reference: Text = None
    end_to_end_id: Text = None
    mandate_id: Text = None
    check_id: Text = None
    creditor_id: Text = None
    booking_date: Day = None
    booking_date_time: Moment = None
    value_date: Day = None
    value_date_time: Moment = None
    transaction_amount: Lenient[Amount | None] = None
    currency_exchange: Lenient[Annotated[tuple[Exchange, ...], BeforeValidator(_listed)] | None] = None
    creditor_name: Text = None
    creditor_account: Lenient[PartyAccount | None] = None
    creditor_agent: Text = None
    debtor_name: Text = None
    debtor_account: Lenient[PartyAccount | None] = None
    debtor_agent: Text = None
    ultimate_creditor: Text = None
    ultimate_debtor: Text = None
    remittance_information_unstructured: Text = None
    remittance_information_unstructured_array: Texts = None
    remittance_information_structured: Text = None
    remittance_information_structured_array: Texts = None
    additional_information: Text = None
    additional_information_structured: Text = None
    additional_data_structured: Lenient[Mapping[str, Any] | None] = None
    purpose_code: Text = None
    bank_transaction_code: Text = None
    proprietary_bank_transaction_code: Text = None
    merchant_category_code: Text = None
    balance_after_transaction: Lenient[Balance | None] = None


class Address(Entry):
    """An owner's address in parts."""

    street_name: Text = None
    building_number: Text = None
    town_name: Text = None
    post_code: Text = None
    country: Text = None


class Details(Entry):
    """What the bank tells of an account itself."""

    resource_id: Text = None
    iban: Text = None
    bban: Text = None
    scan: Text = None
    msisdn: Text = None
    currency: Text = None
    owner_name: Text = None
    name: Text = None
    display_name: Text = None
    product: Text = None
    cash_account_type: Text = None
    status: Text = None
    bic: Text = None
    linked_accounts: Text = None
    masked_pan: Text = None
    usage: Text = None
    details: Text = None
    owner_address_unstructured: Texts = None
    owner_address_structured: Lenient[Address | None] = None
    additional_account_data: Lenient[Mapping[str, Any] | None] = None


class AccountDetails(ApiModel):
    """The answer of ``details``."""

    account: Details = Field(repr=False)


class AccountBalances(ApiModel):
    """The answer of ``balances``, in no promised order."""

    balances: tuple[Lenient[Balance], ...] = Field(repr=False)


class TransactionLists(ApiModel):
    """The booked entries, and the pending ones of this moment, which may change or go."""

    booked: tuple[Lenient[Transaction], ...] = Field(repr=False)
    pending: tuple[Lenient[Transaction], ...] = Field(default=(), repr=False)


class AccountTransactions(ApiModel):
    """The answer of ``transactions``, whole: there are no pages."""

    transactions: TransactionLists
    last_updated: Moment = Field(default=None, repr=False)
