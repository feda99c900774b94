"""What the owner ties to transactions and accounts by commands, on a published lake."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from typer.testing import CliRunner, Result

from farthing.cli import app
from farthing.cli.marks import BadPartError
from farthing.errors import FarthingError
from farthing.lake.reference import (
    BadDecisionError,
    Goal,
    ManualAccount,
    ManualBalance,
    Note,
    Split,
    Tag,
    current,
)
from farthing.lake.store import ObjectStore, open_store
from farthing.settings import Settings
from farthing.subjects import UnknownSubjectError

type Farthing = Callable[..., Result]

RENT = "-950.0000"


@pytest.fixture
def store(lake: Settings, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """Name the published lake in the environment, where a command finds it."""
    monkeypatch.setenv("FARTHING_HOME", str(lake.home))
    monkeypatch.setenv("FARTHING_LAKE_URL", lake.lake_url)
    return open_store(lake)


def farthing(*arguments: str) -> str:
    """Run a command that works."""
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


def refused(*arguments: str) -> BaseException | None:
    """Run a command that does not, and return why."""
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code != 0
    return result.exception


def test_tags_and_takes_a_tag_off(store: ObjectStore) -> None:
    for word in ("holiday", "2026"):
        assert "farthing build" in farthing("tag", "1", word)
    assert [(each.transaction_key, each.tag) for each in current(store, Tag)] == [("1", "2026"), ("1", "holiday")]

    farthing("tag", "1", "2026", "--remove")
    assert [each.tag for each in current(store, Tag)] == ["holiday"]


def test_notes_and_takes_a_note_back(store: ObjectStore) -> None:
    for text, kept in [("half of it is Anna's", ["half of it is Anna's"]), ("", [])]:
        farthing("note", "1", text)
        assert [each.note for each in current(store, Note)] == kept


def test_splits_with_the_sign_of_the_whole_and_makes_it_whole_again(store: ObjectStore) -> None:
    farthing("split", "0", "Groceries=45.50", "Home & garden", "Cash=100")

    [kept] = current(store, Split)
    assert kept.amount == Decimal(RENT)
    assert [(part.category, part.amount) for part in kept.parts] == [
        ("Groceries", Decimal("-45.50")),
        ("Home & garden", Decimal("-804.50")),
        ("Cash", Decimal("-100")),
    ]
    farthing("split", "0", "--remove")
    assert current(store, Split) == []


def test_sets_a_goal_for_an_account_by_its_name_and_gives_it_up(store: ObjectStore) -> None:
    farthing("account", "add", "cash", "Cash box", "--currency", "EUR")
    farthing("goal", "Boat", "2000", "--account", "cash box", "--by", "2027-03-31")

    assert current(store, Goal) == [
        Goal(goal="Boat", account_key="cash", amount=Decimal(2000), currency="EUR", target_date=date(2027, 3, 31))
    ]
    farthing("goal", "Boat", "--remove")
    assert current(store, Goal) == []


def test_keeps_an_account_by_hand_and_removes_it_whole(store: ObjectStore) -> None:
    farthing("account", "add", "loan", "Car loan", "--kind", "loan")
    farthing("account", "balance", "loan", "-15000.50", "--day", "2026-03-01")
    farthing("account", "balance", "loan", "-14000", "--day", "2026-04-01")

    assert [(each.balance_date, each.amount) for each in current(store, ManualBalance)] == [
        (date(2026, 3, 1), Decimal("-15000.50")),
        (date(2026, 4, 1), Decimal(-14000)),
    ]
    assert "2026-04-01" in farthing("account", "list")
    farthing("account", "remove", "loan")
    assert (current(store, ManualAccount), current(store, ManualBalance)) == ([], [])


@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        pytest.param(("tag", "no-such", "a"), UnknownSubjectError, "No published transaction", id="no-transaction"),
        pytest.param(("note", "", "a"), UnknownSubjectError, "No published transaction", id="no-key"),
        pytest.param(("categorise", "1000000", "Cash"), UnknownSubjectError, "No published", id="categorised-nothing"),
        pytest.param(("tag", "1", "a\nb"), BadDecisionError, "one line of plain text", id="two-lines"),
        pytest.param(("tag", "1", "x" * 41), BadDecisionError, "at most 40", id="long-tag"),
        pytest.param(("split", "0", "Groceries=45.50", "Cash=1"), BadDecisionError, "do not add up", id="less"),
        pytest.param(("split", "0", "Groceries=950.01", "Cash"), BadPartError, "more than the whole", id="more"),
        pytest.param(("split", "0", "Groceries", "Cash"), BadPartError, "Only one part", id="two-rests"),
        pytest.param(("split", "0", "Groceries=much", "Cash"), BadPartError, "Part 1", id="no-number"),
        pytest.param(("split", "0", "Cash", "Groceries=NaN"), BadPartError, "Part 2", id="not-a-number"),
        pytest.param(("split", "0", "Grocery=1", "Cash"), BadDecisionError, "did you mean Groceries?", id="misspelt"),
        pytest.param(("split", "0"), SystemExit, "2", id="no-parts"),
        pytest.param(
            ("goal", "Boat", "5", "--account", "Nobody's", "--by", "2027-01-01"), UnknownSubjectError,
            "no such account", id="no-account",
        ),
        pytest.param(("goal", "Boat", "5"), SystemExit, "2", id="half-a-goal"),
        pytest.param(("account", "add", "My House", "House"), BadDecisionError, "account_key", id="bad-key"),
        pytest.param(("account", "add", "a", "House"), BadDecisionError, "a linked account has it", id="taken-key"),
        pytest.param(("account", "add", "house", "House", "--kind", "boat"), BadDecisionError, "kind", id="bad-kind"),
        pytest.param(("account", "balance", "cash", "1"), UnknownSubjectError, "account add", id="balance-of-nothing"),
        pytest.param(("account", "remove", "cash"), UnknownSubjectError, "account list", id="removed-nothing"),
    ],
)  # fmt: skip
def test_refuses_in_one_line_and_keeps_nothing(
    store: ObjectStore, arguments: tuple[str, ...], kind: type[BaseException], said: str
) -> None:
    why = refused(*arguments)

    assert isinstance(why, kind)
    assert said in str(why)
    assert not isinstance(why, FarthingError) or "\n" not in str(why)
    assert store.keys("reference/") == []
