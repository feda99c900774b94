"""Requisitions and the accounts they open, on a real Postgres."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from farthing.state.errors import RequisitionNotFoundError
from farthing.state.models import Purpose, Requisition, RequisitionAccount, RequisitionStatus
from farthing.state.operations import (
    begin_requisition,
    expire_lapsed,
    expire_refused,
    mark_ended,
    mark_expired,
    mark_failed,
    mark_linked,
    mark_reconfirmed,
    record_link,
)
from farthing.state.queries import linked_accounts, requisition_by_reference, requisitions

pytestmark = pytest.mark.integration

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)

type Begin = Callable[..., Requisition]
type Write = Callable[[Session, UUID], object]


@pytest.fixture
def begin(new_session: sessionmaker[Session]) -> Begin:
    """Begin a requisition on a day counted from the first."""

    def build(*, day: int = 0, institution_id: str = "BANK_ONE", **options: Any) -> Requisition:
        with new_session.begin() as session:
            return begin_requisition(
                session,
                provider="gocardless",
                institution_id=institution_id,
                institution_name=institution_id.replace("_", " ").title(),
                history_days=90 + day,
                access_days=180,
                created_at=NOON + day * DAY,
                **options,
            )

    return build


@pytest.fixture
def link(new_session: sessionmaker[Session], begin: Begin) -> Callable[..., Requisition]:
    """Begin a requisition and have it open accounts, on the same day."""

    def build(
        *account_ids: str,
        day: int = 0,
        institution_id: str = "BANK_ONE",
        identities: dict[str, str | None] | None = None,
        purpose: Purpose = Purpose.ONGOING,
        renews_id: UUID | None = None,
    ) -> Requisition:
        requisition_id = begin(day=day, institution_id=institution_id, purpose=purpose, renews_id=renews_id).id
        at = NOON + day * DAY
        with new_session.begin() as session:
            return mark_linked(
                session,
                requisition_id=requisition_id,
                identities=dict.fromkeys(account_ids) | (identities or {}),
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
            history_days=89,
            access_days=90,
        )
    with new_session.begin() as session:
        mark_linked(
            session, requisition_id=begun.id, identities={"b": "x", "a": None}, linked_at=NOON, expires_at=NOON + DAY
        )
    with new_session() as session:
        found = requisition_by_reference(session, begun.reference)
    assert (found.id, found.status) == (begun.id, RequisitionStatus.LINKED)
    assert (found.provider_requisition_id, found.agreement_id) == ("theirs", "agreed")
    assert found.link == "https://bank.test/consent"
    assert found.account_ids == ["b", "a"]
    assert (found.history_days, found.access_days) == (89, 90)
    assert (found.linked_at, found.expires_at) == (NOON, NOON + DAY)


def test_replaces_the_accounts_when_linked_again(
    new_session: sessionmaker[Session], link: Callable[..., Requisition]
) -> None:
    linked = link("a", "b", "c")
    with new_session.begin() as session:
        mark_linked(
            session, requisition_id=linked.id, identities=dict.fromkeys("cda"), linked_at=NOON + DAY, expires_at=None
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
        "purpose": Purpose.ONGOING,
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
                session,
                requisition_id=id_,
                provider_requisition_id="p",
                agreement_id=None,
                link="l",
                history_days=1,
                access_days=1,
            ),
            id="record-link",
        ),
        pytest.param(
            lambda session, id_: mark_linked(
                session, requisition_id=id_, identities={}, linked_at=NOON, expires_at=None
            ),
            id="mark-linked",
        ),
        pytest.param(lambda session, id_: mark_failed(session, requisition_id=id_, failure="no"), id="mark-failed"),
        pytest.param(
            lambda session, id_: mark_expired(session, requisition_id=id_, expired_at=NOON), id="mark-expired"
        ),
        pytest.param(lambda session, id_: mark_ended(session, requisition_id=id_, ended_at=NOON), id="mark-ended"),
        pytest.param(lambda session, id_: mark_reconfirmed(session, requisition_id=id_), id="mark-reconfirmed"),
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


@pytest.mark.parametrize(
    ("links", "read"),
    [
        pytest.param([{"a": "x"}, {"b": "x"}], ["b"], id="the-newest-link-of-an-account"),
        pytest.param([{"a": "x"}, {"a": "x"}], ["a"], id="the-same-id-again"),
        pytest.param([{"a": "x", "b": "x"}], ["a", "b"], id="two-currencies-under-one-iban"),
        pytest.param([{"a": None}, {"b": None}], ["a", "b"], id="nothing-tells-that-they-are-one"),
        pytest.param([{"a": "x", "b": "y"}, {"c": "y"}], ["a", "c"], id="the-others-of-the-older-link-stay"),
    ],
)
def test_reads_an_account_that_was_linked_twice_once(
    new_session: sessionmaker[Session],
    link: Callable[..., Requisition],
    links: list[dict[str, str | None]],
    read: list[str],
) -> None:
    for day, identities in enumerate(links):
        link(*identities, day=day, identities=identities)
    with new_session() as session:
        assert [account.account_id for account in linked_accounts(session)] == read


def test_reads_a_long_history_beside_what_is_new(
    new_session: sessionmaker[Session], link: Callable[..., Requisition]
) -> None:
    link("long", identities={"long": "x"}, purpose=Purpose.HISTORY)
    link("new", day=1, identities={"new": "x"})
    with new_session() as session:
        found = [(account.account_id, account.purpose) for account in linked_accounts(session)]
    assert found == [("long", Purpose.HISTORY), ("new", Purpose.ONGOING)]


def test_a_renewal_takes_the_place_of_what_it_renews(
    new_session: sessionmaker[Session], link: Callable[..., Requisition]
) -> None:
    first = link("card")
    link("card-anew", day=1, renews_id=first.id)
    with new_session() as session:
        assert [account.account_id for account in linked_accounts(session)] == ["card-anew"]
        assert requisition_by_reference(session, first.reference).status is RequisitionStatus.REPLACED


def test_expires_what_lapsed_and_nothing_else(
    new_session: sessionmaker[Session], link: Callable[..., Requisition]
) -> None:
    link("old")
    link("new", day=1)
    with new_session.begin() as session:
        assert expire_lapsed(session, now=NOON + 180 * DAY) == 1
    with new_session() as session:
        assert [account.account_id for account in linked_accounts(session)] == ["new"]


@pytest.mark.parametrize(
    ("refusing", "closed", "left"),
    [
        pytest.param({"a": 2, "b": 2}, set(), ["c"], id="all-accounts-refuse"),
        pytest.param({"a": 1, "b": 2}, set(), ["c"], id="one-after-the-other"),
        pytest.param({"a": 2}, {"b"}, ["c"], id="all-but-a-closed-one-refuse"),
        pytest.param({"a": 2}, set(), ["a", "b", "c"], id="one-account-refuses"),
        pytest.param({"a": -1, "b": 2}, set(), ["a", "b", "c"], id="one-refused-under-an-earlier-consent"),
        pytest.param({}, {"a", "b"}, ["a", "b", "c"], id="all-are-closed"),
        pytest.param({}, set(), ["a", "b", "c"], id="none-refuses"),
    ],
)
def test_expires_a_consent_all_of_whose_accounts_refuse(
    new_session: sessionmaker[Session],
    link: Callable[..., Requisition],
    refusing: dict[str, int],
    closed: set[str],
    left: list[str],
) -> None:
    link("a", "b")
    link("c", day=1)
    refused = {account_id: NOON + day * DAY for account_id, day in refusing.items()}
    with new_session.begin() as session:
        expire_refused(session, provider="gocardless", refused=refused, closed=closed, noticed_at=NOON + 2 * DAY)
    with new_session() as session:
        assert [account.account_id for account in linked_accounts(session)] == left


def test_an_ended_consent_is_read_no_more(new_session: sessionmaker[Session], link: Callable[..., Requisition]) -> None:
    linked = link("a")
    with new_session.begin() as session:
        mark_ended(session, requisition_id=linked.id, ended_at=NOON + DAY)
    with new_session() as session:
        assert linked_accounts(session) == []
        ended = requisition_by_reference(session, linked.reference)
    assert (ended.status, ended.expires_at) == (RequisitionStatus.ENDED, NOON + DAY)
