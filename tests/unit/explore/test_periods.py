from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farthing.explore.periods import PRESETS, Period, PeriodError, parse_period

TODAY = date(2026, 8, 19)  # a Wednesday
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025", "2025-01-01", "2025-12-31"),
        ("2025-Q1", "2025-01-01", "2025-03-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025-03-14", "2025-03-14", "2025-03-14"),
        ("2025-03 to 2025-Q2", "2025-03-01", "2025-06-30"),
        ("2025-01-05..2025-02-03", "2025-01-05", "2025-02-03"),
        ("last 90 days", "2026-05-22", "2026-08-19"),
        ("last 1 day", "2026-08-19", "2026-08-19"),
        ("Last  2 weeks", "2026-08-06", "2026-08-19"),
        ("last 12 months", "2025-09-01", "2026-08-19"),
        ("last 2 years", "2024-09-01", "2026-08-19"),
        ("this week", "2026-08-17", "2026-08-23"),
        ("last month", "2026-07-01", "2026-07-31"),
        ("last quarter", "2026-04-01", "2026-06-30"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("year to date", "2026-01-01", "2026-08-19"),
        ("quarter to date", "2026-07-01", "2026-08-19"),
        ("yesterday", "2026-08-18", "2026-08-18"),
    ],
)
def test_reads_what_people_write(text: str, first: str, last: str) -> None:
    expected = Period(first=date.fromisoformat(first), last=date.fromisoformat(last))
    assert parse_period(text, today=TODAY) == expected


@pytest.mark.parametrize(
    "text", ["", "2025-13", "2025-Q5", "2025-02-30", "last 0 days", "2025 to 2024", "soon", "²025"]
)
def test_refuses_what_is_no_period_with_examples(text: str) -> None:
    with pytest.raises(PeriodError, match="Try 2025-Q1"):
        parse_period(text, today=TODAY)


@given(st.text(max_size=40), DAYS)
def test_reads_or_refuses_anything(text: str, today: date) -> None:
    try:
        period = parse_period(text, today=today)
    except PeriodError:
        return
    assert period.first <= period.last


@given(st.sampled_from(PRESETS), DAYS)
def test_reads_every_preset_on_any_day(preset: str, today: date) -> None:
    period = parse_period(preset, today=today)
    assert period.first <= period.last
    assert period.label


@given(DAYS, st.integers(0, 900))
def test_the_period_before_ends_before_it_begins(first: date, length: int) -> None:
    period = Period(first=first, last=date.fromordinal(first.toordinal() + length))
    before = period.before()
    assert before.first <= before.last < period.first


@pytest.mark.parametrize(
    ("text", "before", "year_before", "label"),
    [
        ("2025-03", "2025-02", "2024-03", "March 2025"),
        ("2025-Q1", "2024-Q4", "2024-Q1", "Q1 2025"),
        ("2024", "2023", "2023", "2024"),
        ("2025-02", "2025-01", "2024-02", "February 2025"),
        (
            "2026-08-01 to 2026-08-19",
            "2026-07-01 to 2026-07-19",
            "2025-08-01 to 2025-08-19",
            "1 Aug 2026 to 19 Aug 2026",
        ),
        (
            "2026-08-11 to 2026-08-20",
            "2026-08-01 to 2026-08-10",
            "2025-08-11 to 2025-08-20",
            "11 Aug 2026 to 20 Aug 2026",
        ),
    ],
)
def test_compares_like_with_like(text: str, before: str, year_before: str, label: str) -> None:
    period = parse_period(text, today=TODAY)
    assert period.before() == parse_period(before, today=TODAY)
    assert period.year_before() == parse_period(year_before, today=TODAY)
    assert period.label == label


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2025-03", "in March 2025"),
        ("2025-01-03 to 2025-02-09", "from 3 Jan 2025 to 9 Feb 2025"),
        ("2025-01-03 to 2025-01-03", "on 3 January 2025"),
        ("everything", "at any time"),
    ],
)
def test_stands_within_a_sentence(text: str, when: str) -> None:
    assert parse_period(text, today=date(2026, 8, 31)).when == when
