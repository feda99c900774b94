# marimo writes the frames of cells itself, without types and with a last return:
# mypy: allow-untyped-defs
import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Review · Farthing", css_file="../lib/farthing/web/static/notebook.css")

with app.setup:
    from datetime import UTC, datetime

    import marimo as mo
    import polars as pl

    from farthing.errors import FarthingError
    from farthing.explore.review import pairs, payments, staging
    from farthing.lake.reference import RefundDecision, TransferDecision, saved_changes
    from farthing.lake.store import open_store
    from farthing.settings import Settings
    from farthing.web import choosing, decisions, frame, proposing, saving


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
    books, _asked = frame.begin("fct_transactions", "fct_transfers", "fct_refunds", "fct_unmatched_transfers")
    # Buttons change what the very cell shows that has them: without self-loops it would stay as it is.
    get_staged, set_staged = mo.state((), allow_self_loops=True)
    get_saved, set_saved = mo.state(None, allow_self_loops=True)  # the key of what was saved or undone last
    get_said, set_said = mo.state(None, allow_self_loops=True)
    filters, get_filters = frame.filters(books, _asked, more=choosing.more_filters(_asked))
    frame.head(books, filters)
    return books, filters, get_filters, get_said, get_saved, get_staged, set_said, set_saved, set_staged


@app.cell
def _(books, get_filters, today):
    scope = frame.scope_of(books, get_filters(), today=today)
    is_queue = choosing.remember_more(get_filters())
    where = scope.where(*([payments.UNDECIDED] if is_queue else []))
    return is_queue, scope, where


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
def _(books, get_filters, get_staged, is_queue, kept, scope, where):
    chosen = staging.new_categories(get_staged())
    settled = (kept.settled | chosen.keys() | staging.split(get_staged())) if is_queue else frozenset()
    _search = get_filters()["search"]
    _query = payments.merchants(where, order=get_filters()["order"], settled=settled, search=_search)
    _found = frame.ask(books, _query)
    mo.stop(_found.is_empty(), choosing.nothing_to_do(scope, is_queue=is_queue, search=_search))
    merchants = choosing.choice(_found, choosing.MERCHANTS, scope=scope)
    _title = decisions.counted(int(_found["payments"].sum())) + (" without a category" if is_queue else "")
    _from = decisions.counted(_found.height, "merchant", "merchants")
    decisions.section(_title, mo.md(f"{_from}. Choose some to see theirs alone."), merchants, frame.the_sql(_query))
    return chosen, merchants, settled


@app.cell
def _(books, chosen, get_filters, kept, merchants, scope, settled, where):
    picked = merchants.value["Key"].to_list()
    _query = payments.payments(where, settled=settled, of=picked, search=get_filters()["search"])
    found = payments.tidy(frame.ask(books, _query), kept, chosen)
    table = choosing.choice(found.head(payments.SHOWN), choosing.headings_of(found), scope=scope, page_size=10)
    _cut = f" The newest {payments.SHOWN} are shown." if found.height > payments.SHOWN else ""
    _of = f" of {decisions.counted(len(picked), 'merchant', 'merchants')}" if picked else ""
    _title = f"{decisions.counted(found.height)}{_of}"
    decisions.section(_title, mo.md(f"Choose what is to change.{_cut}"), table)
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
    decisions.section("Why it has its category", decisions.told(_told), level=3)
    return


@app.cell
def _():
    action = mo.ui.radio(proposing.ACTIONS, value=proposing.ACTIONS[0], inline=True)
    decisions.section("Put it right", mo.md("What is to change of the payments chosen above?"), action)
    return (action,)


@app.cell
def _(action, rows):
    form, get_form = frame.side_by_side(
        proposing.elements_of(action.value, proposing.suggested_pattern(rows)), label=action.value
    )
    form
    return form, get_form


@app.cell
def _(action, books, get_form, kept, rows, scope, set_staged):
    proposal, _shown = proposing.propose(action.value, get_form(), rows, books=books, kept=kept, scope=scope)
    stage = mo.ui.button(
        label="Stage it",
        kind="success",
        disabled=proposal is None,
        on_change=lambda _: set_staged(lambda waiting: staging.added(waiting, proposal) if proposal else waiting),
    )
    mo.vstack([_shown, mo.hstack([stage], justify="start")], gap=0.6)
    return (stage,)


@app.cell
def _(get_said, get_staged, scope, set_said, set_saved, set_staged):
    _waiting, _said = get_staged(), get_said()
    _list, take_out = decisions.waiting_list(
        _waiting, lambda place: set_staged(lambda old: staging.without(old, place)), locale=scope.locale
    )
    keep = mo.ui.button(
        label="Save all",
        kind="success",
        disabled=not _waiting,
        on_change=lambda _: set_said(saving.save_all(_waiting, set_staged, set_saved)),
    )
    discard = mo.ui.button(label="Discard all", disabled=not _waiting, on_change=lambda _: set_staged(()))
    decisions.section(
        "Waiting to be saved",
        _list if _waiting else mo.md(saving.NOTHING_WAITS),
        mo.hstack([keep, discard], justify="start"),
        *([frame.note(_said[1], kind=_said[0])] if _said else []),
        decisions.bar(_waiting),
    )
    return discard, keep, take_out


@app.cell
def _(get_saved, get_said):
    mo.stop(not get_saved() or get_said()[0] != "good")
    build = mo.ui.run_button(label="Sync and build now", tooltip="Asks the banks for what is due, then builds")
    build if Settings.load().prefect_api_url else frame.note(saving.BUILD_BY_HAND)
    return (build,)


@app.cell
async def _(build, get_saved):
    mo.stop(not build.value)
    await saving.start(get_saved())
    return


@app.cell
def _(get_saved, set_said, set_saved):
    get_saved()
    try:
        _changes = saved_changes(open_store(Settings.load()))
    except FarthingError as exc:
        mo.stop(True, frame.note(str(exc), kind="warn"))
    mo.stop(not _changes)

    _list, take_back = decisions.saved_list(_changes, lambda key: set_said(saving.take_back(key, set_saved)))
    decisions.section("Saved", _list)
    return (take_back,)


@app.cell
def _(books, get_staged, kept, scope):
    decided = sorted(kept.pairs | staging.paired(get_staged()))
    _query = pairs.transfers(scope, decided=decided)
    found_transfers = frame.ask(books, _query)
    mo.stop(
        found_transfers.is_empty(),
        decisions.section(
            "Transfers", frame.note(f"No transfer waits for your word {scope.period.when}.", kind="good")
        ),
    )
    transfers = choosing.choice(found_transfers, choosing.TRANSFERS, scope=scope)
    _words = "What looks like money that only moved between your own accounts, the least sure first."
    decisions.section("Transfers", mo.md(_words), transfers, frame.the_sql(_query))
    return decided, found_transfers, transfers


@app.cell
def _(found_transfers, set_staged, transfers):
    transfer_words = proposing.word_buttons(
        found_transfers.filter(pl.col("transfer_key").is_in(transfers.value["Key"].to_list())),
        TransferDecision,
        "Transfer",
        set_staged,
        ("outflow_transaction_key", "inflow_transaction_key", "outflow_amount", "from_currency"),
    )
    frame.in_a_row(transfer_words)
    return (transfer_words,)


@app.cell
def _(books, decided, scope):
    _legs = frame.ask(books, pairs.unmatched(scope, decided=decided))
    mo.stop(_legs.is_empty())
    legs = choosing.choice(_legs, choosing.LEGS, scope=scope, selection="single")
    _words = "They say that they are transfers, but the other side is not there. Choose one to look for it."
    decisions.section("Transfers without their other side", mo.md(_words), legs)
    return (legs,)


@app.cell
def _(books, legs, scope):
    mo.stop(not len(legs.value))
    found_sides = frame.ask(books, pairs.other_sides(legs.value["Key"].item()))
    mo.stop(
        found_sides.is_empty(),
        frame.note("No payment of these days on another account could be it: perhaps that account is not linked."),
    )
    sides = choosing.choice(found_sides, choosing.SIDES, scope=scope, selection="single")
    decisions.section("Could be its other side", sides, level=3)
    return found_sides, sides


@app.cell
def _(found_sides, set_staged, sides):
    _side = found_sides.filter(pl.col("transaction_key").is_in(sides.value["Key"].to_list()))
    _pair = _side.select(
        one="leg_outflow_key", other="leg_inflow_key", amount=pl.col("amount").abs(), currency="currency"
    )
    side_words = proposing.word_buttons(
        _pair, TransferDecision, "Transfer", set_staged, ("one", "other", "amount", "currency"), confirm_only=True
    )
    frame.in_a_row(side_words)
    return (side_words,)


@app.cell
def _(books, decided, scope):
    _query = pairs.refunds(scope, decided=decided)
    found_refunds = frame.ask(books, _query)
    mo.stop(
        found_refunds.is_empty(),
        decisions.section("Refunds", frame.note(f"No refund waits for your word {scope.period.when}.", kind="good")),
    )
    refunds = choosing.choice(found_refunds, choosing.REFUNDS, scope=scope)
    decisions.section(
        "Refunds", mo.md("Money that came back for a payment, the least sure first."), refunds, frame.the_sql(_query)
    )
    return found_refunds, refunds


@app.cell
def _(found_refunds, refunds, set_staged):
    refund_words = proposing.word_buttons(
        found_refunds.filter(pl.col("refund_key").is_in(refunds.value["Key"].to_list())),
        RefundDecision,
        "Refund",
        set_staged,
        ("purchase_transaction_key", "refund_transaction_key", "refund_amount", "currency"),
    )
    frame.in_a_row(refund_words)
    return (refund_words,)


if __name__ == "__main__":
    app.run()
