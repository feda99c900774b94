"""Account numbers that pass the checksum and can belong to nobody: bank codes are zeros or ``ZZZZ``."""

# Country: the bank code, and how many digits follow it (the account number, right-aligned).
_SHAPES = {
    "AT": ("00000", 11),
    "BE": ("000", 9),
    "DE": ("00000000", 10),
    "DK": ("0000", 10),
    "EE": ("00", 14),
    "ES": ("00000000", 12),
    "FR": ("0000000000", 13),
    "GB": ("ZZZZ000000", 8),
    "GL": ("0000", 10),
    "GR": ("0000000", 16),
    "IE": ("ZZZZ000000", 8),
    "IT": ("Z0000000000", 12),
    "LU": ("000", 13),
    "NL": ("ZZZZ", 10),
    "NO": ("0000", 7),
    "PL": ("00000000", 16),
    "RO": ("ZZZZ", 16),
    "SE": ("000", 17),
}


def fictitious_iban(country: str, number: int) -> str:
    """Return the IBAN of an account number at a bank that does not exist.

    :param number: the account number; its last digits are taken where a country has fewer.
    """
    bank, digits = _SHAPES[country]
    return _with_check_digits(country, f"{bank}{number % 10**digits:0{digits}}")


def has_valid_checksum(text: str) -> bool:
    """Say whether an IBAN's check digits fit its other characters."""
    return _remainder(text[4:] + text[:4]) == 1


def _with_check_digits(country: str, bban: str) -> str:
    check = 98 - _remainder(f"{bban}{country}00")
    return f"{country}{check:02}{bban}"


def _remainder(text: str) -> int:
    return int("".join(str(int(character, 36)) for character in text)) % 97
