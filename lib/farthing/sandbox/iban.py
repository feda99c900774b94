"""Account numbers that pass the checksum and can belong to nobody: bank codes are zeros or ``ZZZZ``."""


def iban(country: str, bban: str) -> str:
    """Put the ISO 7064 mod-97 check digits between a country and its basic account number."""
    check = 98 - _remainder(f"{bban}{country}00")
    return f"{country}{check:02}{bban}"


def german_iban(number: int) -> str:
    """Return a German IBAN with the bank code 000 000 00.

    :param number: the account number, at most ten digits.
    """
    return iban("DE", f"{0:08}{number:010}")


def irish_iban(number: int) -> str:
    """Return an Irish IBAN with the bank code ZZZZ and the sort code 00-00-00.

    :param number: the account number, at most eight digits.
    """
    return iban("IE", f"ZZZZ{0:06}{number:08}")


def greenlandic_iban(number: int) -> str:
    """Return a Greenlandic IBAN with the bank code 0000, as GoCardless's own sandbox bank has them.

    :param number: the account number, at most ten digits.
    """
    return iban("GL", f"{0:04}{number:010}")


def has_valid_checksum(text: str) -> bool:
    """Say whether an IBAN's check digits fit its other characters."""
    return _remainder(text[4:] + text[:4]) == 1


def _remainder(text: str) -> int:
    return int("".join(str(int(character, 36)) for character in text)) % 97
