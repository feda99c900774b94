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
    chosen: dict[UUID, tuple[str, list[str]]] = {}  # by link: the user, and the accounts ticked so far

    @router.get("/psd2/start/{link_id}/{institution_id}")
    async def start(request: Request, link_id: UUID, institution_id: str) -> Response:
        requisition = _requisition(link_id, institution_id)
        if requisition.status not in OPEN:
            return go_back(requisition.redirect, requisition.reference, "RequisitionLinkReused")
        bank.requisitions.proceed(requisition, "GC")
        return show(request, requisition)

    @router.post("/psd2/start/{link_id}/{institution_id}")
    async def decide(
        request: Request,
        link_id: UUID,
        institution_id: str,
        said: Annotated[Said, Form()],
    ) -> Response:
        requisition = _requisition(link_id, institution_id)
        if requisition.status not in OPEN:
            return go_back(requisition.redirect, requisition.reference, "RequisitionLinkReused")
        if said.decision == "cancel":
            return fail(requisition, "UserCancelledSession")
        if said.decision in FAILURES:
            return fail(requisition, said.decision)
        if said.decision == "authorise":
            return link(requisition, user=said.user, ticked=said.account)
        if said.decision != "continue":
            raise field_refusal(decision=[f"Say authorise, cancel, continue or one of {', '.join(FAILURES)}."])
        if requisition.status == "UA" and requisition.ssn and not said.ssn_matches:
            return fail(requisition, "SSNVerificationFailed")
        remembered, ticked = chosen.get(link_id, ("", []))
        chosen[link_id] = (said.user or remembered, said.account or ticked)
        selects = requisition.status == "UA" and requisition.account_selection
        bank.requisitions.proceed(requisition, "SA" if selects else _NEXT.get(requisition.status, "GA"))
        return show(request, requisition)

    def show(request: Request, requisition: Requisition) -> Response:
        institution = bank.directory.once(requisition.institution_id)
        user, ticked = chosen.get(requisition.link_id, ("", []))
        accounts = bank.books.accounts(institution.key, user=user)
        words = {
            "bank": institution,
            "agreement": bank.agreements.get(requisition.agreement),
            "accounts": [each for each in accounts if not ticked or each.key in ticked],
            "requisition": requisition,
            "failures": FAILURES,
            "user": user,
            "stage": requisition.status,
        }
        return templates.TemplateResponse(request, _PAGES[requisition.status], words, headers=PAGE_HEADERS)

    def link(requisition: Requisition, *, user: str, ticked: list[str]) -> Response:
        remembered, before = chosen.pop(requisition.link_id, ("", []))
        accounts, ticked = _accounts(requisition, user or remembered), ticked or before
        keys = [account.key for account in accounts if not ticked or account.key in ticked]
        bank.requisitions.authorise(requisition, keys)
        return go_back(requisition.redirect, requisition.reference)

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

    def _accounts(requisition: Requisition, user: str) -> list[Account]:
        return bank.books.accounts(bank.directory.once(requisition.institution_id).key, user=user)

    return router
