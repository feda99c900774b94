# marimo writes the frames of cells itself, without types and with a last return:
# mypy: allow-untyped-defs
# ruff: noqa: PLR1711
import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Spending · Farthing")

with app.setup:
    from decimal import Decimal

    import duckdb
    import marimo as mo
    import polars as pl

    from farthing.charts import fold_rest, format_money, largest, merchant_bars, monthly_bars, shown_as
    from farthing.errors import FarthingError
    from farthing.lake.catalogue import open_catalogue
    from farthing.settings import Settings
    from farthing.web.status import freshness_sentence, reconciliation_sentence

    EVERY_ACCOUNT = ""
    MERCHANTS_SHOWN = 15


@app.cell(hide_code=True)
def _():
    mo.md("""
    # Where does the money go?

    Click a bar or a name in the legend to look into it; hold shift for several, double-click to let go.
    Transfers between your own accounts are not spending and are left out; a refund counts against what was spent.
    """)
    return


@app.cell
def _():
    try:
        catalogue = open_catalogue(Settings.load())
        standing = f"{reconciliation_sentence(catalogue)} {freshness_sentence(catalogue)}"
        accounts = account_options(catalogue)
        currencies = currency_options(catalogue)
    except FarthingError as exc:
        mo.stop(True, mo.callout(mo.md(str(exc)), kind="warn"))
    except duckdb.Error:
        mo.stop(
            True,
            mo.callout(mo.md("The lake stopped answering: look at `farthing status`, then reload."), kind="danger"),
        )
    mo.stop(not currencies, mo.callout(mo.md("No spending is published yet: run `farthing sync`, then reload.")))
    mo.md(standing)
    return accounts, catalogue, currencies


@app.cell
def _(accounts, currencies):
    currency = mo.ui.dropdown(currencies, value=currencies[0], label="Currency", allow_select_none=False)
    account = mo.ui.dropdown(accounts, value=next(iter(accounts)), label="Account", allow_select_none=False)
    months = mo.ui.dropdown(
        {"3 months": 3, "6 months": 6, "12 months": 12, "24 months": 24, "All months": 12_000},
        value="12 months",
        label="Show",
        allow_select_none=False,
    )
    mo.hstack([currency, account, months], justify="start", gap=2)
    return account, currency, months


@app.cell
def _(account, catalogue, currency, months):
    spending = monthly_spending(catalogue, currency=currency.value, account_key=account.value, months=months.value)
    mo.stop(spending.is_empty(), mo.callout(mo.md("Nothing was spent here in these months.")))
    named = largest(spending)
    month_chart = mo.ui.altair_chart(
        monthly_bars(fold_rest(spending, named=named), named=named, currency=currency.value), chart_selection="point"
    )
    month_chart
    return month_chart, named, spending


@app.cell
def _(month_chart, named, spending):
    _is_chosen = any(month_chart.selections.values())
    chosen = chosen_parts(spending, month_chart.value if _is_chosen else None, named=named)
    mo.md(f"## {describe(chosen)}")
    return (chosen,)


@app.cell
def _(account, catalogue, chosen, currency):
    transactions = chosen_transactions(catalogue, chosen, currency=currency.value, account_key=account.value)
    mo.stop(transactions.is_empty(), mo.md("Nothing was spent in what is chosen."))
    merchant_chart = mo.ui.altair_chart(
        merchant_bars(merchant_totals(transactions), currency=currency.value), chart_selection="point"
    )
    merchant_chart
    return merchant_chart, transactions


@app.cell
def _(currency, merchant_chart, transactions):
    _merchants = merchant_chart.value["merchant"].to_list() if any(merchant_chart.selections.values()) else []
    _shown = transactions.filter(pl.col("merchant").is_in(_merchants)) if _merchants else transactions
    mo.vstack(
        [mo.md(f"## {total_line(_shown, currency=currency.value)}"), transaction_table(_shown, currency=currency.value)]
    )
    return


@app.function
def account_options(catalogue: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """List the accounts to choose from, label to key, all of them together first."""
    rows = catalogue.execute(
        "select concat_ws(' ', account_name, right(iban_masked, 4)), account_key from marts.dim_account order by all"
    ).fetchall()
    return {"All accounts": EVERY_ACCOUNT, **dict(rows)}


@app.function
def currency_options(catalogue: duckdb.DuckDBPyConnection) -> list[str]:
    """List the currencies that were spent, the most used first."""
    rows = catalogue.execute(
        "select currency from marts.fct_transactions where category_kind = 'spending'"
        " group by currency order by count(*) desc, currency"
    ).fetchall()
    return [currency for (currency,) in rows]


@app.function
def monthly_spending(
    catalogue: duckdb.DuckDBPyConnection, *, currency: str, account_key: str, months: int
) -> pl.DataFrame:
    """Add up what was spent by ``booking_month`` and ``category``, for the newest months that have transactions."""
    return catalogue.execute(
        """
        select booking_month, category, -sum(amount) as spent
        from marts.fct_transactions
        where
            category_kind = 'spending'
            and currency = $currency
            and ($account_key = '' or account_key = $account_key)
            and booking_month > (select max(booking_month) from marts.fct_transactions) - to_months($months)
        group by booking_month, category
        """,
        {"currency": currency, "account_key": account_key, "months": months},
    ).pl()


@app.function
def chosen_parts(spending: pl.DataFrame, marks: pl.DataFrame | None, *, named: list[str]) -> pl.DataFrame:
    """Keep the months and categories that are under the chosen marks; all of them where no mark is chosen."""
    parts = spending.with_columns(shown_as=shown_as(named), month=pl.col("booking_month").dt.strftime("%b %Y"))
    return parts if marks is None else parts.join(marks, on=["month", "shown_as"], how="semi")


@app.function
def describe(chosen: pl.DataFrame) -> str:
    """Say in a few words which months and categories are chosen."""
    categories, months = chosen["shown_as"].unique().to_list(), chosen["month"].unique().to_list()
    what = categories[0] if len(categories) == 1 else f"{len(categories)} kinds of spending"
    return f"{what} in {months[0] if len(months) == 1 else f'{len(months)} months'}"


@app.function
def chosen_transactions(
    catalogue: duckdb.DuckDBPyConnection, chosen: pl.DataFrame, *, currency: str, account_key: str
) -> pl.DataFrame:
    """Fetch the transactions behind the chosen months and categories, newest first, amounts as what was spent."""
    return catalogue.execute(
        """
        select booking_date, coalesce(merchant, 'Unknown') as merchant, description, category, account_name,
            -amount as spent
        from marts.fct_transactions
        semi join (select unnest($months) as booking_month, unnest($categories) as category)
            using (booking_month, category)
        where
            category_kind = 'spending'
            and currency = $currency
            and ($account_key = '' or account_key = $account_key)
        order by booking_date desc, transaction_key
        """,
        {
            "currency": currency,
            "account_key": account_key,
            "months": chosen["booking_month"].to_list(),
            "categories": chosen["category"].to_list(),
        },
    ).pl()


@app.function
def merchant_totals(transactions: pl.DataFrame) -> pl.DataFrame:
    """Add up what each merchant got, the largest first, no more than fit on a page."""
    return (
        transactions.group_by("merchant")
        .agg(pl.col("spent").sum(), transactions=pl.len())
        .sort(["spent", "merchant"], descending=[True, False])
        .head(MERCHANTS_SHOWN)
    )


@app.function
def total_line(transactions: pl.DataFrame, *, currency: str) -> str:
    """Say what the transactions come to."""
    count = "1 transaction" if transactions.height == 1 else f"{transactions.height:,} transactions"
    total = sum(transactions["spent"].to_list(), Decimal())
    return f"{format_money(total, currency)} in {count}"


@app.function
def transaction_table(transactions: pl.DataFrame, *, currency: str) -> mo.ui.table:
    """Lay the transactions out for reading."""
    headings = {
        "booking_date": "Booked",
        "merchant": "Merchant",
        "description": "Description",
        "category": "Category",
        "account_name": "Account",
        "spent": "Spent",
    }
    return mo.ui.table(
        transactions.rename(headings),
        selection=None,
        page_size=15,
        show_column_summaries=False,
        show_data_types=False,
        format_mapping={"Spent": lambda amount: format_money(amount, currency)},
        text_justify_columns={"Spent": "right"},
        wrapped_columns=["Description"],
    )


if __name__ == "__main__":
    app.run()
