# marimo writes the frames of cells itself, without types and with a last return:
# mypy: allow-untyped-defs
# ruff: noqa: PLR1711
import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Review · Farthing", css_file="../lib/farthing/web/static/notebook.css")

with app.setup:
    from collections.abc import Callable
    from datetime import UTC, datetime
    from functools import partial
    from typing import Any

    import marimo as mo
    import polars as pl

    from farthing.errors import FarthingError
    from farthing.explore.books import Books
    from farthing.explore.review import pairs, payments, proposals, rules, staging
    from farthing.explore.review.payments import Kept
    from farthing.explore.review.staging import Staged
    from farthing.lake.reference import BadDecisionError, RefundDecision, Rule, TransferDecision, checked, saved_changes
    from farthing.lake.reference import undo as undo_saved
    from farthing.lake.reference.categories import groups_by_category
    from farthing.lake.reference.kinds import RULE_PRIORITIES
    from farthing.lake.store import open_store
    from farthing.runs import start_sync
    from farthing.settings import Settings
    from farthing.web import decisions, frame

    WITHOUT, EVERYTHING = "Without a category", "Everything"
    ACTIONS = ("Category", "Rule", "Split", "Tags", "Note")
    PARTS = 4
    DIRECTIONS = {"paid or received": "any", "paid": "out", "received": "in"}
    FIELDS = {"name or text": "word", "trade (MCC)": "mcc", "bank's code": "bank_code", "purpose": "purpose_code"}
    CATEGORIES = sorted(groups_by_category())


@app.cell(hide_code=True)
def _():
    frame.header(
        "review",
        "Review",
        "What needs putting right? Choose payments, say what is right, look at what it changes, save it all at once."
        " Nothing is kept before you save, and all that you save can be undone.",
    )
    return


@app.cell
def _():
    today = datetime.now(UTC).date()
    return (today,)


@app.cell
def _():
    books = frame.books_or_stop()
    _asked = frame.view_of_address()
    _params = mo.query_params()
    get_staged, set_staged = mo.state(())
    get_saved, set_saved = mo.state(None)  # the key of what was saved or undone last
    get_said, set_said = mo.state(None)
    filters = frame.filters(
        books,
        _asked,
        more={
            "show": mo.ui.dropdown(
                [WITHOUT, EVERYTHING],
                value=EVERYTHING if _asked.categories or _params.get("show") == "all" else WITHOUT,
                label="Show",
                allow_select_none=False,
            ),
            "order": mo.ui.dropdown(
                list(payments.ORDERS), value=next(iter(payments.ORDERS)), label="Merchants", allow_select_none=False
            ),
            "search": mo.ui.text(
                value=_params.get("search") or "", label="Search", placeholder="merchant, note, tag …"
            ),
        },
    )
    mo.vstack([frame.standing(books), filters])
    return books, filters, get_said, get_saved, get_staged, set_said, set_saved, set_staged


@app.cell
def _(books, filters, today):
    frame.need(books, "fct_transactions", "fct_transfers", "fct_refunds", "fct_unmatched_transfers")
    view = frame.chosen_view(filters.value, ())
    period = frame.period_or_stop(view, books, today=today)
    frame.remember(view)
    remember_also(show="all" if filters.value["show"] == EVERYTHING else "", search=filters.value["search"].strip())
    is_queue = filters.value["show"] == WITHOUT
    where = frame.where(view, period, *([payments.UNDECIDED] if is_queue else []))
    locale = books.locale()
    return is_queue, locale, period, view, where


@app.cell
def _(books, get_saved):
    get_saved()
    try:
        kept = payments.read_kept(open_store(Settings.load()), books)
        _trouble = None
    except FarthingError as exc:
        kept, _trouble = payments.Kept(), frame.note(f"What you decided before cannot be read now. {exc}", kind="warn")
    _trouble
    return (kept,)


@app.cell
def _(books, filters, get_staged, is_queue, kept, locale, period, view, where):
    chosen = staging.new_categories(get_staged())
    settled = (kept.settled | chosen.keys()) if is_queue else frozenset()
    _query = payments.merchants(where, order=filters.value["order"], settled=settled)
    _found = frame.ask(books, _query)
    mo.stop(
        _found.is_empty(),
        frame.note(
            f"Every payment in {view.currency} of {period.label} has a category, or will have one."
            " Choose Everything above to look at them all."
            if is_queue
            else f"There is no payment here in {period.label}: choose another period or other filters above.",
            kind="good" if is_queue else "info",
        ),
    )
    merchants = frame.money_table(
        _found,
        {"merchant": "Merchant", "payments": "Payments", "amount": "Amount", "newest": "Newest", "merchant_key": "Key"},
        money={"amount": view.currency},
        locale=locale,
        page_size=8,
        selection="multi",
        hidden_columns=["Key"],
    )
    _left = decisions.counted(_found["payments"].sum())
    mo.vstack(
        [
            mo.md(f"## {_left} without a category" if is_queue else f"## {_left}"),
            mo.md(
                f"From {decisions.counted(_found.height, 'merchant', 'merchants')}. Choose some to see theirs alone."
            ),
            merchants,
            frame.the_sql(_query),
        ],
        gap=0.5,
    )
    return chosen, merchants, settled


@app.cell
def _(books, chosen, filters, kept, locale, merchants, settled, view, where):
    picked = merchants.value["Key"].to_list()
    _query = payments.payments(where, settled=settled, of=picked, search=filters.value["search"])
    found = payments.tidy(frame.ask(books, _query), kept, chosen)
    mo.stop(found.is_empty(), frame.note("No payment here has these words: change the search above."))
    table = frame.money_table(
        found.head(payments.SHOWN),
        headings_of(found),
        money={"amount": view.currency},
        locale=locale,
        selection="multi",
        hidden_columns=["Key"],
        wrapped_columns=["Description"],
    )
    _cut = f" The newest {payments.SHOWN} are shown." if found.height > payments.SHOWN else ""
    _of = f" of {decisions.counted(len(picked), 'merchant', 'merchants')}" if picked else ""
    mo.vstack([mo.md(f"## {decisions.counted(found.height)}{_of}\nChoose those that are wrong.{_cut}"), table], gap=0.5)
    return found, picked, table


@app.cell
def _(found, picked, table):
    # The payments that are chosen; where none is, all of the chosen merchants'.
    _keys = table.value["Key"].to_list()
    rows = (
        found.filter(pl.col("transaction_key").is_in(_keys)).to_dicts() if _keys else found.to_dicts() if picked else []
    )
    return (rows,)


@app.cell
def _(rows):
    mo.stop(len(rows) != 1)
    try:
        _told = payments.why(open_store(Settings.load()), rows[0])
    except FarthingError as exc:
        mo.stop(True, frame.note(str(exc), kind="warn"))
    mo.vstack([mo.md("### Why it is where it is"), decisions.told(_told)], gap=0.2)
    return


@app.cell
def _():
    action = mo.ui.radio(ACTIONS, value=ACTIONS[0], inline=True, label="What is to change?")
    mo.vstack([mo.md("## Put it right"), action])
    return (action,)


@app.cell
def _(action, rows):
    form = decisions.form(elements_of(action.value, suggested_pattern(rows)))
    form
    return (form,)


@app.cell
def _(action, books, form, kept, locale, rows, set_staged, view):
    proposal, _shown = propose(action.value, form.value, rows, books, kept, view.currency, locale)
    stage = mo.ui.button(
        label="Stage it",
        kind="success",
        disabled=proposal is None,
        on_change=lambda _: set_staged(lambda waiting: staging.added(waiting, proposal)),
    )
    mo.vstack([_shown, mo.hstack([stage], justify="start")], gap=0.6)
    return (stage,)


@app.cell
def _(get_said, get_staged, locale, set_said, set_saved, set_staged):
    _waiting, _said = get_staged(), get_said()
    _store = partial(open_store, Settings.load())

    def _keep(_pressed):
        try:
            set_saved(staging.save(_store(), _waiting, now=datetime.now(UTC)))
            set_said(
                (
                    "good",
                    f"Saved {decisions.counted(len(_waiting), 'change', 'changes')} in one go: the next build shows it.",
                )
            )
            set_staged(())
        except FarthingError as exc:
            set_said(("bad", f"Nothing was saved. {exc}"))

    waiting = decisions.waiting_list(
        _waiting, lambda place: set_staged(lambda old: staging.without(old, place)), locale=locale
    )
    keep = mo.ui.button(label="Save all", kind="success", disabled=not _waiting, on_change=_keep)
    discard = mo.ui.button(
        label="Discard all", kind="neutral", disabled=not _waiting, on_change=lambda _: set_staged(())
    )
    mo.vstack(
        [
            mo.Html('<h2 id="waiting">Waiting to be saved</h2>'),
            waiting
            if _waiting
            else mo.Html(
                '<p class="f-question">Nothing. What you stage gathers here, before and after beside each other.</p>'
            ),
            mo.hstack([keep, discard], justify="start"),
            frame.note(_said[1], kind=_said[0]) if _said else mo.Html(""),
            decisions.bar(_waiting),
        ],
        gap=0.6,
    )
    return discard, keep, waiting


@app.cell
def _(get_saved, get_said):
    mo.stop(not get_saved() or not get_said() or get_said()[0] != "good")
    build = mo.ui.run_button(label="Sync and build now", tooltip="Asks the banks for what is due, then builds")
    _can = bool(Settings.load().prefect_api_url)
    build if _can else mo.md("Run `farthing build` to see it now; the next sync shows it too.")
    return (build,)


@app.cell
async def _(build, get_saved):
    mo.stop(not build.value)
    _url = await start_sync(Settings.load().prefect_api_url, once_for=f"review {get_saved()}")
    if _url:
        frame.note(
            "It is on its way. This page says when the newer build is published.", links=[("Watch it in Prefect", _url)]
        )
    else:
        frame.note("Prefect does not answer, so nothing was started: run `farthing build`.", kind="warn")
    return


@app.cell
def _(get_saved, set_said, set_saved):
    get_saved()
    try:
        _changes = saved_changes(open_store(Settings.load()))
    except FarthingError as exc:
        mo.stop(True, frame.note(str(exc), kind="warn"))
    mo.stop(not _changes)

    def _take_back(key):
        try:
            set_saved(undo_saved(open_store(Settings.load()), key, decided_at=datetime.now(UTC)) or key)
            set_said(("good", "Undone in one go: what held before holds again. The next build shows it."))
        except FarthingError as exc:
            set_said(("bad", f"Nothing was undone. {exc}"))

    saved = decisions.saved_list(_changes, _take_back)
    mo.vstack([mo.md("## Saved"), saved], gap=0.4)
    return (saved,)


@app.cell
def _(books, get_staged, kept, locale, period, view):
    decided = sorted(kept.pairs | staging.paired(get_staged()))
    _query = pairs.transfers(view.currency, period, decided=decided)
    found_transfers = frame.ask(books, _query)
    mo.stop(
        found_transfers.is_empty(),
        section("Transfers", frame.note(f"No transfer waits for your word in {period.label}.", kind="good")),
    )
    transfers = frame.money_table(
        found_transfers,
        {
            "outflow_date": "Left",
            "inflow_date": "Came",
            "between": "Between",
            "outflow_amount": "Amount",
            "score": "Sure",
            "reason": "Because",
            "transfer_key": "Key",
        },
        money={"outflow_amount": view.currency},
        locale=locale,
        page_size=5,
        selection="multi",
        hidden_columns=["Key"],
        wrapped_columns=["Because"],
    )
    _words = "What looks like money that only moved between your own accounts, the least sure first."
    section("Transfers", mo.md(_words), transfers, frame.the_sql(_query))
    return decided, found_transfers, transfers


@app.cell
def _(found_transfers, set_staged, transfers):
    transfer_words = word_buttons(
        found_transfers.filter(pl.col("transfer_key").is_in(transfers.value["Key"].to_list())),
        TransferDecision,
        "Transfer",
        set_staged,
        ("outflow_transaction_key", "inflow_transaction_key", "outflow_amount", "from_currency"),
    )
    frame.in_a_row(transfer_words)
    return (transfer_words,)


@app.cell
def _(books, decided, locale, period, view):
    _legs = frame.ask(books, pairs.unmatched(view.currency, period, decided=decided))
    mo.stop(_legs.is_empty())
    legs = frame.money_table(
        _legs,
        {
            "booking_date": "Booked",
            "merchant": "Who",
            "account_name": "Account",
            "amount": "Amount",
            "reason": "Why it is alone",
            "transaction_key": "Key",
        },
        money={"amount": view.currency},
        locale=locale,
        page_size=5,
        selection="single",
        hidden_columns=["Key"],
    )
    _words = "They say that they are transfers, but the other side is not there. Choose one to look for it."
    section("Transfers without their other side", mo.md(_words), legs)
    return (legs,)


@app.cell
def _(books, legs, locale, view):
    mo.stop(not len(legs.value))
    found_sides = frame.ask(books, pairs.other_sides(legs.value["Key"].item()))
    mo.stop(
        found_sides.is_empty(),
        frame.note("No payment of these days on another account could be it: perhaps that account is not linked."),
    )
    sides = frame.money_table(
        found_sides,
        {
            "booking_date": "Booked",
            "merchant": "Who",
            "account_name": "Account",
            "amount": "Amount",
            "currency": "Currency",
            "transaction_key": "Key",
        },
        money={"amount": view.currency},
        locale=locale,
        page_size=5,
        selection="single",
        hidden_columns=["Key"],
    )
    section("Could be its other side", sides, level=3)
    return found_sides, sides


@app.cell
def _(found_sides, set_staged, sides):
    _side = found_sides.filter(pl.col("transaction_key").is_in(sides.value["Key"].to_list()))
    _pair = _side.select(
        one="leg_outflow_key", other="leg_inflow_key", amount=pl.col("amount").abs(), currency="currency"
    )
    side_words = word_buttons(
        _pair, TransferDecision, "Transfer", set_staged, ("one", "other", "amount", "currency"), confirm_only=True
    )
    frame.in_a_row(side_words)
    return (side_words,)


@app.cell
def _(books, decided, locale, period, view):
    _query = pairs.refunds(view.currency, period, decided=decided)
    found_refunds = frame.ask(books, _query)
    mo.stop(
        found_refunds.is_empty(),
        section("Refunds", frame.note(f"No refund waits for your word in {period.label}.", kind="good")),
    )
    refunds = frame.money_table(
        found_refunds,
        {
            "purchase_date": "Paid",
            "refund_date": "Came back",
            "merchant": "Merchant",
            "purchase_amount": "Paid amount",
            "refund_amount": "Came back amount",
            "score": "Sure",
            "reason": "Because",
            "refund_key": "Key",
        },
        money=dict.fromkeys(("purchase_amount", "refund_amount"), view.currency),
        locale=locale,
        page_size=5,
        selection="multi",
        hidden_columns=["Key"],
        wrapped_columns=["Because"],
    )
    section(
        "Refunds", mo.md("Money that came back for a payment, the least sure first."), refunds, frame.the_sql(_query)
    )
    return found_refunds, refunds


@app.cell
def _(found_refunds, refunds, set_staged):
    refund_words = word_buttons(
        found_refunds.filter(pl.col("refund_key").is_in(refunds.value["Key"].to_list())),
        RefundDecision,
        "Refund",
        set_staged,
        ("purchase_transaction_key", "refund_transaction_key", "refund_amount", "currency"),
    )
    frame.in_a_row(refund_words)
    return (refund_words,)


@app.function
def section(title: str, *shown: object, level: int = 2) -> mo.Html:
    """Put things under a heading."""
    return mo.vstack([mo.md(f"{'#' * level} {title}"), *shown], gap=0.5)


@app.function
def headings_of(found: pl.DataFrame) -> dict[str, str]:
    """Choose the columns of payments: of those that few have, only what somebody has here."""
    headings = {
        "booking_date": "Booked",
        "merchant": "Merchant",
        "description": "Description",
        "amount": "Amount",
        "category": "Category",
        "will_be": "Will be",
        "category_reason": "Why",
        "tags": "Tags",
        "note": "Note",
        "split": "Split",
        "transaction_key": "Key",
    }
    is_seldom = ("will_be", "tags", "note", "split")
    return {name: words for name, words in headings.items() if name not in is_seldom or any(found[name])}


@app.function
def remember_also(**values: str) -> None:
    """Write what this page alone knows into its address."""
    params = mo.query_params()
    for name, value in values.items():
        if (params.get(name) or "") != value:
            if value:
                params.set(name, value)
            else:
                params.remove(name)


@app.function
def elements_of(action: str, pattern: str) -> dict[str, Any]:
    """Make the elements of an action's form; what is typed is heard while one types."""
    category = mo.ui.dropdown(CATEGORIES, label="Category", searchable=True)
    match action:
        case "Rule":
            return {
                "pattern": mo.ui.text(value=pattern, label="Where it says", debounce=300),
                "category": category,
                "direction": mo.ui.dropdown(
                    DIRECTIONS, value=next(iter(DIRECTIONS)), label="Money", allow_select_none=False
                ),
                "field": mo.ui.dropdown(
                    FIELDS, value=next(iter(FIELDS)), label="Looked for in", allow_select_none=False
                ),
                "priority": mo.ui.number(1, RULE_PRIORITIES, value=50, label="Priority (lowest wins)"),
            }
        case "Split":
            return {
                f"{name}_{number}": mo.ui.text(label=f"Part {number}", placeholder="the rest", debounce=300)
                if name == "amount"
                else mo.ui.dropdown(CATEGORIES, label="for", searchable=True)
                for number in range(1, PARTS + 1)
                for name in ("amount", "category")
            }
        case "Tags":
            return {
                "tags": mo.ui.text(label="Tags", placeholder="holiday, 2026", debounce=300),
                "how": mo.ui.radio(["Tie to them", "Take off them"], value="Tie to them", inline=True),
            }
        case "Note":
            return {"note": mo.ui.text_area(label="Note (empty takes it off)", rows=2, debounce=300)}
    return {"category": category, "back": mo.ui.checkbox(label="Take my word back: let rules decide")}


@app.function
def suggested_pattern(rows: list[dict[str, Any]]) -> str:
    """Suggest what a rule looks for: the merchant of the payments, where they have one alone."""
    keys = {row["merchant_key"] for row in rows}
    return next(iter(keys)) if len(keys) == 1 else ""


@app.function
def propose(
    action: str,
    chosen: dict[str, Any],
    rows: list[dict[str, Any]],
    books: Books,
    kept: Kept,
    currency: str,
    locale: str,
) -> tuple[Staged | None, mo.Html]:
    """Make what the form says into a change, shown before it is staged; or say what is missing."""
    more = []
    try:
        match action:
            case "Rule":
                made = checked(Rule, **{name: value for name, value in chosen.items() if value is not None})
                found = rules.preview(books, made, decided=kept.categories)
                more = [decisions.preview_in_words(found, locale=locale)]
                change = proposals.rule(made, found, currency=currency)
            case "Split":
                parts = [(chosen[f"amount_{n}"], chosen[f"category_{n}"]) for n in range(1, PARTS + 1)]
                change = proposals.split(rows, parts, currency=currency, locale=locale)
            case "Tags":
                is_off = chosen["how"] != "Tie to them"
                change = proposals.tags(rows, chosen["tags"], is_taken_off=is_off, kept=kept, currency=currency)
            case "Note":
                change = proposals.note(rows, chosen["note"], currency=currency)
            case _:
                change = proposals.category(rows, chosen["category"], is_taken_back=chosen["back"], currency=currency)
    except BadDecisionError as exc:
        return None, mo.vstack([frame.note(mistake) for mistake in exc.mistakes], gap=0.3)
    return change, mo.vstack([mo.Html(decisions.proposed(change, locale=locale)), *more], gap=0.4)


@app.function
def word_buttons(
    chosen: pl.DataFrame,
    kind: type[TransferDecision | RefundDecision],
    what: str,
    set_staged: Callable[[Any], None],
    columns: tuple[str, str, str, str],
    *,
    confirm_only: bool = False,
) -> mo.ui.array:
    """Make the buttons that stage the owner's word on the pairs that are chosen."""

    def say(decision: str, _pressed: object) -> None:
        for one, other, amount, currency in chosen.select(columns).iter_rows():
            change = proposals.pair(kind, one, other, decision=decision, what=what, amount=amount, currency=currency)
            set_staged(lambda waiting, change=change: staging.added(waiting, change))

    words = {"confirmed": f"Yes, a {what.lower()}", "rejected": f"No {what.lower()}"}
    return mo.ui.array(
        [
            mo.ui.button(label=label, kind="neutral", disabled=chosen.is_empty(), on_change=partial(say, decision))
            for decision, label in words.items()
            if decision == "confirmed" or not confirm_only
        ]
    )


if __name__ == "__main__":
    app.run()
