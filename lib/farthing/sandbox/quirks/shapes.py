"""Shapes that a strict model would refuse."""

from farthing.sandbox.quirks.told import Told
from farthing.sandbox.wire import Document


def _wrong_iban(document: Document, told: Told) -> list[Document]:
    """Change the last digit of others' IBANs."""
    changed = dict(document)
    for name in ("creditorAccount", "debtorAccount"):
        account = changed.get(name)
        if isinstance(account, dict) and account.get("iban") and told.merchant is not None:
            iban = str(account["iban"])
            changed[name] = {"iban": iban[:-1] + str((int(iban[-1]) + 1) % 10)}
    return [changed]


def _plain(document: Document, told: Told) -> list[Document]:
    """Give accounts as text, a bare balance now and then, and of some entries nothing but the amount."""
    if told.one_in(40):
        return [{"transactionAmount": document["transactionAmount"]}]
    changed = dict(document)
    for name in ("creditorAccount", "debtorAccount"):
        if isinstance(changed.get(name), dict):
            changed[name] = f"000-{told.entry.entry_id.int % 10_000_000:07}-00"
    if told.one_in(7):
        changed["balanceAfterTransaction"] = f"{told.entry.entry_id.int % 1000}.00"
    return [changed]


BOOKED = {49: _wrong_iban, 51: _plain}
