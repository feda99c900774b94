"""The demo's own part: a sandbox secret, and a person who says yes on the bank's consent page."""

import os
import re
import secrets

import httpx

from farthing.errors import FarthingError
from farthing.settings import Settings
from farthing.stack.embedded import read_or_make

BANKS = ("NORDLICHT_NOLIDEZZ", "HARBOUR_HBRSIEZZ")


class ConsentPageError(FarthingError):
    """The sandbox bank's page did not answer as expected."""


def sandbox_values(settings: Settings) -> dict[str, str]:
    """Give the settings that point at the sandbox bank; its secret is made on first use and kept.

    They go into the environment too, where they win over a real secret in ``.env``: the demo never calls GoCardless.
    """
    made = {"SECRET_ID": "sandbox", "SECRET_KEY": secrets.token_urlsafe(24)}
    secret = read_or_make(settings.home / "sandbox" / "secret.env", made)
    values = {
        "FARTHING_GOCARDLESS_URL": f"http://127.0.0.1:{settings.sandbox_port}/api/v2/",
        "FARTHING_GOCARDLESS_SECRET_ID": secret["SECRET_ID"],
        "FARTHING_GOCARDLESS_SECRET_KEY": secret["SECRET_KEY"],
    }
    os.environ |= values
    return values


def link_through_the_browser(settings: Settings, institution_id: str) -> None:
    """Link a bank as a person does: our connect page, the bank's consent page, our callback.

    :raises ConsentPageError: if a page on the way refuses.
    """
    web = f"http://127.0.0.1:{settings.web_port}"
    with httpx.Client(timeout=60, follow_redirects=True) as browser:
        page = browser.post(f"{web}/connect", data={"institution_id": institution_id}, headers={"Origin": web})
        _expect_ok(page)
        form = re.search(r'<form[^>]*action="([^"]*)"', page.text)
        target = page.url.join(form.group(1)) if form and form.group(1) else page.url
        _expect_ok(browser.post(target, data={"decision": "authorise"}))


def _expect_ok(page: httpx.Response) -> None:
    if page.is_error:
        raise ConsentPageError(f"The page {page.url.path} answered {page.status_code}: see the logs in .farthing/logs.")
