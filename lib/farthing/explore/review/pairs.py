"""Pairs of transactions to confirm or to reject: transfers, refunds, and what is left without a pair."""

from collections.abc import Sequence

from farthing.explore.queries import Query
from farthing.explore.scope import Scope

FIT_DAYS = 10  # between two sides that a person may want to pair


def transfers(scope: Scope, *, decided: Sequence[str]) -> Query:
    """List transfers that were found, the least sure first.

    :param decided: keys of transactions on whose pair the owner has decided, which are left out.
    """
    return Query(
        sql="""
        select
            transfer_key, from_account_key as account_key, outflow_transaction_key, inflow_transaction_key,
            outflow_date, inflow_date,
            sources.account_name || ' → ' || targets.account_name as between, from_currency, outflow_amount,
            format('{:.0f} %', score * 100) as score, reason
        from marts.fct_transfers
        left join marts.dim_account as sources on from_account_key = sources.account_key
        left join marts.dim_account as targets on to_account_key = targets.account_key
        where
            from_currency = $currency and outflow_date between $first and $last
            and not list_contains($decided, outflow_transaction_key)
        order by fct_transfers.score, outflow_date desc, transfer_key
        limit 500
        """,
        parameters={**_days(scope), "decided": list(decided)},
    )


def unmatched(scope: Scope, *, decided: Sequence[str]) -> Query:
    """List transactions that say that they are transfers, but whose other side is not there."""
    return Query(
        sql="""
        select
            u.transaction_key, u.booking_date, t.merchant, t.description, t.account_key, t.account_name, u.currency,
            u.amount, u.reason
        from marts.fct_unmatched_transfers as u inner join marts.fct_transactions as t using (transaction_key)
        where
            u.currency = $currency and u.booking_date between $first and $last
            and not list_contains($decided, u.transaction_key)
        order by u.booking_date desc, u.transaction_key
        limit 500
        """,
        parameters={**_days(scope), "decided": list(decided)},
    )


def other_sides(transaction_key: str) -> Query:
    """List what could be the other side of a transaction: on another account, against it, of about its days.

    Those of the very amount come first, then the nearest in time.
    """
    return Query(
        sql="""
        select
            other.transaction_key, other.booking_date, other.merchant, other.description, other.account_key,
            other.account_name,
            other.currency, other.amount, other.amount = -one.amount as is_same_amount,
            if(one.amount < 0, one.transaction_key, other.transaction_key) as leg_outflow_key,
            if(one.amount < 0, other.transaction_key, one.transaction_key) as leg_inflow_key
        from marts.fct_transactions as one
        inner join marts.fct_transactions as other
            on other.account_key <> one.account_key
            and sign(other.amount) = -sign(one.amount)
            and other.booking_date between one.booking_date - $days and one.booking_date + $days
            and (other.currency <> one.currency or other.amount = -one.amount)
        where one.transaction_key = $key and other.transfer_key is null
        order by is_same_amount desc, abs(other.booking_date - one.booking_date), other.transaction_key
        limit 20
        """,
        parameters={"key": transaction_key, "days": FIT_DAYS},
    )


def refunds(scope: Scope, *, decided: Sequence[str]) -> Query:
    """List refunds that were found, the least sure first.

    :param decided: keys of transactions on whose pair the owner has decided, which are left out.
    """
    return Query(
        sql="""
        select
            refund_key, account_key, purchase_transaction_key, refund_transaction_key, merchant, purchase_date,
            refund_date, currency, purchase_amount, refund_amount, format('{:.0f} %', score * 100) as score, reason
        from marts.fct_refunds
        where
            currency = $currency and refund_date between $first and $last
            and not list_contains($decided, refund_transaction_key)
        order by fct_refunds.score, refund_date desc, refund_key
        limit 500
        """,
        parameters={**_days(scope), "decided": list(decided)},
    )


def _days(scope: Scope) -> dict[str, object]:
    return {"currency": scope.currency, "first": scope.period.first, "last": scope.period.last}
