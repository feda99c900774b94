"""Where money goes: sums of what was spent by time, category, merchant or account."""

from farthing.explore.queries import Condition, Query


def totals(where: Condition) -> Query:
    """Add up what was spent."""
    return where.query("select coalesce(-sum(amount), 0) as spent from {totals} where\n    {where}")


def by_bucket(where: Condition, unit: str, dimension: str) -> Query:
    """Add up what was spent by ``bucket`` (the first day of a year or month, or a day) and a dimension."""
    return where.query(
        f"select date_trunc($unit, booking_date)::date as bucket, {_column_of(dimension)} as part,"
        " -sum(amount) as amount\n"
        "from {totals}\nwhere\n    {where}\ngroup by all\norder by all",
        unit=unit,
    )


def by_day(where: Condition) -> Query:
    """Add up what was spent by day."""
    return where.query(
        "select booking_date as bucket, -sum(amount) as amount\nfrom {totals}\nwhere\n    {where}\n"
        "group by all\norder by all"
    )


def ranked(where: Condition, dimension: str) -> Query:
    """Add up what was spent by a dimension, the most first."""
    return where.query(
        f"select {_column_of(dimension)} as part, -sum(amount) as amount, sum(transactions)::bigint as entries\n"
        "from {totals}\nwhere\n    {where}\ngroup by all\norder by amount desc, part"
    )


def _column_of(dimension: str) -> str:
    """Name the column that tells the values of a dimension apart."""
    return "account_key" if dimension == "account" else dimension
