# marimo writes the frames of cells itself, without types and with a last return:
# mypy: allow-untyped-defs
import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Cash flow · Farthing", css_file="../lib/farthing/web/static/notebook.css")

with app.setup:
    from datetime import UTC, datetime
    from decimal import Decimal

    import marimo as mo
    import polars as pl

    from farthing import charts
    from farthing.explore.queries import Condition, Query
    from farthing.explore.rows import find_rows
    from farthing.explore.scope import Scope
    from farthing.explore.svg import Flow, sankey
    from farthing.explore.views import Step
    from farthing.web import frame

    NO_TRANSFER = "category_kind <> 'transfer'"
    HERE = "/notebooks/cash_flow/"
    FLOWS = 9  # drawn at a side; the smaller ones are one
    REGULAR_MONTHS = 3  # in which income of the same payer came, to be regular


@app.cell(hide_code=True)
def _():
    frame.header(
        "cash_flow",
        "Cash flow",
        "What comes and what goes? Transfers between your own accounts are neither. Click a flow to see its payments.",
    )
    return


@app.cell
def _():
    today = datetime.now(UTC).date()
    return (today,)


@app.cell
def _():
    books, _asked = frame.begin()
    get_path, set_path = mo.state(_asked.path)
    filters, get_filters = frame.filters(books, _asked)
    frame.head(books, filters)
    return books, filters, get_filters, get_path, set_path


@app.cell
def _(books, get_filters, get_path, today):
    scope = frame.scope_of(books, get_filters(), path=get_path(), today=today)
    whole = scope.from_outside().where(NO_TRANSFER)
    return scope, whole


@app.cell
def _(books, scope, whole):
    parts = frame.ask(books, by_category(whole))
    mo.stop(parts.is_empty(), frame.note(f"Nothing came or went {scope.period.when}. Choose another period above."))
    _came, _went = flows_of(parts, "income"), flows_of(parts, "spending")
    _income, _spent = sum(_came.values(), Decimal()), sum(_went.values(), Decimal())
    _regular = frame.ask(books, income_by_payer(whole))
    _outside = scope.from_outside()
    _income_in_base = frame.ask_in_base(books, scope, _outside.where("category_kind = 'income'"))
    _spent_in_base = frame.ask_in_base(books, scope, _outside.where("category_kind = 'spending'"), as_spent=True)
    _kept_in_base = frame.ask_in_base(books, scope, whole)
    _steady = sum(_regular.filter(pl.col("months") >= REGULAR_MONTHS)["amount"].to_list(), Decimal())
    frame.figures(
        (
            f"Came in · {scope.period.label}",
            scope.money(_income),
            scope.beside(_income_in_base, f"{scope.money(_steady)} regular, {scope.money(_income - _steady)} one-off"),
        ),
        ("Went out", scope.money(_spent), scope.beside(_spent_in_base, f"{len(_went)} kinds of spending")),
        (
            "Kept",
            scope.change(_income - _spent),
            scope.beside(_kept_in_base, savings_rate(_income, _spent)),
        ),
    )
    return (parts,)


@app.cell
def _(parts, scope, whole):
    frame.charted(
        mo.Html(draw(parts, scope)),
        parts,
        by_category(whole),
        scope=scope,
        name="cash-flow-by-category",
        columns={"category_kind": "kind", "category": "category", "amount": "amount"},
    )
    return


@app.cell
def _(books, scope, set_path, whole):
    _months = frame.ask(books, by_month(whole))
    chart = frame.clickable(
        charts.stacked_bars(
            _months,
            named=["Came in", "Went out"],
            currency=scope.currency,
            what="Flow",
            title="Amount",
            locale=scope.locale,
        ),
        frame.pick_into(scope.view, set_path, when="month"),
    )
    _shown = frame.charted(
        chart,
        _months,
        by_month(whole),
        scope=scope,
        name="cash-flow-by-month",
        columns={"bucket": "month", "part": "flow", "amount": "amount"},
    )
    mo.vstack([mo.md("## Month by month"), _shown])
    return


@app.cell
def _(books, scope, set_path):
    _rows = frame.tell(lambda: find_rows(books.connection, scope.where(NO_TRANSFER), as_spent=False))
    trail = frame.crumbs(scope.view, set_path, everything="All that came and went")
    mo.vstack([frame.hidden_at_will(frame.in_a_row(trail)), frame.rows_block(_rows, books, scope, name="cash-flow")])
    return


@app.function
def by_category(where: Condition) -> Query:
    """Add up each category of income and spending; income positive, spending negative."""
    return where.query(
        "select category_kind, category, sum(amount) as amount\n"
        "from {totals}\nwhere\n    {where}\ngroup by all\norder by abs(sum(amount)) desc, category"
    )


@app.function
def by_month(where: Condition) -> Query:
    """Add up what came, upwards, and what went, downwards, by month."""
    return where.query(
        "select booking_month as bucket, if(category_kind = 'income', 'Came in', 'Went out') as part,"
        " sum(amount) as amount\nfrom {totals}\nwhere\n    {where}\ngroup by all\norder by all"
    )


@app.function
def income_by_payer(where: Condition) -> Query:
    """Add up the income of each payer, and count the months in which it came."""
    return where.query(
        "select merchant, sum(amount) as amount, count(distinct booking_month) as months\n"
        "from {totals}\nwhere\n    {where}\n    and category_kind = 'income'\n"
        "group by all\norder by amount desc"
    )


@app.function
def flows_of(parts: pl.DataFrame, kind: str) -> dict[str, Decimal]:
    """Give the categories of a kind, with amounts above zero where they go the usual way."""
    rows = parts.filter(pl.col("category_kind") == kind).iter_rows(named=True)
    return {row["category"]: row["amount"] if kind == "income" else -row["amount"] for row in rows}


@app.function
def savings_rate(income: Decimal, spent: Decimal) -> str:
    """Write the share of the income that was kept."""
    return "no income to keep of" if income <= 0 else f"{(income - spent) / income * 100:.0f} % of what came in"


@app.function
def draw(parts: pl.DataFrame, scope: Scope) -> str:
    """Draw what comes, through one middle, to what goes; what is kept goes to savings, what lacks comes out of them.

    A category of spending of which more was given back than spent comes, and income that was taken back goes.
    """
    came = dict(parts.filter(pl.col("amount") > 0).select("category", "amount").iter_rows())
    went = dict(parts.filter(pl.col("amount") < 0).select("category", -pl.col("amount")).iter_rows())
    kept = parts["amount"].sum()
    if kept > 0:
        went = {"Kept": kept, **went}
    elif kept < 0:
        came = {**came, "From savings": -kept}

    def flow(name: str, amount: Decimal, *, is_one: bool) -> Flow:
        whole = scope.view.up_to(0)
        target = whole.into(Step(dimension="category", value=name)) if is_one else whole
        return Flow(name=name, size=float(amount), text=scope.money(amount), url=target.address(HERE))

    def side(amounts: dict[str, Decimal]) -> list[Flow]:
        ranked = sorted(amounts.items(), key=lambda pair: -pair[1])
        rest = sum((each for _, each in ranked[FLOWS:]), Decimal())
        drawn = [flow(name, each, is_one=name not in ("Kept", "From savings")) for name, each in ranked[:FLOWS]]
        return [*drawn, *([flow(f"{len(ranked) - FLOWS} others", rest, is_one=False)] if rest else [])]

    return sankey(side(came), side(went), middle="What came in")


if __name__ == "__main__":
    app.run()
