import pytest

from farthing.explore.locales import read_locales

ACCOUNTS = [
    ("berlin", "DE", "EUR"),
    ("cork", "IE", "EUR"),
    ("galway", "IE", "EUR"),
    ("oslo", None, "NOK"),
    ("unknown", None, None),
]


def test_an_account_is_written_as_its_country_does_or_its_currency_s() -> None:
    assert read_locales(ACCOUNTS, chosen=None).of == {
        "berlin": "de_DE",
        "cork": "en_IE",
        "galway": "en_IE",
        "oslo": "nb_NO",
        "unknown": "en_GB",
    }


@pytest.mark.parametrize(
    ("currency", "accounts", "expected"),
    [
        pytest.param("EUR", (), "en_IE", id="as-most-accounts-of-the-currency"),
        pytest.param("EUR", ("berlin",), "de_DE", id="as-the-account-that-is-chosen"),
        pytest.param("EUR", ("berlin", "cork"), "de_DE", id="as-the-first-of-as-many"),
        pytest.param("NOK", (), "nb_NO", id="as-the-one-account"),
        pytest.param("CHF", (), "de_CH", id="as-the-country-of-a-currency-without-accounts"),
        pytest.param("XAU", (), "en_GB", id="as-nobody"),
    ],
)
def test_amounts_of_several_are_written_as_most_of_them_are(
    currency: str, accounts: tuple[str, ...], expected: str
) -> None:
    assert read_locales(ACCOUNTS, chosen=None).for_all(currency, accounts) == expected


def test_the_owners_choice_is_for_all_of_them() -> None:
    locales = read_locales(ACCOUNTS, chosen="fr_FR")
    assert set(locales.of.values()) == {"fr_FR"}
    assert locales.for_all("NOK", ["cork"]) == "fr_FR"
