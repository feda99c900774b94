"""What needs its owner: consents to renew, accounts that do not add up, failed answers, odd payments, mistakes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from farthing.assembly import sessions, source_of
from farthing.consent import LinkedBank, linked_banks
from farthing.errors import FarthingError
from farthing.explore.books import Books
from farthing.explore.review.payments import UNDECIDED
from farthing.explore.views import View
from farthing.settings import Settings
from farthing.state.models import Purpose

_RENEW_WITHIN = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing to do: a sentence, and the page where it is done."""

    sentence: str
    url: str


def needs(books: Books, settings: Settings, *, now: datetime) -> list[Need]:
    """List what there is to do, consents first."""
    return [*_consents(settings, now), *_of_books(books)]


def _consents(settings: Settings, now: datetime) -> list[Need]:
    if settings.database_url is None:
        return []
    try:
        with sessions(settings) as new_session, new_session() as session:
            banks = linked_banks(session, provider=source_of(settings), now=now)
    except FarthingError as exc:
        return [Need(sentence=str(exc), url="/accounts")]
    return [Need(sentence=sentence, url="/accounts") for bank in banks if (sentence := _renewal(bank, now))]


def _renewal(bank: LinkedBank, now: datetime) -> str | None:
    if bank.purpose is Purpose.HISTORY:
        return None  # its history is kept; there is nothing new to come
    if not bank.is_live:
        return f"{bank.institution_name}: the consent lapsed. Renew it to see what is new."
    for moment, what in ((bank.reconfirm_by, "must be confirmed"), (bank.expires_at, "lapses")):
        if moment is not None and moment - now <= _RENEW_WITHIN:
            return f"{bank.institution_name}: the consent {what} by {moment:%-d %B}."
    return None


# Mart that is asked, sentence, page, and the query for the number that the sentence begins with; none where it is zero.
_QUESTIONS = (
    (
        "fct_reconciliation",
        "account does not|accounts do not",
        "add up between two balances of its bank.",
        "/notebooks/trust/",
        "select count(distinct account_key) from marts.fct_reconciliation where not is_reconciled",
    ),
    (
        "fct_coverage",
        "account was|accounts were",
        "not answered for by the bank when last asked.",
        "/notebooks/trust/",
        "select count(*) from marts.fct_coverage where failures_since > 0",
    ),
    (
        "fct_anomalies",
        "payment looks|payments look",
        "odd in the last 30 days.",
        "/notebooks/home/#odd",
        "select count(distinct transaction_key) from marts.fct_anomalies where booking_date >"
        " (select max(booking_date) from marts.fct_transactions) - 30",
    ),
    (
        "fct_retractions",
        "entry was|entries were",
        "withdrawn or changed by the bank in the last 90 days.",
        "/notebooks/trust/",
        "select count(*) from marts.fct_retractions where booking_date > (select max(booking_date)"
        " from marts.fct_transactions) - 90",
    ),
    (
        "fct_transactions",
        "payment has|payments have",
        "no category in the last 90 days.",
        "/notebooks/review/?period=last+90+days",
        f"select count(*) from marts.fct_transactions where {UNDECIDED} and booking_date >"  # noqa: S608 - ours
        " (select max(booking_date) from marts.fct_transactions) - 90",
    ),
    (
        "fct_reference_faults",
        "mistake is|mistakes are",
        "in your own files and passed over.",
        "/notebooks/home/#mistakes",
        "select count(*) from marts.fct_reference_faults",
    ),
)


def _of_books(books: Books) -> list[Need]:
    found = []
    for mart, numbers, rest, url, query in _QUESTIONS:
        if not books.has(mart):
            continue
        row = books.connection.execute(query).fetchone()
        if row and (count := row[0]):
            one, many = numbers.split("|")
            found.append(Need(sentence=f"{count:,} {one if count == 1 else many} {rest}", url=url))
    return [*found, *_unreadable(books), *_without_rate(books)]


def _unreadable(books: Books) -> list[Need]:
    if "unreadable_entries" not in books.columns("fct_coverage"):  # a build of an older version
        return []
    row = books.connection.execute("select sum(unreadable_entries) from marts.fct_coverage").fetchone()
    if not row or not row[0]:
        return []
    which = "1 entry of a bank is" if row[0] == 1 else f"{row[0]:,} entries of banks are"
    return [Need(sentence=f"{which} in no sum: without an amount or a currency.", url="/notebooks/trust/")]


def _without_rate(books: Books) -> list[Need]:
    if not books.has("fct_rate_coverage"):
        return []
    rows = books.connection.execute(
        "select currency, base_currency, unconverted from marts.fct_rate_coverage where unconverted > 0 order by all"
    ).fetchall()
    return [
        Need(
            sentence=f"{count:,} {'payment' if count == 1 else 'payments'} in {currency}"
            f" {'has' if count == 1 else 'have'} no rate to {base}, so that sums in {base} leave"
            f" {'it' if count == 1 else 'them'} out.",
            url=View(period="everything", currency=currency).address("/notebooks/cash_flow/"),
        )
        for currency, base, count in rows
    ]
