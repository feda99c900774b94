from decimal import Decimal

import pytest

from farthing.explore.money import AmountError, format_change, format_money, locale_of, read_amount


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "expected"),
    [
        ("1234.5", "EUR", "en_GB", "€1,234.50"),
        ("-1234.5", "EUR", "de_DE", "-1.234,50\xa0€"),
        ("1234", "JPY", "en_GB", "JP¥1,234"),
        ("1.2345", "XTS", "en_GB", "XTS\xa01.23"),
        ("-5", "NOK", "en_IE", "-NOK\xa05.00"),
    ],
)
def test_writes_money_as_the_country_does(amount: str, currency: str, locale: str, expected: str) -> None:
    assert format_money(Decimal(amount), currency, locale=locale) == expected


def test_gives_a_change_its_sign() -> None:
    assert [format_change(Decimal(each), "GBP") for each in ("1", "-1", "0")] == ["+£1.00", "-£1.00", "£0.00"]


@pytest.mark.parametrize(
    ("country", "expected"), [("DE", "de_DE"), ("IE", "en_IE"), ("GB", "en_GB"), (None, "en_GB"), ("XX", "en_GB")]
)
def test_names_the_locale_of_a_country(country: str | None, expected: str) -> None:
    assert locale_of(country) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("-900", "-900"), ("12,50", "12.50"), (" 1 200.5 ", "1200.5"), ("−3", "-3"), ("", "0")]
)
def test_reads_an_amount_as_it_is_typed(text: str, expected: str) -> None:
    assert read_amount(text) == Decimal(expected)


@pytest.mark.parametrize("text", ["much", "1.2.3", "1e5", "0.12345", "-"])
def test_says_how_to_write_an_amount(text: str) -> None:
    with pytest.raises(AmountError, match=r"Write it as -900"):
        read_amount(text)
