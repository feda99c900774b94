"""Situations in which the API refuses, each with the answer that is documented for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.unit.sandbox.world import BRITISH, HARBOUR, KLOMPEN, NOBODY, NORDIC, NORDLICHT, POLISH, World

OLD, NEW = "SOBREMESA_SOBRESZZ", "SIESTA_SIESESZZ"
REQUIRED = ["This field is required."]
SCOPES = "['balances', 'details', 'transactions']"

type Sending = Callable[[World], httpx.Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A situation, and the answer to the call that ends it: what is in braces is one of :attr:`World.names`."""

    section: str
    what: str
    send: Sending
    status: int
    body: Any
    headers: Mapping[str, str | None] = field(default_factory=dict)


def _usual(status: int, summary: str, detail: str, **others: object) -> dict[str, object]:
    return {"summary": summary, "detail": detail, "status_code": status, **others}


def _field(name: str, summary: str, detail: str, *, status: int = 400, listed: bool = False) -> dict[str, object]:
    told = {"summary": summary, "detail": detail}
    return {name: [told] if listed else told, "status_code": status}


def _at_bank(status: int, detail: str, kind: str | None, scope: str = "balances") -> dict[str, object]:
    typed = {"type": kind} if kind else {}
    return _usual(status, f"Couldn't update account {scope}", detail, **typed)


def _case(section: str, what: str, status: int, body: Any, send: Sending, **headers: str | None) -> Case:
    return Case(section=section, what=what, send=send, status=status, body=body, headers=headers)


def _spent(world: World) -> httpx.Response:
    for _ in range(4):
        assert world.data().status_code == 200
    world.clock.advance(hours=1)
    return world.data()


def _busy(world: World) -> httpx.Response:
    path = f"accounts/{world.account}/"
    while (answer := world.get(path)).status_code == 200:
        pass
    return answer


def _taken(world: World) -> httpx.Response:
    vars(world)["linked"] = world.require(agreement=world.agreement).json()
    return world.require(agreement=world.agreement)


def _named_twice(world: World) -> httpx.Response:
    assert world.require(reference="mine").status_code == 201
    return world.require(reference="mine")


def _accepted_twice(world: World) -> httpx.Response:
    path, body = f"agreements/enduser/{world.agreement}/accept/", {"user_agent": "test", "ip_address": "192.0.2.7"}
    world.act("allow", may_accept=True)
    assert world.ask("PUT", path, body).status_code == 200
    return world.ask("PUT", path, body)


def _renamed(world: World) -> httpx.Response:
    agreement = world.agree(institution_id=OLD).json()["id"]
    world.act("set_time", to="2027-01-02T00:00:00Z").later()
    return world.require(institution_id=NEW, agreement=agreement)


def _deleted(world: World) -> httpx.Response:
    assert world.data().status_code == 200
    assert world.ask("DELETE", f"requisitions/{world.linked['id']}/").status_code == 200
    return world.data()


def _second_consent(world: World) -> httpx.Response:
    bank = "WABENBANK_WABEDEZZ"
    first = world.api.connect(bank)["accounts"][0]
    assert world.get(f"accounts/{first}/balances/").status_code == 200
    world.api.connect(bank)
    return world.get(f"accounts/{first}/balances/")


def _confirmed(world: World) -> httpx.Response:
    agreement = world.british["agreement"]
    url = world.later(days=80).reconfirm(agreement).json()["reconfirmation_url"]
    world.api.http.post(url, data={"account": world.british["accounts"]})
    return world.reconfirm(agreement)


def _not_accepted(world: World) -> httpx.Response:
    terms = {"institution_id": BRITISH, "access_valid_for_days": 180, "reconfirmation": True}
    vars(world)["british"] = {"agreement": world.agree(**terms).json()["id"]}
    return world.reconfirm(world.british["agreement"])


def _not_linked(world: World) -> httpx.Response:
    """Accept by API what no requisition uses, and let it be confirmed."""
    terms = {"institution_id": BRITISH, "access_valid_for_days": 180, "reconfirmation": True}
    vars(world)["agreement"] = world.agree(**terms).json()["id"]
    world.act("allow", may_accept=True)
    path = f"agreements/enduser/{world.agreement}/accept/"
    world.ask("PUT", path, {"user_agent": "test", "ip_address": "192.0.2.7"})
    return world.reconfirm(world.agreement)


def _unconfirmed(world: World) -> httpx.Response:
    vars(world)["linked"] = world.api.connect(BRITISH, access_valid_for_days=180, reconfirmation=True)
    return world.later(days=91).data()


def _ten_failures(world: World) -> httpx.Response:
    world.act("break", fault="UnknownRequestError", account=world.account, times=10)
    assert {world.data().status_code for _ in range(10)} == {500}
    return world.data()


def _early(world: World) -> httpx.Response:
    """Ask for what was not agreed."""
    vars(world)["linked"] = world.api.connect(HARBOUR, access_scope=["details"])
    assert world.data("details").status_code == 200
    return world.data()


def _broken(fault: str, **fields: object) -> Sending:
    return lambda world: world.act("break", fault=fault, account=world.account, **fields).data()


_INVALID = _usual(401, "Invalid token", "Token is invalid or expired")
_DENIED = _usual(403, "IP address access denied", "Your IP testclient isn't whitelisted to perform this action")
_NOT_FOUND = _usual(404, "Not found.", "Not found.")
_UNKNOWN_QUERY = _usual(400, "Unknown fields", "Unknown fields {{colour}} in {{query}}")
_UNKNOWN_BANK = "Get Institution IDs from /institutions/?country={{$COUNTRY_CODE}}"
_LIMITED = "The rate limit for this resource is {}. Please try again in {} seconds"
_QUOTA = _usual(402, "Payment Required", "Free usage limit exceeded")
_STOPPED = _usual(
    503, f"Institution {HARBOUR} is not operational", "Institution is currently unavailable, please try again later"
)
_EXPIRED = (
    "End User Agreement (EUA) {agreed} has expired",
    "EUA was valid for 180 days and it expired at 2026-09-14 09:30:00+00:00. "
    "The end user must connect the account once more with new EUA and Requisition",
)
_REVOKED = _at_bank(
    401, "Access has expired or it has been revoked. To restore access reconnect the account.", "AccessExpiredError"
)
_SUSPENDED = _usual(
    409,
    "Account suspended",
    "This account or its requisition was suspended due to numerous errors that occurred while accessing it.",
)
_DEPENDENCIES = "Institution access scope dependencies error"
_ID = "{} is not a valid {} UUID. "

CASES = [
    # 1. Conventions
    _case("1", "unknown query of institutions", 400, _UNKNOWN_QUERY, lambda w: w.get("institutions/?colour=red")),
    _case("1", "unknown query of requisitions", 400, _UNKNOWN_QUERY, lambda w: w.get("requisitions/?colour=red")),
    _case("1", "unknown field", 400, _usual(400, "Unknown fields", "Unknown fields {{colour}} in {{body}}"),
          lambda w: w.require(colour="red")),
    _case("1", "a method that is not served", 405, _usual(405, "Method Not Allowed", "Method Not Allowed"),
          lambda w: w.ask("PUT", "requisitions/")),
    _case("1", "a path that is not there", 404, _NOT_FOUND, lambda w: w.get(f"accounts/premium/{NOBODY}/details/")),
    # 2. Authentication
    _case("2", "wrong secrets", 401,
          _usual(401, "Authentication failed", "No active account found with the given credentials"),
          lambda w: w.ask("POST", "token/new/", {"secret_id": "x", "secret_key": "y"})),
    _case("2", "no secrets", 400, {"secret_id": REQUIRED, "secret_key": REQUIRED, "status_code": 400},
          lambda w: w.ask("POST", "token/new/", {})),
    _case("2", "a wrong refresh token", 401, _INVALID, lambda w: w.ask("POST", "token/refresh/", {"refresh": "stale"})),
    _case("2", "a wrong bearer", 401, _INVALID, lambda w: w.ask("GET", "institutions/", Authorization="Bearer x")),
    _case("2", "no bearer", 401, _INVALID, lambda w: w.ask("GET", "institutions/", Authorization="")),
    _case("2", "a bearer of yesterday", 401, _INVALID, lambda w: w.later(signs_in=False, days=1).get("institutions/")),
    _case("2", "another address, for a token", 403, _DENIED,
          lambda w: w.act("allow", addresses=["192.0.2.1"]).ask("POST", "token/new/", {})),
    _case("2", "another address, for data", 403, _DENIED,
          lambda w: (w.account, w.act("allow", addresses=[]).data())[1]),
    # 3. Institutions
    _case("3", "no such country", 400, _usual(400, "Invalid country choice.", "US is not a valid choice."),
          lambda w: w.get("institutions/?country=US")),
    _case("3", "no such country, as of 2024", 400,
          _field("country", "Invalid country choice.", "US is not a valid choice."),
          lambda w: w.act("break", fault="OldWording", scope="institutions").get("institutions/?country=US")),
    _case("3", "no such bank", 404, _NOT_FOUND, lambda w: w.get("institutions/NOBODY/")),
    _case("3", "neither true nor false", 400,
          {"card_accounts_supported": ["Must be a valid boolean."], "status_code": 400},
          lambda w: w.get("institutions/?card_accounts_supported=2")),
    # 4. End user agreements
    _case("4", "no bank", 400, {"institution_id": REQUIRED, "status_code": 400},
          lambda w: w.ask("POST", "agreements/enduser/", {})),
    _case("4", "fields of wrong kinds", 400,
          {"max_historical_days": ["A valid integer is required."],
           "access_valid_for_days": ["A valid integer is required."],
           "access_scope": ["Expected a list of items."], "status_code": 400},
          lambda w: w.agree(max_historical_days="many", access_valid_for_days=1.5, access_scope="details")),
    _case("4", "no such bank", 400, _field("institution_id", "Unknown Institution ID NOBODY", _UNKNOWN_BANK),
          lambda w: w.agree(institution_id="NOBODY")),
    _case("4", "no such scope", 400,
          _field("access_scope", "Unknown value 'money' in access_scope", f"Choose one or several from {SCOPES}",
                 listed=True),
          lambda w: w.agree(access_scope=["money"])),
    _case("4", "no scope", 400,
          _field("access_scope", "Field 'access_scope' may not be an empty list.",
                 f"Please choose one or several of {SCOPES}.", listed=True),
          lambda w: w.agree(access_scope=[])),
    _case("4", "scopes that go together", 400,
          _field("access_scope", _DEPENDENCIES,
                 "For this institution the following scopes are required together: ['details', 'balances']",
                 listed=True),
          lambda w: w.agree(institution_id=POLISH, access_scope=["details"])),
    _case("4", "a mandatory scope", 400,
          _field("access_scope", _DEPENDENCIES,
                 "The following scopes are mandatory for this institution: ['transactions']", listed=True),
          lambda w: w.act("limit_scopes", institution=HARBOUR, mandatory=["transactions"]).agree(
              access_scope=["balances"])),
    _case("4", "unsupported scopes", 400,
          _field("access_scope", "Unsupported access scope selected.",
                 "The access scopes supported by the institution are ['transactions']. "
                 "The following scopes are not supported: ['balances', 'details']", listed=True),
          lambda w: w.act("limit_scopes", institution=HARBOUR, supported=["transactions"]).agree()),
    _case("4", "too much history and access", 400,
          {**_field("max_historical_days", "Incorrect max_historical_days",
                    f"max_historical_days must be > 0 and <= {HARBOUR} transaction_total_days (730)"),
           **_field("access_valid_for_days", "Incorrect access_valid_for_days",
                    "access_valid_for_days must be > 0 and <= 180")},
          lambda w: w.agree(max_historical_days=731, access_valid_for_days=181)),
    _case("4", "no reconfirmation here", 400,
          _field("reconfirmation", "Reconfirmation not supported", f"Reconfirmation not supported for {HARBOUR}"),
          lambda w: w.agree(reconfirmation=True)),
    _case("4", "no reconfirmation for so short a time", 400,
          _field("reconfirmation", "Reconfirmation is not allowed",
                 "Reconfirmation is not allowed when access_valid_for_days <= 90 days."),
          lambda w: w.agree(institution_id=BRITISH, reconfirmation=True)),
    _case("4", "no permission for reconfirmation", 403,
          _usual(403, "", "You do not have permission to enable reconfirmation."),
          lambda w: w.act("allow", may_reconfirm=False).agree(
              institution_id=BRITISH, reconfirmation=True, access_valid_for_days=180)),
    _case("4", "quota", 402, _QUOTA, lambda w: w.act("allow", connections=0).agree()),
    _case("4", "maintenance", 503, _STOPPED, lambda w: w.act("stop_consents", institution=HARBOUR).agree()),
    _case("4", "no UUID", 400, _usual(400, "Invalid EndUserAgreement ID", _ID.format("abc", "EndUserAgreement")),
          lambda w: w.get("agreements/enduser/abc/")),
    _case("4", "no such agreement", 404, _NOT_FOUND, lambda w: w.get(f"agreements/enduser/{NOBODY}/")),
    _case("4", "accepting", 403,
          _usual(403, "Insufficient permissions",
                 "Your company doesn't have permission to accept EUA. "
                 "You'll have to use our default form for this action."),
          lambda w: w.ask("PUT", f"agreements/enduser/{w.agreement}/accept/",
                          {"user_agent": "test", "ip_address": "192.0.2.7"})),
    _case("4", "accepting twice", 405,
          _usual(405, "EUA cannot be accepted more than once",
                 "End User Agreements cannot be accepted more than once"), _accepted_twice),
    _case("4", "deleting", 200,
          {"summary": "End User Agreement deleted", "detail": "End User Agreement {agreement} deleted"},
          lambda w: w.ask("DELETE", f"agreements/enduser/{w.agreement}/")),
    _case("4", "deleting what was accepted", 400,
          _usual(400, "Cannot delete End User Agreement",
                 "The agreement was accepted. Delete its requisition instead"),
          lambda w: w.ask("DELETE", f"agreements/enduser/{w.linked['agreement']}/")),
    _case("4", "reconfirming what needs none", 400,
          _usual(400, "Reconfirmation is not enabled.", "Reconfirmation is not enabled for agreement '{agreement}'."),
          lambda w: w.reconfirm(w.agreement)),
    _case("4", "reconfirming what nobody accepted", 400,
          _usual(400, "End user agreement needs to be accepted.", "EUA '{british}' is not accepted."),
          _not_accepted),
    _case("4", "reconfirming without accounts", 400,
          _usual(400, "No accounts linked.", "For associated requisition '', there are no accounts linked."),
          _not_linked),
    _case("4", "reconfirming, and then nowhere", 400,
          _field("redirect", "Invalid redirect URI", "Redirect URI must have a valid URI structure", listed=True),
          lambda w: w.reconfirm(w.british["agreement"], redirect="nowhere")),
    _case("4", "reconfirming too late", 400,
          _usual(400, "Reconfirmation requested after acceptance period.",
                 "For EUA '{british}' reconfirmation period was until 2026-06-30 09:30:00.000000."),
          lambda w: (w.british, w.later(days=105).reconfirm(w.british["agreement"]))[1]),
    _case("4", "reconfirming again", 400,
          _usual(400, "No accounts left to reconfirm.",
                 "For EUA '{british}' with access valid for 180 days "
                 "there are no accounts left to reconfirm after 2026-06-30 09:30:00.000000."), _confirmed),
    _case("4", "reconfirming without permission", 403,
          _usual(403, "", "You do not have permission to perform this action."),
          lambda w: (w.british, w.act("allow", may_reconfirm=False).reconfirm(w.british["agreement"]))[1]),
    _case("4", "no reconfirmation yet", 404, _NOT_FOUND,
          lambda w: w.get(f"agreements/enduser/{w.british['agreement']}/reconfirm/")),
    # 5. Requisitions
    _case("5", "nothing", 400, {"redirect": REQUIRED, "institution_id": REQUIRED, "status_code": 400},
          lambda w: w.ask("POST", "requisitions/", {})),
    _case("5", "fields of wrong kinds", 400,
          {"institution_id": ["This field may not be blank."], "redirect": ["This field may not be null."],
           "reference": ["Ensure this field has no more than 256 characters."], "ssn": ["Not a valid string."],
           "account_selection": ["Must be a valid boolean."], "status_code": 400},
          lambda w: w.require(
              institution_id="", redirect=None, reference=257 * "x", ssn=7, account_selection="perhaps")),
    _case("5", "a reference of another", 400,
          _field("reference", "Client reference must be unique", "Client reference: mine already exists"),
          _named_twice),
    _case("5", "no such language", 400,
          _field("user_language", "Provided user_language is invalid or not supported",
                 "'xx' is an invalid or unsupported language"), lambda w: w.require(user_language="xx")),
    _case("5", "an agreement that is no UUID", 400,
          _field("agreement", "Invalid EndUserAgreement ID",
                 "abc is not a valid EndUserAgreement UUID.  "
                 "Please specify valid agreement from /api/agreements/enduser/ or create a new one", listed=True),
          lambda w: w.require(agreement="abc")),
    _case("5", "no such agreement", 404,
          _field("agreement", f"ID {NOBODY} not found", "Please check whether you specified a valid ID", status=404),
          lambda w: w.require(agreement=NOBODY)),
    _case("5", "an agreement of another bank", 400,
          _field("agreement", f"Incorrect Institution ID {NORDLICHT}",
                 f"Provided Institution ID: '{NORDLICHT}' for requisition does not match EUA institution ID "
                 f"'{HARBOUR}'. Please provide correct institution ID: '{HARBOUR}'"),
          lambda w: w.require(institution_id=NORDLICHT, agreement=w.agreement)),
    _case("5", "an agreement of a bank that was renamed", 400,
          _field("agreement", f"Unknown Institution ID {OLD}", _UNKNOWN_BANK, listed=True), _renamed),
    _case("5", "an agreement of another requisition", 400,
          _field("agreement", "Agreement {agreement} is already associated",
                 "The agreement is already associated with requisition {requisition}. "
                 "Please provide a valid agreement or use a different requisition.", listed=True), _taken),
    _case("5", "nowhere to come back to", 400,
          _field("redirect", "Redirect URL is required",
                 "Where an end user will be redirected after finishing authentication in the Institution", listed=True),
          lambda w: w.require(redirect="")),
    _case("5", "no address to come back to", 400,
          _field("redirect", "Invalid redirect URI", "Redirect URI must have a valid URI structure", listed=True),
          lambda w: w.require(redirect="nowhere")),
    _case("5", "no numbers of people here", 400,
          _field("ssn", "SSN verification not supported", f"SSN verification not supported for {HARBOUR}", listed=True),
          lambda w: w.require(ssn="1")),
    _case("5", "a number of people that is none", 400,
          _field("ssn", "verified not allowed", "'ssn' contains verified", listed=True),
          lambda w: w.require(institution_id=NORDIC, ssn="verified")),
    _case("5", "no choice of accounts here", 400,
          _field("account_selection", "Account selection not supported",
                 f"Account selection not supported for {KLOMPEN}"),
          lambda w: w.require(institution_id=KLOMPEN, account_selection=True)),
    _case("5", "no such bank", 400, _field("institution_id", "Unknown Institution ID NOBODY", _UNKNOWN_BANK),
          lambda w: w.require(institution_id="NOBODY")),
    _case("5", "quota", 402, _QUOTA, lambda w: w.act("allow", connections=0).require()),
    _case("5", "maintenance", 503, _STOPPED, lambda w: w.act("stop_consents", institution=HARBOUR).require()),
    _case("5", "no UUID", 404, _NOT_FOUND, lambda w: w.get("requisitions/abc/")),
    _case("5", "no such requisition", 404, _NOT_FOUND, lambda w: w.ask("DELETE", f"requisitions/{NOBODY}/")),
    _case("5", "deleting", 200,
          {"summary": "Requisition deleted",
           "detail": "Requisition {requisition} deleted with all its End User Agreements"},
          lambda w: w.ask("DELETE", f"requisitions/{w.linked['id']}/")),
    _case("5", "a second consent where one is allowed", 401, _REVOKED, _second_consent),
    # 6. Accounts
    _case("6", "no such account", 404, _usual(404, *["No Account matches the given query."] * 2),
          lambda w: w.get(f"accounts/{NOBODY}/")),
    _case("6", "no such account, for data", 404,
          _usual(404, f"Account ID {NOBODY} not found", "Please check whether you specified a valid Account ID"),
          lambda w: w.get(f"accounts/{NOBODY}/transactions/")),
    _case("6", "no UUID", 400, _usual(400, "Invalid Account ID", _ID.format("abc", "Account")),
          lambda w: w.get("accounts/abc/")),
    _case("6", "days to come", 400,
          {**_field("date_from", "Date can't be in future",
                    "'2026-03-20' can't be greater than 2026-03-18. Specify correct date range"),
           **_field("date_to", "Date can't be in future",
                    "'2026-04-20' can't be greater than 2026-03-18. Specify correct date range")},
          lambda w: w.data("transactions", "?date_from=2026-03-20&date_to=2026-04-20")),
    _case("6", "days in the wrong order", 400,
          _usual(400, "Incorrect date range",
                 "Starting date '2026-03-10' is greater than end date '2026-03-01'. "
                 "When specifying date range, starting date must precede the end date"),
          lambda w: w.data("transactions", "?date_from=2026-03-10&date_to=2026-03-01")),
    # 7. Rate limits
    _case("7", "too many calls in a minute", 429,
          _usual(429, "Rate limit exceeded", _LIMITED.format("100/minute", 60)), _busy,
          http_x_ratelimit_limit="100", http_x_ratelimit_remaining="0", http_x_ratelimit_reset="60"),
    _case("7", "too many calls, when a test wants it", 429,
          _usual(429, "Rate limit exceeded", _LIMITED.format("300/minute", 7)),
          lambda w: w.act("break", fault="RateLimitExceeded", scope="institutions", seconds=6.5).get("institutions/"),
          http_x_ratelimit_remaining="0", http_x_ratelimit_reset="7"),
    _case("7", "four calls a day", 429, _usual(429, "Rate limit exceeded", _LIMITED.format("4/day", 82800)), _spent,
          http_x_ratelimit_limit="100", http_x_ratelimit_account_success_limit="4",
          http_x_ratelimit_account_success_remaining="0", http_x_ratelimit_account_success_reset="82800"),
    _case("7", "four calls a day, without headers", 429,
          _usual(429, "Rate limit exceeded", _LIMITED.format("4/day", 82800)),
          lambda w: (w.act("break", fault="NoHeaders"), _spent(w))[1],
          http_x_ratelimit_limit=None, http_x_ratelimit_account_success_reset=None),
    _case("7", "reset some time ago", 429, _usual(429, "Rate limit exceeded", _LIMITED.format("4/day", 82800)),
          lambda w: (w.act("break", fault="NegativeReset"), _spent(w))[1],
          http_x_ratelimit_reset="-60", http_x_ratelimit_account_success_reset="-82800"),
    _case("7", "the bank's own limit", 429,
          _at_bank(429, "Daily request limit set by the Institution has been exceeded.", "RateLimitError"),
          _broken("RateLimitError"),
          http_x_ratelimit_limit="100", http_x_ratelimit_account_success_limit=None),
    _case("7", "headers in another spelling", 404, _NOT_FOUND,
          lambda w: w.act("break", fault="OtherHeaders", scope="requisitions").get(f"requisitions/{NOBODY}/"),
          **{"x-ratelimit-limit": "300", "http_x_ratelimit_limit": None}),
    # 8. Errors
    _case("8", "a consent whose time is over", 401, _usual(401, *_EXPIRED),
          lambda w: (w.account, w.later(days=180).data())[1]),
    _case("8", "a consent whose time is over, as of 2024", 400, _usual(400, *_EXPIRED),
          lambda w: (w.act("break", fault="OldWording", account=w.account), w.later(days=180).data())[1]),
    _case("8", "a consent that was revoked", 401, _REVOKED,
          lambda w: w.act("revoke", requisition=w.linked["id"]).data()),
    _case("8", "a consent that was not confirmed", 401, _REVOKED, _unconfirmed),
    _case("8", "an account that was closed", 401,
          _at_bank(401, "Account has been deactivated or it no longer exists.", "AccountInactiveError"),
          lambda w: w.act("close", account=w.account).data()),
    _case("8", "a scope that was not agreed", 403,
          _usual(403, "End User Agreement (EUA) access scope error",
                 "EUA doesn't allow access to account balances. "
                 "Check EUA access scope. Or create new EUA with correct access scope"), _early),
    _case("8", "a requisition that was deleted", 403,
          _usual(403, "No valid End User Agreement",
                 "Account exists but there is no valid End User Agreement permitting you to access it"), _deleted),
    _case("8", "rights that the user lacks", 403,
          _at_bank(403, "Access to account is forbidden. The user might not have the necessary permissions.",
                   "AccountAccessForbidden"), _broken("AccountAccessForbidden")),
    _case("8", "data that never come", 403,
          _at_bank(403, "The requested resource is unavailable for this account. "
                        "Certain resources may be restricted or unsupported for specific accounts.",
                   "AccountResourceUnavailable"), _broken("AccountResourceUnavailable")),
    _case("8", "ten failures", 409, _SUSPENDED, _ten_failures),
    _case("8", "an account that is suspended", 409, _SUSPENDED,
          lambda w: w.act("suspend", account=w.account).data()),
    _case("8", "an account whose state forbids it", 409,
          {"id": "{account}", "created": "2026-03-18 09:30:00.000000+00:00", "last_accessed": None,
           "iban": "IE04ZZZZ00000031000001", "aspsp_identifier": HARBOUR, "status": "EXPIRED"},
          _broken("AccountState", status="EXPIRED")),
    _case("8", "an account that is being delivered", 409,
          _usual(409, "Account is processing", "Account data is currently being processed.", type="AccountProcessing"),
          lambda w: w.act("process", account=w.account).data()),
    _case("8", "an error of the bank", 500,
          _at_bank(500, "Request to Institution returned an error", "UnknownRequestError"),
          _broken("UnknownRequestError")),
    _case("8", "an error of GoCardless", 500,
          _at_bank(500, "Something went terribly wrong on our side - please contact support and provide error id: "
                        + "0" * 32, None), _broken("OurSide")),
    _case("8", "a bank that is down", 503, _at_bank(503, "Institution service unavailable", "ServiceError"),
          _broken("ServiceError")),
    _case("8", "a bank that cannot be reached", 503,
          _at_bank(503, "Couldn't connect to Institution", "ConnectionError"), _broken("ConnectionError")),
    _case("8", "a page in between", 502,
          "<html><head><title>502 Server Error</title></head><body>upstream</body></html>",
          lambda w: w.act("break", fault="NotJson", scope="agreements").agree()),
    _case("8", "nothing in between", 504, "",
          lambda w: w.act("break", fault="Empty", scope="metadata").get(f"accounts/{w.account}/")),
    _case("8", "wrong fields as plain texts", 400,
          {"redirect": "This field is required.", "institution_id": "This field is required.", "status_code": 400},
          lambda w: w.act("break", fault="PlainFields", scope="requisitions").ask("POST", "requisitions/", {})),
    _case("8", "a wrong field as a plain text", 400,
          {"reconfirmation": f"Reconfirmation not supported for {HARBOUR}", "status_code": 400},
          lambda w: w.act("break", fault="PlainFields", scope="all").agree(reconfirmation=True)),
    _case("8", "lists as summary and detail", 404,
          {"summary": ["Not found."], "detail": ["Not found."], "status_code": 404},
          lambda w: w.act("break", fault="ListedErrors", scope="requisitions").get(f"requisitions/{NOBODY}/")),
    _case("8", "no status in the body", 401,
          {"summary": "Authentication failed", "detail": "No active account found with the given credentials"},
          lambda w: w.act("break", fault="NoStatusCode", scope="token").ask(
              "POST", "token/new/", {"secret_id": "x", "secret_key": "y"})),
]  # fmt: skip


def in_words(body: Any, names: Mapping[str, str]) -> Any:
    """Put what a situation has made into an expected body."""
    match body:
        case str():
            return body.format(**names)
        case dict():
            return {name: in_words(part, names) for name, part in body.items()}
        case list():
            return [in_words(part, names) for part in body]
    return body
