"""Clients that others wrote complete the whole flow: the vendor's own, and one of another project."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from requests import HTTPError

from tests.integration.sandbox.conftest import REDIRECT, SECRET_ID, SECRET_KEY, Served

nordigen = pytest.importorskip("nordigen", reason="the vendor's client is not installed")
beancount = pytest.importorskip("beancount_gocardless", reason="the other client is not installed")

pytestmark = pytest.mark.integration
BANK = "GELATERIA_GELAITZZ"


@pytest.fixture
def vendors(served: Served) -> Any:
    """The vendor's own client, which leaves slashes off and sends everything as JSON."""
    client = nordigen.NordigenClient(secret_id=SECRET_ID, secret_key=SECRET_KEY, base_url=served.url, timeout=60)
    client.generate_token()
    return client


@pytest.fixture
def beancounts(served: Served, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A third party's client, which sends everything as forms and reads answers into models."""
    monkeypatch.setattr(beancount.GoCardlessClient, "BASE_URL", served.url)
    return beancount.GoCardlessClient(SECRET_ID, SECRET_KEY, cache_options={"backend": "memory"})


def test_the_vendors_client_completes_the_flow(served: Served, vendors: Any) -> None:
    assert vendors.institution.get_institution_id_by_name("IT", "gelateria") == BANK
    session = vendors.initialize_session(REDIRECT, BANK, str(uuid.uuid4()), max_historical_days=365)
    assert served.consent(session.link).startswith(f"{REDIRECT}?ref=")
    requisition = vendors.requisition.get_requisition_by_id(session.requisition_id)
    assert requisition["status"] == "LN"
    account = vendors.account_api(requisition["accounts"][0])
    assert account.get_metadata()["status"] == "READY"
    assert account.get_details()["account"]["currency"] == "EUR"
    assert {"closingBooked"} <= {each["balanceType"] for each in account.get_balances()["balances"]}
    booked = account.get_transactions()["transactions"]["booked"]
    assert len(booked) > 500
    renewed = vendors.exchange_token(nordigen_refresh(vendors))
    assert "refresh" not in renewed
    with pytest.raises(HTTPError, match="404"):
        account.get_premium_balances()
    deleted = vendors.requisition.delete_requisition(session.requisition_id)
    assert deleted["summary"] == "Requisition deleted"
    with pytest.raises(HTTPError, match="No valid End User Agreement"):
        account.get_balances()


def test_the_vendors_client_may_not_accept(vendors: Any) -> None:
    agreement = vendors.agreement.create_agreement(BANK)
    assert vendors.agreement.get_agreement_by_id(agreement["id"]) == agreement
    with pytest.raises(HTTPError, match="Insufficient permissions"):
        vendors.agreement.accept_agreement(agreement["id"], ip="192.0.2.7", user_agent="test")
    assert vendors.agreement.delete_agreement(agreement["id"])["summary"] == "End User Agreement deleted"


def test_another_projects_client_completes_the_flow(served: Served, beancounts: Any) -> None:
    assert "Banca Gelateria" in beancounts.list_banks("IT")
    agreement = beancounts.create_agreement(BANK, 200, 90, ["balances", "details", "transactions"])
    assert agreement.access_scope == ["balances", "details", "transactions"]
    reference = str(uuid.uuid4())
    made = beancounts.create_requisition(REDIRECT, BANK, reference, agreement=agreement.id)
    served.consent(made.link)
    requisition = beancounts.find_requisition_by_reference(reference)
    assert (requisition.status, len(requisition.accounts)) == ("LN", 3)
    account_id = requisition.accounts[0]
    assert beancounts.get_account(account_id).status == "READY"
    balances = beancounts.get_account_balances(account_id).balances
    assert all(Decimal(each.balance_amount.amount).is_finite() for each in balances)
    booked = beancounts.get_account_transactions(account_id).transactions["booked"]
    assert len(booked) > 300
    assert all(each.internal_transaction_id for each in booked)
    assert beancounts.delete_requisition(requisition.id)["summary"] == "Requisition deleted"


def test_the_admin_api_speaks_on_its_own_port_only(served: Served) -> None:
    public = served.url.removesuffix("/api/v2")
    assert served.browser.post(f"{public}/actions", json={"action": "mend"}).status_code == 404
    assert served.browser.get(f"{served.admin}/api/v2/institutions/").status_code == 404
    served.act("mend")


def nordigen_refresh(client: Any) -> str:
    """Get a refresh token; the client keeps none."""
    return str(client.generate_token()["refresh"])
