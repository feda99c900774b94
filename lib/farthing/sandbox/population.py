"""Households by number: any of them is made on its own, so ten thousand need no more memory than one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache, cached_property
from random import Random

from farthing.sandbox.habits import Habit, Interest, Invoices, Kind, Regular, Settlement, Transfer, Trip
from farthing.sandbox.household import Account, Household
from farthing.sandbox.iban import fictitious_iban
from farthing.sandbox.institutions import BANKS, Institution
from farthing.sandbox.locales import LOCALES, Locale
from farthing.sandbox.merchants import Category, Merchant
from farthing.sandbox.movements import LEDGER_START

HOUSEHOLDS_A_BANK = 10_000
_SHOPS = (
    Category.GROCERIES, Category.GROCERIES, Category.CAFE, Category.RESTAURANT, Category.FUEL, Category.TRANSPORT,
    Category.PHARMACY, Category.CLOTHES, Category.HOME, Category.CINEMA, Category.CASH,
)  # fmt: skip
_FIRMS = (
    Category.RENT, Category.ENERGY, Category.TELECOM, Category.INSURANCE, Category.GYM, Category.STREAMING,
    Category.STREAMING, Category.EMPLOYER, Category.EMPLOYER,
)  # fmt: skip
_GHOSTS = 3
_LAST_STEP = 8 * 12  # months after that, beyond which no price changes any more
_HARDLY = (0.03, 0.03, 0.03, 0.05, 0.06, 0.12, 0.05)


def household(bank: Institution, number: int, *, seed: int) -> Household:
    """Make a household at a bank: a current and a savings account, and a card where the bank has cards.

    Every fifth one is a freelancer's, with invoices in place of a salary. A bank with ghost accounts has some more.

    :param number: from 0 to :data:`HOUSEHOLDS_A_BANK` less one.
    """
    return _Maker(bank, number, seed).household()


class _Maker:
    """One household in the making: its own dice, scaled to its country's prices."""

    def __init__(self, bank: Institution, number: int, seed: int) -> None:
        self._bank, self._number = bank, number
        self._country = bank.countries[0]
        self._locale: Locale = LOCALES[self._country]
        self._dice = Random(f"{seed}/{bank.key}/{number}")  # noqa: S311 - made-up people
        self._salary = Decimal(self._dice.randint(2100, 4200))
        self._is_freelance = number % 5 == 4
        self._only_card = "Card" in bank.name or "Kort" in bank.name
        self._shops = [self._merchant(name, what) for name, what in zip(self._locale.shops, _SHOPS, strict=True)]
        self._firms = [self._merchant(name, what) for name, what in zip(self._locale.firms, _FIRMS, strict=True)]
        self._itself = self._merchant(bank.name, Category.BANK)

    def household(self) -> Household:
        owner, saved = self._locale.owner, self._price(self._salary * Decimal("0.13"), 0)
        owner = owner if self._number == 0 else f"{owner} {self._number}"
        savings_word, card_word = self._locale.words[4:6]
        current, savings = self._current(owner), self._savings(owner, saved)
        if self._only_card:
            elsewhere = replace(current, institution_id="")  # the account that pays the card is at a bank not shown
            card = self._card(owner)
            settled = (Settlement(source=current.key, card=card.key, day=26, text=card_word),)
            return Household(accounts=(elsewhere, card), settlements=settled)
        ghosts = self._ghosts(owner) if 35 in self._bank.quirks else ()
        dollars = self._dollars(owner) if 48 in self._bank.quirks else ()
        accounts: tuple[Account, ...] = (current, savings, *ghosts, *dollars)
        transfers = (Transfer(source=current.key, target=savings.key, day=2, amount=saved, text=savings_word),)
        if "card_accounts" not in self._bank.features:
            return Household(accounts=accounts, transfers=transfers)
        card = self._card(owner)
        settled = (Settlement(source=current.key, card=card.key, day=10, text=card_word),)
        return Household(accounts=(*accounts, card), transfers=transfers, settlements=settled)

    def _current(self, owner: str) -> Account:
        return Account(
            key=self._key("current"),
            institution_id=self._bank.key,
            resource_id=f"{self._number:05}-01",
            owner=owner,
            name="Current account",
            product="Current",
            cash_account_type="CACC",
            opening=self._price(self._salary * Decimal("1.4")),
            currency=self._locale.currency,
            credit_limit=self._price(Decimal(1000), 0),
            iban=self._iban(1),
            regulars=tuple(self._regulars()),
            habits=tuple(self._habits()),
            trips=(self._holiday,),
            invoices=tuple(self._invoices()),
        )

    def _savings(self, owner: str, saved: Decimal) -> Account:
        opening = self._price(Decimal(self._dice.randint(2000, 18000)), 0)
        rate = Decimal(self._dice.randint(5, 30)).scaleb(-3)
        word = self._locale.words[7]
        return Account(
            key=self._key("savings"),
            institution_id=self._bank.key,
            resource_id=f"{self._number:05}-02",
            owner=owner,
            name="Savings account",
            product="Savings",
            cash_account_type="SVGS",
            opening=opening,
            currency=self._locale.currency,
            iban=self._iban(2),
            interest=Interest(bank=self._itself, rate=rate, saved=saved, text=word),
        )

    def _dollars(self, owner: str) -> tuple[Account, ...]:
        """Make an account in another currency, which has no IBAN."""
        number = f"{self._number:05}-03"
        interest = Interest(bank=self._itself, rate=Decimal("0.004"), saved=Decimal(0), text=self._locale.words[7])
        dollars = Account(
            key=self._key("dollars"),
            institution_id=self._bank.key,
            resource_id=number,
            owner=owner,
            name="Dollar account",
            product="Foreign currency",
            cash_account_type="SVGS",
            opening=Decimal(800 + self._number % 4000).quantize(Decimal("0.01")),
            currency="USD",
            bban=f"ZZZZ{number.replace('-', '').zfill(16)}",
            interest=interest,
        )
        return (dollars,)

    def _card(self, owner: str) -> Account:
        clothes, online, cinema = self._shops[7:10]
        return Account(
            key=self._key("card"),
            institution_id=self._bank.key,
            resource_id=f"card-{self._number:05}",
            owner=owner,
            name="Credit card",
            product="Card",
            cash_account_type="CARD",
            opening=Decimal("0.00"),
            currency=self._locale.currency,
            credit_limit=self._price(Decimal(5000), 0),
            masked_pan=f"000000******{self._number % 10_000:04}",
            regulars=(
                self._regular(self._firms[5], Kind.CARD, 5, -12.99, "", *self._rises(-12.99, every=18)),
                self._regular(self._firms[6], Kind.CARD, 11, -10.99, "", ends=self._stop()),
            ),
            habits=(
                self._habit((online,), (0.4, 0.3, 0.3, 0.3, 0.3, 0.2, 0.5), 390, 6900),
                self._habit((clothes,), _HARDLY, 1500, 8900),
                self._habit((cinema,), _HARDLY, 1100, 1400, step=50, copies=2),
            ),
            trips=(self._holiday,),
        )

    def _ghosts(self, owner: str) -> tuple[Account, ...]:
        return tuple(
            Account(
                key=self._key(f"ghost{number}"),
                institution_id=self._bank.key,
                resource_id=f"{self._number:05}-{90 + number}",
                owner=owner,
                name=f"Jar {number}",
                product="Jar",
                cash_account_type="CACC",
                opening=Decimal("0.00"),
                currency=self._locale.currency,
                iban=self._iban(2 + number),
            )
            for number in range(1, _GHOSTS + 1)
        )

    def _regulars(self) -> Iterator[Regular]:
        landlord, energy, telecom, insurer, gym, _, _, employer, _ = self._firms
        salary, rent, bill, premium, _, _, fee, _ = self._locale.words
        pay = float(self._salary)
        if self._is_freelance:
            office, quarters = self._merchant(f"{self._locale.town} Tax Office", Category.TAX), frozenset({3, 6, 9, 12})
            yield self._regular(office, Kind.TRANSFER_OUT, 10, -round(pay * 0.75), "TAX {month}", months=quarters)
        else:
            rises = self._rises(pay, every=12, first=LEDGER_START)
            yield self._regular(employer, Kind.SALARY, 25, pay, salary + " {month}", *rises)
        yield self._regular(landlord, Kind.STANDING_ORDER, 1, -round(pay * 0.33), rent + " {month}")
        yield self._regular(energy, Kind.DEBIT, 3, -88.0, bill + " {month}", *self._rises(-88.0, every=12))
        yield self._regular(telecom, Kind.DEBIT, 8, -39.99, bill + " {month}")
        yield self._regular(gym, Kind.DEBIT, 2, -29.9, premium + " {month}", ends=self._stop())
        yield self._regular(insurer, Kind.DEBIT, 4, -212.4, premium + " {year}", months=frozenset({1}))
        yield self._regular(self._itself, Kind.FEE, 25, -3.9, fee + " {month}", months=frozenset({3, 6, 9, 12}))

    def _habits(self) -> Iterator[Habit]:
        grocer, other, cafe, canteen, fuel, transport, pharmacy, clothes, _, cinema, cash = self._shops
        yield self._habit((grocer, other), (0.4, 0.4, 0.4, 0.5, 0.9, 1.3, 0.1), 480, 4300)
        yield self._habit((cafe,), (0.6, 0.6, 0.6, 0.6, 0.7, 0.9, 0.7), 250, 640)
        yield self._habit((canteen,), (0.8, 0.8, 0.8, 0.8, 0.7, 0.1, 0), 590, 1150)
        yield self._habit((fuel,), (0.1, 0.05, 0.05, 0.1, 0.15, 0.15, 0.05), 2800, 6900)
        yield self._habit((transport,), (0.5, 0.5, 0.5, 0.5, 0.5, 0.3, 0.2), 180, 420, step=10)
        yield self._habit((pharmacy,), _HARDLY, 350, 2400)
        yield self._habit((clothes,), _HARDLY, 1500, 7900)
        yield self._habit((cinema,), _HARDLY, 1100, 1400, step=50, copies=2)
        yield self._habit((cash,), (0.05, 0.05, 0.05, 0.05, 0.1, 0.15, 0), 2000, 9000, step=1000, kind=Kind.CASH)

    def _invoices(self) -> Iterator[Invoices]:
        if self._is_freelance:
            pay = int(self._salary * self._locale.prices)
            low, high = pay // 4, pay * 3 // 4
            yield Invoices(
                clients=(self._firms[7], self._firms[8]), a_month=2.6, low=low, high=high, text="INV {year}-{number}"
            )

    @cached_property
    def _holiday(self) -> Trip:
        """The household's one holiday a year, which all of its accounts pay for."""
        abroad, currency = ("IT", "EUR") if self._locale.currency != "EUR" else ("GB", "GBP")
        names = LOCALES[abroad].shops
        merchants = tuple(self._merchant(names[i], _SHOPS[i], abroad) for i in (0, 2, 3))
        rate = self._locale.prices if currency == "EUR" else Decimal("1.16")
        month, first = self._dice.choice((6, 7, 8, 9)), self._dice.randint(1, 18)
        return Trip(
            month=month, first=first, last=first + 7, currency=currency, rate=rate,
            merchants=merchants, a_day=2, low=450, high=7200,
        )  # fmt: skip

    def _merchant(self, name: str, category: Category, country: str = "") -> Merchant:
        return _merchant(name, category, country or self._country)

    def _habit(
        self, merchants: tuple[Merchant, ...], week: tuple[float, ...], low: int, high: int,
        *, step: int = 1, copies: int = 1, kind: Kind = Kind.CARD,
    ) -> Habit:  # fmt: skip
        wealth = self._salary / 2200 if step == 1 else Decimal(1)
        low, high = (int(cents * self._locale.prices * wealth) for cents in (low, high))
        mon, tue, wed, thu, fri, sat, sun = week
        step = max(1, int(step * self._locale.prices)) if step < 1000 else step * (10 if self._locale.prices > 7 else 1)
        return Habit(
            merchants=merchants, week=(mon, tue, wed, thu, fri, sat, sun), low=low, high=high,
            step=step, copies=copies, kind=kind,
        )  # fmt: skip

    def _regular(
        self, payee: Merchant, kind: Kind, day: int, amount: float, text: str, *steps: tuple[date, float],
        months: frozenset[int] = frozenset(range(1, 13)), ends: date = date.max,
    ) -> Regular:  # fmt: skip
        raised = tuple((since, self._price(Decimal(str(new)))) for since, new in steps)
        first = self._price(Decimal(str(amount)))
        return Regular(payee=payee, kind=kind, day=day, amount=first, text=text, steps=raised, months=months, ends=ends)

    def _rises(self, amount: float, *, every: int, first: date | None = None) -> Iterator[tuple[date, float]]:
        """Raise an amount by some hundredths again and again.

        :param every: so many months apart.
        :param first: a day from which it rises after so many months; any month of the first such time if left out.
        """
        month = 0 if first else self._dice.randrange(every) - every
        while (month := month + every) < _LAST_STEP:
            amount = round(amount * (1 + self._dice.randint(2, 9) / 100), 2)
            yield _months_later(first or LEDGER_START, month), amount

    def _stop(self) -> date:
        """Choose the day before which something is given up; for every third, never."""
        months = self._dice.randint(12, _LAST_STEP)
        return date.max if self._dice.random() < 1 / 3 else _months_later(LEDGER_START, months) - timedelta(days=1)

    def _iban(self, role: int) -> str:
        """Make the IBAN of the household's account of a number from 1 to 9; no two banks of a country share any."""
        neighbours = [bank.key for bank in BANKS if bank.countries[0] == self._country]
        place = 20 * HOUSEHOLDS_A_BANK * neighbours.index(self._bank.key)
        return fictitious_iban(self._country, place + HOUSEHOLDS_A_BANK + 10 * self._number + role)

    def _price(self, euros: Decimal, places: int = 2) -> Decimal:
        whole = (euros * self._locale.prices).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
        return whole.quantize(Decimal("0.01"))

    def _key(self, role: str) -> str:
        return f"{self._bank.key}/{self._number}/{role}"


@cache
def _merchant(name: str, category: Category, country: str) -> Merchant:
    """Make a merchant once for all households of a country: its IBAN and its slip are worked out once, too."""
    return Merchant(name=name, category=category, town=LOCALES[country].town, country=country)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return day.replace(year=day.year + years, month=month + 1)
