"""How amounts are written: by the rules of an account's country, with as many decimals as the currency has."""

import re
from decimal import Decimal
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.numbers import format_compact_currency, format_currency, get_decimal_symbol, get_group_symbol

from farthing.errors import FarthingError

HOME_LOCALE = "en_GB"


class AmountError(FarthingError):
    """What was typed is no amount; the message gives examples."""


def format_money(amount: Decimal, currency: str, *, locale: str = HOME_LOCALE) -> str:
    """Write an amount with its currency, as ``€1,234.50`` or ``1.234,50 €``.

    :param currency: ISO 4217 code; one that is unknown is written as it is.
    """
    return _spaced(format_currency(amount, currency, locale=locale, group_separator=True))


def format_change(amount: Decimal, currency: str, *, locale: str = HOME_LOCALE) -> str:
    """Write an amount with its sign, also where it is positive."""
    return f"{'+' if amount > 0 else ''}{format_money(amount, currency, locale=locale)}"


def format_short(amount: Decimal, currency: str, *, locale: str = HOME_LOCALE) -> str:
    """Write an amount in few characters, as ``€12K``, for the axes of charts."""
    return _spaced(format_compact_currency(amount, currency, locale=locale, fraction_digits=0))


def _spaced(text: str) -> str:
    """Part a code of letters from the number after it, as CLDR asks for and Babel does not: ``NOK 5``."""
    return re.sub(r"(?<=[^\W\d_])(?=\d)", "\N{NO-BREAK SPACE}", text)


def read_amount(text: str) -> Decimal:
    """Read an amount as people type it, with a point or a comma before at most four decimals; nothing is zero.

    :raises AmountError: if it is none.
    """
    plain = "".join(text.split()).replace("−", "-")
    if not plain:
        return Decimal()
    if not re.fullmatch(r"[+-]?\d{1,12}([.,]\d{1,4})?", plain, re.ASCII):
        raise AmountError("That is no amount. Write it as -900 or 12.50.")
    return Decimal(plain.replace(",", "."))


@cache
def locale_of(country: str | None) -> str:
    """Name the locale in which most of a country writes.

    :param country: ISO 3166 code of two letters; our own locale where it is null or unknown.
    """
    if not country or len(country) != 2 or not country.isalpha():
        return HOME_LOCALE
    try:
        locale = Locale.parse(f"und_{country.upper()}")
    except (UnknownLocaleError, ValueError):
        return HOME_LOCALE
    return f"{locale.language}_{locale.territory}"


def number_signs(locale: str) -> dict[str, object]:
    """Give the decimal and thousands signs of a locale, as d3 wants them for the axes of charts."""
    return {
        "decimal": get_decimal_symbol(locale),
        "thousands": get_group_symbol(locale),
        "grouping": [3],
        "currency": ["", ""],
        "minus": "-",  # as amounts have it
    }
