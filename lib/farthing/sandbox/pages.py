"""The bank's consent page."""

from html import escape

from farthing.sandbox.households import Account
from farthing.sandbox.institutions import Institution
from farthing.sandbox.state import Agreement

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#eef2f4, #14191c); }
main { box-sizing: border-box; width: min(30rem, 100vw); padding: 2rem; border-radius: 12px;
  background: light-dark(#fff, #1e2529); box-shadow: 0 2px 16px #0002; }
h1 { margin: 0 0 .25rem; font-size: 1.35rem; }
.note { margin: 0 0 1rem; color: light-dark(#56646b, #9fb0b8); font-size: .9rem; }
ul { margin: .5rem 0 1.25rem; padding: 0; list-style: none; }
li { padding: .6rem 0; border-bottom: 1px solid light-dark(#e2e8eb, #33404a); }
li span { display: block; color: light-dark(#56646b, #9fb0b8); font-size: .85rem; font-variant-numeric: tabular-nums; }
form { display: flex; gap: .75rem; flex-wrap: wrap; }
button { flex: 1; padding: .7rem 1rem; border-radius: 8px; font: inherit; cursor: pointer;
  border: 1px solid #0b6b63; background: transparent; color: inherit; }
button.main { background: #0b6b63; color: #fff; }
"""


def consent_page(bank: Institution, agreement: Agreement, accounts: list[Account]) -> str:
    """Return the page that asks an account holder to consent, as HTML."""
    rows = "".join(
        f"<li>{escape(account.name)}<span>{escape(account.iban or account.masked_pan or '')}</span></li>"
        for account in accounts
    )
    asked = escape(", ".join(agreement.access_scope))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(bank.name)}: share your accounts</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{escape(bank.name)}</h1>
<p class="note">A sandbox: the bank and all in it are invented.</p>
<p>Farthing asks to read the <strong>{asked}</strong> of these accounts, with the last
<strong>{agreement.max_historical_days} days</strong> of history,
for <strong>{agreement.access_valid_for_days} days</strong>. It cannot move money.</p>
<ul>{rows}</ul>
<form method="post">
<button class="main" name="decision" value="authorise">Authorise</button>
<button name="decision" value="cancel">Cancel</button>
</form>
</main>
</body>
</html>
"""
