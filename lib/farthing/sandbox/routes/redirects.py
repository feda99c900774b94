"""What all pages share: their templates and headers, and the ways back to the client."""

from pathlib import Path
from urllib.parse import urlencode, urlsplit

from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates

templates = Jinja2Templates(Path(__file__).parent.parent / "templates")
_AGAIN = "while trying to connect to the institution, please try again."
FAILURES = {
    "UserCancelledSession": "User cancelled the session.",
    "UserSessionRejected": "User session rejected due to incorrect credentials or a business exception.",
    "SSNVerificationFailed": "SSN verification failed.",
    "InstitutionTechnicalError": f"A technical error occurred {_AGAIN}",
    "InstitutionTimeoutError": f"A timeout occurred {_AGAIN}",
    "GoCardlessTechnicalError": "A technical error occurred at GoCardless, please try again.",
    "CompanyRequisitionLimitReached": "The company's limit of requisitions has been reached.",
    "UnknownError": "An unknown error occurred.",
    "RequisitionLinkReused": "This link has already been used for authorization and is no longer valid.",
}
REJECTING = frozenset({"UserCancelledSession", "UserSessionRejected", "SSNVerificationFailed"})
PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


def go_back(redirect: str, reference: str, error: str | None = None) -> RedirectResponse:
    """Send the browser back to the client, with the reference and perhaps an error."""
    outcome = {"error": error, "details": FAILURES[error]} if error else {}
    query = urlencode({"ref": reference, **outcome})
    address = urlsplit(redirect)
    joined = address._replace(query=f"{address.query}&{query}" if address.query else query)
    return RedirectResponse(joined.geturl(), status_code=302, headers=PAGE_HEADERS)
