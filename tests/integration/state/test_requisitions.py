"""Requisitions and the accounts they open, on a real Postgres."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from farthing.state.errors import RequisitionNotFoundError
from farthing.state.models import Requisition, RequisitionAccount, RequisitionStatus
from farthing.state.operations import begin_requisition, mark_expired, mark_failed, mark_linked, record_link
from farthing.state.queries import linked_accounts, requisition_by_reference, requisitions

pytestmark = pytest.mark.integration

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)

type Begin = Callable[..., Requisition]
type Write = Callable[[Session, UUID], object]


@pytest.fixture
def begin(new_session: sessionmaker[Session]) -> Begin:
    """Begin a requisition on a day counted from the first."""

    def build(*, day: int = 0, institution_id: str = "BANK_ONE") -> Requisition:
        with new_session.begin() as session:
            return begin_requisition(
                session,
                provider="gocardless",
                institution_id=institution_id,
                institution_name=institution_id.replace("_", " ").title(),
                history_days=90 + day,
                access_days=180,
                created_at=NOON + day * DAY,
            )

    return build


@pytest.fixture
def link(new_session: sessionmaker[Session], begin: Begin) -> Callable[..., Requisition]:
    """Begin a requisition and have it open accounts, on the same day."""

    def build(*account_ids: str, day: int = 0, institution_id: str = "BANK_ONE") -> Requisition:
        requisition_id = begin(day=day, institution_id=institution_id).id
        at = NOON + day * DAY
        with new_session.begin() as session:
            return mark_linked(
                session,
                requisition_id=requisition_id,
                account_ids=account_ids,
                linked_at=at,
                expires_at=at + 180 * DAY,
            )

    return build


def test_begins_with_a_reference_of_its_own(begin: Begin) -> None:
    first, second = begin(), begin()
    assert first.status is RequisitionStatus.CREATED
    assert first.reference != second.reference
    assert len(first.reference) >= 32
    assert first.account_ids == []


def test_goes_from_begun_to_linked(new_session: sessionmaker[Session], begin: Begin) -> None:
    begun = begin()
    with new_session.begin() as session:
        record_link(
            session,
            requisition_id=begun.id,
            provider_requisition_id="theirs",
            agreement_id="agreed",
            link="https://bank.test/consent",
        )
    with new_session.begin() as session:
        mark_linked(
            session, requisition_id=begun.id, account_ids=["b", "a", "b"], linked_at=NOON, expires_at=NOON + DAY
        )
    with new_session() as session:
        found = requisition_by_reference(session, begun.reference)
    assert (found.id, found.status) == (begun.id, RequisitionStatus.LINKED)
    assert (found.provider_requisition_id, found.agreement_id) == ("theirs", "agreed")
    assert found.link == "https://bank.test/consent"
    assert found.account_ids == ["b", "a"]
    assert (found.linked_at, found.expires_at) == (NOON, NOON + DAY)


def test_replaces_the_accounts_when_linked_again(
    new_session: sessionmaker[Session], link: Callable[..., Requisition]
) -> None:
    linked = link("a", "b", "c")
    with new_session.begin() as session:
        mark_linked(
            session, requisition_id=linked.id, account_ids=["c", "d", "a"], linked_at=NOON + DAY, expires_at=None
        )
    with new_session() as session:
        found = requisition_by_reference(session, linked.reference)
    assert found.account_ids == ["c", "d", "a"]
    assert (found.linked_at, found.expires_at) == (NOON + DAY, None)


def test_says_why_one_failed(new_session: sessionmaker[Session], begin: Begin) -> None:
    begun = begin()
    with new_session.begin() as session:
        mark_failed(session, requisition_id=begun.id, failure="The bank refused.")
    with new_session() as session:
        found = requisition_by_reference(session, begun.reference)
        assert linked_accounts(session) == []
    assert (found.status, found.failure) == (RequisitionStatus.FAILED, "The bank refused.")


@pytest.mark.parametrize(
    ("noticed_after", "ended_after"),
    [
        pytest.param(3 * DAY, 3 * DAY, id="withdrawn-early"),
        pytest.param(200 * DAY, 180 * DAY, id="noticed-late"),
    ],
)
def test_ends_access(
    new_session: sessionmaker[Session],
    link: Callable[..., Requisition],
    noticed_after: timedelta,
    ended_after: timedelta,
) -> None:
    linked = link("a")
    with new_session.begin() as session:
        mark_expired(session, requisition_id=linked.id, expired_at=NOON + noticed_after)
    with new_session() as session:
        assert linked_accounts(session) == []
        found = requisition_by_reference(session, linked.reference)
    assert (found.status, found.expires_at) == (RequisitionStatus.EXPIRED, NOON + ended_after)
    assert found.account_ids == ["a"]


def test_lists_each_linked_account_once_under_its_newest_requisition(
    new_session: sessionmaker[Session], link: Callable[..., Requisition], begin: Begin
) -> None:
    old = link("x", "y", day=0)
    other = link("z", day=1, institution_id="BANK_TWO")
    new = link("y", "w", day=2)
    begin(day=3)
    with new_session() as session:
        found = linked_accounts(session)
    assert [(account.account_id, account.requisition_id) for account in found] == [
        ("x", old.id),
        ("y", new.id),
        ("z", other.id),
        ("w", new.id),
    ]
    assert asdict(found[2]) == {
        "provider": "gocardless",
        "account_id": "z",
        "institution_id": "BANK_TWO",
        "institution_name": "Bank Two",
        "requisition_id": other.id,
        "history_days": 91,
        "linked_at": NOON + DAY,
        "expires_at": NOON + 181 * DAY,
    }


def test_falls_back_to_the_older_requisition_when_the_newer_expires(
    new_session: sessionmaker[Session], link: Callable[..., Requisition]
) -> None:
    old, new = link("a", day=0), link("a", day=1)
    with new_session.begin() as session:
        mark_expired(session, requisition_id=new.id, expired_at=NOON + 2 * DAY)
    with new_session() as session:
        assert [account.requisition_id for account in linked_accounts(session)] == [old.id]


def test_lists_all_requisitions_oldest_first(
    new_session: sessionmaker[Session], link: Callable[..., Requisition], begin: Begin
) -> None:
    second, first = begin(day=1), link("a", day=0)
    with new_session() as session:
        found = requisitions(session)
    assert [(requisition.id, requisition.account_ids) for requisition in found] == [(first.id, ["a"]), (second.id, [])]


def test_knows_no_other_reference(new_session: sessionmaker[Session]) -> None:
    with new_session() as session, pytest.raises(RequisitionNotFoundError) as caught:
        requisition_by_reference(session, "guessed-at")
    assert "guessed-at" not in str(caught.value)


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(
            lambda session, id_: record_link(
                session, requisition_id=id_, provider_requisition_id="p", agreement_id=None, link="l"
            ),
            id="record-link",
        ),
        pytest.param(
            lambda session, id_: mark_linked(
                session, requisition_id=id_, account_ids=[], linked_at=NOON, expires_at=None
            ),
            id="mark-linked",
        ),
        pytest.param(lambda session, id_: mark_failed(session, requisition_id=id_, failure="no"), id="mark-failed"),
        pytest.param(
            lambda session, id_: mark_expired(session, requisition_id=id_, expired_at=NOON), id="mark-expired"
        ),
    ],
)
def test_refuses_to_write_to_an_unknown_requisition(new_session: sessionmaker[Session], write: Write) -> None:
    with new_session() as session, pytest.raises(RequisitionNotFoundError, match="farthing connect"):
        write(session, uuid4())


def test_commits_nothing_by_itself(new_session: sessionmaker[Session], begin: Begin) -> None:
    begun = begin()
    with new_session() as session:
        mark_failed(session, requisition_id=begun.id, failure="no")
        session.rollback()
    with new_session() as session:
        assert requisition_by_reference(session, begun.reference).status is RequisitionStatus.CREATED


def test_has_no_linked_requisition_without_a_time(new_session: sessionmaker[Session], begin: Begin) -> None:
    begun = begin()
    with new_session() as session:
        session.get_one(Requisition, begun.id).status = RequisitionStatus.LINKED
        with pytest.raises(IntegrityError):
            session.flush()


def test_drops_the_accounts_with_their_requisition(
    new_session: sessionmaker[Session], link: Callable[..., Requisition]
) -> None:
    linked = link("a", "b")
    with new_session.begin() as session:
        session.execute(delete(Requisition).where(Requisition.id == linked.id))
        assert session.scalar(select(func.count()).select_from(RequisitionAccount)) == 0
