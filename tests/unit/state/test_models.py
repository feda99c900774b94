"""What the models show of themselves."""

from datetime import UTC, datetime
from uuid import UUID

from farthing.state.models import Requisition, RequisitionAccount, RequisitionStatus

ID = UUID("00000000-0000-4000-8000-000000000001")


def test_shows_no_reference_or_link() -> None:
    requisition = Requisition(
        id=ID,
        provider="gocardless",
        reference="canary-reference",
        link="https://bank.test/canary-link",
        institution_id="BANK",
        status=RequisitionStatus.CREATED,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert "canary" not in repr(requisition)
    assert "institution_id='BANK', status=created" in repr(requisition)


def test_shows_which_account_of_which_requisition() -> None:
    account = RequisitionAccount(requisition_id=ID, account_id="a")
    assert repr(account) == f"RequisitionAccount(requisition_id={ID}, account_id='a')"
