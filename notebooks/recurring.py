# marimo writes the frames of cells itself, without types and with a last return:
# mypy: allow-untyped-defs
import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Recurring · Farthing", css_file="../lib/farthing/web/static/notebook.css")

with app.setup:
    from collections.abc import Callable
    from datetime import UTC, datetime, timedelta
    from decimal import Decimal
    from functools import partial
    from html import escape

    import marimo as mo
    import polars as pl

    from farthing import charts
    from farthing.explore.marks import decide_on, read_marks, take_back, with_marks
    from farthing.explore.recurring import find_due, find_payments, find_series, labelled, price_in_words
    from farthing.explore.rows import find_rows
    from farthing.explore.scope import Scope
    from farthing.explore.views import Step
    from farthing.settings import Settings
    from farthing.web import frame

    KINDS = {"what I pay": "spending", "what I get": "income", "between my accounts": "transfer"}
    KIND_NAMES, YES_NO = tuple(KINDS.values()), ("False", "True")
    DAYS = 60  # that are looked ahead
    DRAWN = 6  # series in the chart where none is chosen: as many as can be told apart


@app.cell(hide_code=True)
def _():
    frame.header(
        "recurring",
        "Recurring",
        "What do I pay for again and again? Choose a series to see its price, its payments, and to keep or cancel it.",
    )
    return


@app.cell
def _():
    today = datetime.now(UTC).date()
    return (today,)


@app.cell
def _():
    books, _asked = frame.begin("fct_recurring", "fct_recurring_events", "dim_merchant")
    get_path, set_path = mo.state(_asked.path)
    # What was decided last, in words, and the key that undoes it; the cell that undoes shows the words as well.
    get_decided, set_decided = mo.state(("", ""), allow_self_loops=True)
    filters, get_filters = frame.filters(
        books,
        _asked,
        more={
            "kind": partial(
                mo.ui.dropdown,
                KINDS,
                value=next(label for label, kind in KINDS.items() if kind == frame.asked_choice("kind", KIND_NAMES)),
                label="Show",
                allow_select_none=False,
            ),
            "with_ended": partial(
                mo.ui.switch, value=frame.asked_choice("with_ended", YES_NO) == "True", label="Ended ones too"
            ),
        },
    )
    frame.head(books, filters)
    return books, filters, get_decided, get_filters, get_path, set_decided, set_path


@app.cell
def _(books, get_filters, get_path, today):
    scope = frame.scope_of(books, get_filters(), path=get_path(), today=today)
    frame.remember_choices(get_filters(), kind=KIND_NAMES, with_ended=YES_NO)
    kind = get_filters()["kind"]
    found = find_series(scope, kind=kind, with_ended=get_filters()["with_ended"])
    return found, kind, scope


@app.cell
def _(books, found, get_decided, scope):
    get_decided()  # a new decision is read anew
    series = labelled(with_marks(frame.ask(books, found), read_marks(Settings.load())))
    mo.stop(
        series.is_empty(),
        frame.note(
            f"Nothing came again and again {scope.period.when}. A series shows once it was seen three times:"
            " choose a longer period or another currency above, or sync more history."
        ),
    )
    return (series,)


@app.cell
def _(books, kind, scope, series, today):
    _running = series.filter(pl.col("status") == "active")
    _due = frame.ask(books, find_due(scope, kind=kind, first=today, last=today + timedelta(days=DAYS)))
    _late = series.filter(pl.col("status") == "missed")
    _cancelled = _running.filter(pl.col("mark") == "cancel")
    _cards = frame.figures(
        scope.to_come("In a year", size(_running["yearly_amount"]), f"{_running.height} series are running"),
        scope.to_come(f"In the coming {DAYS} days", size(_due["amount"]), f"{_due.height} times"),
        ("Missed", f"{_late.height}", ", ".join(_late["part"].to_list()[:3]) or "all came as expected"),
        scope.to_come(
            "To be cancelled",
            size(_cancelled["yearly_amount"]),
            f"a year, {_cancelled.height} series" if _cancelled.height else "nothing is marked to be cancelled",
        ),
    )
    mo.vstack([_cards, frame.by_rate(scope)])
    return


@app.cell
def _(found, scope, series, set_path):
    _chosen = series_in(scope)
    table = frame.money_table(
        series.with_columns(mark=pl.col("mark").fill_null(""), yearly_amount=pl.col("yearly_amount").abs()),
        {
            "part": "Whom",
            "cadence": "How often",
            "last_amount": "Last time",
            "next_date": "Next",
            "yearly_amount": "In a year",
            "status": "Status",
            "mark": "Your mark",
            "account_name": "Account",
        },
        scope=scope,
        money=["last_amount", "yearly_amount"],
        selection="single",
        initial_selection=[key for key, each in enumerate(series["series_key"]) if each == _chosen],
        on_change=lambda rows: choose(scope, series, rows, set_path),
    )
    mo.vstack([mo.md("## Series"), table, frame.the_sql(found)])
    return


@app.cell
def _(scope, series, set_path):
    trail = frame.crumbs(
        scope.view, set_path, labels=dict(series.select("series_key", "part").iter_rows()), everything="All series"
    )
    frame.hidden_at_will(frame.in_a_row(trail))
    return


@app.cell
def _(scope, series, set_decided):
    _key = series_in(scope)
    mo.stop(_key not in series["series_key"])
    _name = series.filter(pl.col("series_key") == _key)["part"].item()
    _wishes = {"Keep": "keep", "Cancel": "cancel", "No mark": ""}
    marking = [
        mo.ui.button(
            label=label,
            kind="danger" if mark == "cancel" else "neutral",
            on_change=partial(press, set_decided, _key, _name, mark),
        )
        for label, mark in _wishes.items()
    ]
    mo.vstack([frame.hidden_at_will(mo.md(f"What do you want of **{_name}**?")), frame.in_a_row(marking)])
    return


@app.cell
def _(get_decided, set_decided):
    _words, _object_key = get_decided()
    mo.stop(not _words)
    undoing = mo.ui.button(
        label="Undo",
        disabled=not _object_key,
        on_change=lambda _pressed: set_decided(take_back(Settings.load(), _object_key, now=datetime.now(UTC))),
    )
    mo.vstack([frame.hidden_at_will(frame.note(_words, kind="good" if _object_key else "info")), undoing])
    return


@app.cell
def _(books, kind, scope, series, set_path):
    _chosen = series_in(scope)
    _keys = [_chosen] if _chosen in series["series_key"] else series["series_key"].head(DRAWN).to_list()
    _query = find_payments(scope, kind=kind)
    paid = frame.ask(books, _query).filter(pl.col("series_key").is_in(_keys))
    _names = dict(series.select("series_key", "part").iter_rows())
    mo.stop(paid.is_empty(), frame.note(f"None of these came {scope.period.when}."))
    _drawn = paid.select(
        bucket="event_date",
        key="series_key",
        part=pl.col("series_key").replace_strict(_names, return_dtype=pl.String),
        amount=pl.col("amount").abs(),
        amount_before=pl.col("amount_before").abs(),
    )
    chart = frame.clickable(
        charts.price_steps(
            _drawn,
            named=[_names[key] for key in _keys],
            currency=scope.currency,
            title="Got" if kind == "income" else "Paid",
            locale=scope.locale,
        ),
        frame.pick_into(scope.view, set_path, key="series", when="day"),
    )
    mo.vstack(
        [
            mo.md("## What it cost"),
            mo.Html(f'<p class="f-money">{escape(price_in_words(paid, _names, scope))}</p>'),
            frame.charted(
                chart,
                _drawn,
                _query,
                scope=scope,
                name="prices",
                columns={"bucket": "day", "part": "whom", "amount": "amount", "amount_before": "amount before"},
            ),
        ]
    )
    return


@app.cell
def _(books, kind, scope, today):
    _query = find_due(scope, kind=kind, first=today, last=today + timedelta(days=DAYS))
    _due = frame.ask(books, _query)
    mo.stop(_due.is_empty(), frame.note(f"Nothing is expected in the coming {DAYS} days."))
    _headings = {
        "due_date": "Day",
        "merchant": "Whom",
        "amount": "Amount",
        "cadence": "How often",
        "account_name": "Account",
    }
    mo.vstack(
        [
            mo.Html(
                f'<h2 class="f-money">{scope.money(_due["amount"].sum())} is expected until'
                f" {today + timedelta(days=DAYS):%-d %B}</h2>"
            ),
            frame.money_table(_due, _headings, scope=scope, money=["amount"]),
            frame.beneath(_query, make=lambda: _due, name="due"),
        ]
    )
    return


@app.cell
def _(books, scope):
    mo.stop(not series_in(scope))
    rows = frame.tell(lambda: find_rows(books.connection, scope.where(), as_spent=False))
    frame.rows_block(rows, books, scope, name="recurring")
    return


@app.function
def series_in(scope: Scope) -> str:
    """Name the series that one has looked into; empty if none."""
    return frame.depth_of(scope.view).get("series", "")


@app.function
def choose(scope: Scope, series: pl.DataFrame, rows: pl.DataFrame, set_path: frame.SetPath) -> None:
    """Look into the series of a row of the table."""
    chosen = series.filter(pl.col("part").is_in(rows["Whom"].to_list()))["series_key"].to_list()
    if chosen != [series_in(scope)]:
        outside = frame.without(scope.view, "series", "day")
        set_path(outside.into(*(Step(dimension="series", value=key) for key in chosen)).path)


@app.function
def size(amounts: pl.Series) -> Decimal:
    """Add amounts up, whichever way they go."""
    total: Decimal = sum(amounts.to_list(), Decimal())
    return abs(total)


@app.function
def press(set_decided: Callable[[tuple[str, str]], None], key: str, name: str, mark: str, _pressed: object) -> None:
    """Keep what a button says of a series, and show it."""
    set_decided(decide_on(Settings.load(), key, name, mark, now=datetime.now(UTC)))


if __name__ == "__main__":
    app.run()
