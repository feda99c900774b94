"""What accounts hold, and held: the questions that are asked of ``fct_daily_balance``, one currency at a time."""

from datetime import timedelta

from farthing.explore.periods import Period
from farthing.explore.queries import Condition, Query, condition
from farthing.explore.scope import Scope
from farthing.explore.together import EVERYTHING
from farthing.explore.views import View

POINTS = 400  # days drawn at most; longer periods are drawn by week or month


def step_of(period: Period) -> str:
    """Choose at whose ends balances are drawn, so that few enough are."""
    return "day" if period.days <= POINTS else "week" if period.days <= POINTS * 7 else "month"


def held(scope: Scope, period: Period) -> Condition:
    """Keep the balances of the accounts that are chosen; what categories are is nothing to a balance."""
    return condition(View(accounts=scope.view.accounts), period, currency=scope.currency, day="balance_date")


def accounts(scope: Scope) -> Query:
    """List the accounts in the currency with what they hold, those kept by hand as they were last told of."""
    return Query(
        sql="""
        select account_key, account_name, ledger_balance, available_balance, ledger_balance_date, first_booking_date,
            transactions
        from marts.dim_account where currency = $currency
        union all
        select account_key, account_name, arg_max(balance, balance_date), null,
            max(balance_date) filter (where balance_source = 'reported'), min(balance_date), 0
        from marts.fct_daily_balance where is_manual and currency = $currency
        group by account_key, account_name
        order by ledger_balance desc nulls last, account_name
        """,
        parameters={"currency": scope.currency},
    )


def balances(scope: Scope) -> Query:
    """Give what each account held, and all together, at the ends of days, or of weeks or months if it is long."""
    period = scope.period
    return held(scope, period).query(f"""
        with days as (
            select account_name, balance, balance_date from marts.fct_daily_balance
            where {{where}}
        ),
        ends as (
            select max(balance_date) as balance_date from days group by date_trunc('{step_of(period)}', balance_date)
        )
        select balance_date as bucket, account_name as part, sum(balance) as amount
        from days semi join ends using (balance_date) group by all
        union all
        select balance_date, '{EVERYTHING}', sum(balance) from days semi join ends using (balance_date) group by all
        order by bucket, part
        """)  # noqa: S608 - words of our own


def ends(scope: Scope) -> Query:
    """Give what there was each day, from the one before the period: what moved it is what lies between."""
    period = Period(first=scope.period.first - timedelta(days=1), last=scope.period.last)
    return held(scope, period).query("""
        with days as (
            select currency, sum(balance) as amount, balance_date from marts.fct_daily_balance
            where {where}
            group by all
        )
        select balance_date as day, amount, base_net_worth
        from days left join marts.fct_net_worth using (currency, balance_date)
        order by day
        """)
