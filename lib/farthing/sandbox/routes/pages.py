"""The consent pages in a person's browser, one for each stage; their secret is the link's id."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, Field

from farthing.sandbox.bank import Bank
from farthing.sandbox.household import Account
from farthing.sandbox.refusals import field_refusal, not_found
from farthing.sandbox.requisitions import OPEN
from farthing.sandbox.routes.redirects import FAILURES, PAGE_HEADERS, REJECTING, go_back, templates
from farthing.sandbox.state import Requisition

_NEXT = {"CR": "GC", "GC": "UA", "UA": "GA", "SA": "GA"}
_PAGES = {"GC": "consent.html", "UA": "sign_in.html", "SA": "choose.html", "GA": "grant.html"}


class Said(BaseModel):
    """What a person says on a page: how to go on, and on some pages as whom and with which accounts."""

    decision: str
    user: Annotated[str, Field(max_length=64)] = ""
    account: list[str] = []
    ssn_matches: bool = True


def pages(bank: Bank) -> APIRouter:
    """Make the pages of a bank."""
    router = APIRouter()

    @router.get("/psd2/start/{link_id}/{institution_id}")
    async def start(request: Request, link_id: UUID, institution_id: str) -> Response:
        requisition = _requisition(link_id, institution_id)
        if requisition.status not in OPEN:
            return go_back(requisition.redirect, requisition.reference, "RequisitionLinkReused")
        bank.requisitions.proceed(requisition, "GC")
        return show(request, requisition)

    @router.post("/psd2/start/{link_id}/{institution_id}")
    async def decide(request: Request, link_id: UUID, institution_id: str, said: Annotated[Said, Form()]) -> Response:
        requisition = _requisition(link_id, institution_id)
        if requisition.status not in OPEN:
            return go_back(requisition.redirect, requisition.reference, "RequisitionLinkReused")
        if (error := _error(requisition, said)) is not None:
            return fail(requisition, error)
        requisition.user = said.user or requisition.user
        requisition.chosen = said.account or requisition.chosen
        if said.decision == "authorise":
            return link(requisition)
        if requisition.status != "SA" or said.account:  # at least one has to be chosen
            selects = requisition.status == "UA" and requisition.account_selection
            bank.requisitions.proceed(requisition, "SA" if selects else _NEXT.get(requisition.status, "GA"))
        return show(request, requisition)

    def show(request: Request, requisition: Requisition) -> Response:
        words = {
            "bank": bank.directory.once(requisition.institution_id),
            "agreement": bank.agreements.get(requisition.agreement),
            "accounts": chosen_accounts(requisition),
            "requisition": requisition,
            "failures": FAILURES,
        }
        return templates.TemplateResponse(request, _PAGES[requisition.status], words, headers=PAGE_HEADERS)

    def link(requisition: Requisition) -> Response:
        accounts = chosen_accounts(requisition)
        if not accounts:
            raise field_refusal(account=["The user has no such account at this bank."])
        bank.requisitions.authorise(requisition, [account.key for account in accounts])
        return go_back(requisition.redirect, requisition.reference)

    def chosen_accounts(requisition: Requisition) -> list[Account]:
        institution, chosen = bank.directory.once(requisition.institution_id), requisition.chosen
        accounts = bank.books.accounts(institution.key, user=requisition.user)
        return [account for account in accounts if not chosen or account.key in chosen]

    def fail(requisition: Requisition, error: str) -> Response:
        """Go back with an error; what the person or the bank refused uses the link up, what broke does not."""
        if error in REJECTING:
            bank.requisitions.reject(requisition)
        return go_back(requisition.redirect, requisition.reference, error)

    def _requisition(link_id: UUID, institution_id: str) -> Requisition:
        requisition = bank.requisitions.of_link(link_id)
        if requisition is None or requisition.institution_id != institution_id:
            raise not_found()
        return requisition

    return router


def _error(requisition: Requisition, said: Said) -> str | None:
    """Return the error that ends a session, None if it goes on.

    :raises Refusal: if what was said is not understood.
    """
    if said.decision in FAILURES:
        return said.decision
    match said.decision:
        case "cancel":
            return "UserCancelledSession"
        case "continue" if requisition.status == "UA" and requisition.ssn and not said.ssn_matches:
            return "SSNVerificationFailed"
        case "continue" | "authorise":
            return None
    raise field_refusal(decision=[f"Say authorise, cancel, continue or one of {', '.join(FAILURES)}."])
