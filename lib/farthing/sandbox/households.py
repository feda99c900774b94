"""The two households written by hand: the demo's, with its five accounts, and that of GoCardless's own sandbox bank."""

from datetime import date
from decimal import Decimal

from farthing.sandbox import institutions, merchants
from farthing.sandbox.habits import Habit, Interest, Kind, Regular, Settlement, Transfer, Trip
from farthing.sandbox.household import Account, Household
from farthing.sandbox.iban import fictitious_iban


def _debit(payee: merchants.Merchant, day: int, amount: str, text: str, *steps: tuple[date, str]) -> Regular:
    raised = tuple((since, -Decimal(new)) for since, new in steps)
    return Regular(payee=payee, kind=Kind.DEBIT, day=day, amount=-Decimal(amount), text=text, steps=raised)


def _yearly(payee: merchants.Merchant, month: int, day: int, amount: str, text: str) -> Regular:
    return Regular(payee=payee, kind=Kind.DEBIT, day=day, amount=-Decimal(amount), text=text, months=frozenset({month}))


def _subscription(payee: merchants.Merchant, day: int, amount: str, *steps: tuple[date, str]) -> Regular:
    raised = tuple((since, -Decimal(new)) for since, new in steps)
    return Regular(payee=payee, kind=Kind.CARD, day=day, amount=-Decimal(amount), text="", steps=raised)


_CURRENT = Account(
    key="nordlicht-current",
    institution_id=institutions.NORDLICHT.institution_id,
    resource_id="00042-01",
    owner="Mara Musterfeld",
    name="Girokonto",
    product="Giro Plus",
    cash_account_type="CACC",
    opening=Decimal("3984.27"),
    iban=fictitious_iban("DE", 4200000001),
    regulars=(
        Regular(
            payee=merchants.GERMAN_EMPLOYER,
            kind=Kind.SALARY,
            day=25,
            amount=Decimal("3240.18"),
            text="LOHN/GEHALT {month}",
            steps=((date(2025, 1, 1), Decimal("3335.42")), (date(2026, 1, 1), Decimal("3418.77"))),
        ),
        Regular(
            payee=merchants.LANDLORD,
            kind=Kind.STANDING_ORDER,
            day=1,
            amount=Decimal("-1090.00"),
            text="Miete Wohnung 12 {month}",
        ),
        _debit(merchants.ENERGY, 3, "92.00", "Abschlag Strom und Wärme {month}", (date(2025, 4, 1), "98.00")),
        _debit(merchants.GERMAN_TELECOM, 8, "39.99", "Mobilfunk und Internet {month}"),
        _debit(merchants.GYM, 2, "34.90", "Mitgliedsbeitrag {month}"),
        _debit(merchants.TRAIN_PASS, 1, "49.00", "Abo Monatskarte {month}", (date(2025, 1, 1), "58.00")),
        Regular(
            payee=merchants.CHARITY, kind=Kind.STANDING_ORDER, day=15, amount=Decimal("-15.00"), text="Spende {month}"
        ),
        Regular(
            payee=merchants.BROADCASTER,
            kind=Kind.DEBIT,
            day=15,
            amount=Decimal("-55.08"),
            text="Rundfunkbeitrag {month}",
            months=frozenset({2, 5, 8, 11}),
        ),
        _yearly(merchants.LIABILITY, 1, 4, "68.40", "Haftpflicht Jahresbeitrag {year}"),
        _yearly(merchants.CONTENTS, 3, 4, "112.75", "Hausrat Jahresbeitrag {year}"),
        _yearly(merchants.CAR_INSURANCE, 1, 6, "486.20", "Kfz Jahresbeitrag {year}"),
        Regular(payee=merchants.NORDLICHT, kind=Kind.FEE, day=25, amount=Decimal("-4.90"), text="Kontoführung {month}"),
    ),
    habits=(
        Habit(merchants=merchants.SUPERMARKETS, week=(0.4, 0.4, 0.4, 0.5, 0.9, 1.3, 0), low=480, high=4600),
        Habit(merchants=merchants.BAKERIES, week=(0.9, 0.9, 0.9, 0.9, 1, 1.1, 0.8), low=180, high=780),
        Habit(merchants=merchants.CANTEENS, week=(0.9, 0.9, 0.9, 0.9, 0.8, 0.1, 0), low=520, high=990),
        Habit(merchants=merchants.KIOSKS, week=(0.4, 0.4, 0.4, 0.4, 0.6, 0.6, 0.5), low=120, high=690),
        Habit(merchants=merchants.CITY_TRAINS, week=(0.2, 0.2, 0.2, 0.2, 0.3, 0.5, 0.3), low=180, high=640, step=10),
        Habit(merchants=merchants.CHEMISTS, week=(0.2, 0.2, 0.2, 0.2, 0.2, 0.4, 0), low=295, high=2400),
        Habit(
            merchants=merchants.CASH_MACHINES,
            week=(0.05, 0.05, 0.05, 0.05, 0.1, 0.15, 0),
            low=2000,
            high=10000,
            step=1000,
            kind=Kind.CASH,
        ),
    ),
)
_SAVINGS = Account(
    key="nordlicht-savings",
    institution_id=institutions.NORDLICHT.institution_id,
    resource_id="00042-02",
    owner="Mara Musterfeld",
    name="Tagesgeld",
    product="Tagesgeld Flex",
    cash_account_type="SVGS",
    opening=Decimal("8250.00"),
    iban=fictitious_iban("DE", 4200000002),
    interest=Interest(bank=merchants.NORDLICHT, rate=Decimal("0.0175"), saved=Decimal(250), text="Zinsen"),
)
_CARD = Account(
    key="nordlicht-card",
    institution_id=institutions.NORDLICHT.institution_id,
    resource_id="card-7c31",
    owner="Mara Musterfeld",
    name="Kreditkarte",
    product="Nordlicht Card Classic",
    cash_account_type="CARD",
    opening=Decimal("0.00"),
    masked_pan="000000******4711",
    regulars=(
        _subscription(merchants.VIDEO, 5, "12.99", (date(2025, 10, 1), "13.99")),
        _subscription(merchants.MUSIC, 11, "10.99"),
        _subscription(merchants.CLOUD, 14, "2.99"),
        _subscription(merchants.BACKUP, 20, "6.00"),
        Regular(payee=merchants.NEWS, kind=Kind.CARD, day=9, amount=Decimal("-19.90"), text="", ends=date(2026, 6, 30)),
        Regular(
            payee=merchants.NOTES, kind=Kind.CARD, day=17, amount=Decimal("-47.88"), text="", months=frozenset({9})
        ),
    ),
    habits=(
        Habit(merchants=merchants.ONLINE_SHOPS, week=(0.3, 0.3, 0.3, 0.3, 0.3, 0.2, 0.4), low=390, high=2900),
        Habit(merchants=merchants.TAKEAWAYS, week=(0.1, 0.1, 0.1, 0.2, 0.4, 0.4, 0.4), low=890, high=2300),
        Habit(merchants=merchants.CLOTHES_SHOPS, week=(0.03, 0.03, 0.03, 0.05, 0.05, 0.1, 0.1), low=1500, high=8900),
        Habit(merchants=merchants.ELECTRONICS_SHOPS, week=(0.03,) * 7, low=900, high=12900),
        Habit(merchants=merchants.BOOKSHOPS, week=(0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0), low=490, high=2800),
        Habit(merchants=merchants.RAILWAY, week=(0.05, 0.05, 0.05, 0.1, 0.2, 0.1, 0.1), low=790, high=4900, step=10),
    ),
)
_JOINT = Account(
    key="harbour-joint",
    institution_id=institutions.HARBOUR.institution_id,
    resource_id="hb-joint-0001",
    owner="Mara Musterfeld & Finn Sampleton",
    name="Joint Current Account",
    product="Everyday Joint",
    cash_account_type="CACC",
    opening=Decimal("2410.66"),
    iban=fictitious_iban("IE", 31000001),
    regulars=(
        Regular(
            payee=merchants.IRISH_EMPLOYER,
            kind=Kind.SALARY,
            day=24,
            amount=Decimal("2141.50"),
            text="PAYROLL {month}",
            steps=((date(2025, 7, 1), Decimal("2216.45")),),
        ),
        _debit(merchants.CRECHE, 6, "260.00", "SEABIRD CRECHE FEES {month}"),
        _debit(merchants.BROADBAND, 7, "45.00", "GANNET BROADBAND {month}", (date(2026, 2, 1), "47.50")),
        Regular(
            payee=merchants.POWER,
            kind=Kind.DEBIT,
            day=18,
            amount=Decimal("-96.40"),
            text="CAUSEWAY POWER BILL {month}",
            months=frozenset({1, 3, 5, 7, 9, 11}),
        ),
        Regular(
            payee=merchants.HARBOUR,
            kind=Kind.FEE,
            day=20,
            amount=Decimal("-18.00"),
            text="QUARTERLY ACCOUNT FEE",
            months=frozenset({3, 6, 9, 12}),
        ),
    ),
    habits=(
        Habit(merchants=merchants.GROCERS, week=(0.7, 0.6, 0.7, 0.7, 1, 1.2, 0.6), low=390, high=4300),
        Habit(merchants=merchants.CAFES, week=(1, 1, 1, 1, 1.2, 1.5, 1.3), low=320, high=790),
        Habit(merchants=merchants.DELIS, week=(0.8, 0.8, 0.8, 0.8, 0.7, 0.3, 0.2), low=540, high=1250),
        Habit(merchants=merchants.RESTAURANTS, week=(0.05, 0.05, 0.1, 0.15, 0.4, 0.5, 0.3), low=1900, high=6400),
        Habit(merchants=merchants.FUEL, week=(0.1, 0.1, 0.05, 0.1, 0.15, 0.2, 0.05), low=3200, high=7400),
        Habit(merchants=merchants.BUSES, week=(1.6, 1.6, 1.6, 1.6, 1.6, 0.8, 0.5), low=100, high=420, step=5),
        Habit(merchants=merchants.CORNER_SHOPS, week=(0.7, 0.7, 0.7, 0.7, 0.8, 1, 0.9), low=110, high=990),
        Habit(merchants=merchants.PHARMACIES, week=(0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0), low=350, high=2600),
        Habit(merchants=merchants.DRAPERS, week=(0, 0.03, 0.03, 0.05, 0.05, 0.15, 0.05), low=1800, high=7900),
        Habit(merchants=merchants.FURNISHERS, week=(0, 0.05, 0.05, 0.05, 0.1, 0.25, 0.1), low=450, high=5900),
        Habit(merchants=merchants.CINEMAS, week=(0, 0, 0.05, 0, 0.1, 0.1, 0.1), low=1100, high=1400, step=50, copies=2),
    ),
    trips=(
        Trip(
            month=5,
            first=9,
            last=16,
            currency="GBP",
            rate=Decimal("1.1685"),
            merchants=merchants.BRITISH,
            a_day=4,
            low=450,
            high=7200,
        ),
        Trip(
            month=8,
            first=3,
            last=13,
            currency="SEK",
            rate=Decimal("0.0893"),
            merchants=merchants.SWEDISH,
            a_day=4,
            low=4500,
            high=78000,
        ),
    ),
)
_RESERVE = Account(
    key="harbour-savings",
    institution_id=institutions.HARBOUR.institution_id,
    resource_id="hb-saver-0002",
    owner="Mara Musterfeld & Finn Sampleton",
    name="Rainy Day Saver",
    product="Online Saver",
    cash_account_type="SVGS",
    opening=Decimal("5120.00"),
    iban=fictitious_iban("IE", 31000002),
    interest=Interest(bank=merchants.HARBOUR, rate=Decimal("0.0125"), saved=Decimal(350), text="INTEREST PAID"),
)
_SANDBOX_MAIN = Account(
    key="sandbox-main",
    institution_id=institutions.SANDBOX_FINANCE.institution_id,
    resource_id="sfin-0001",
    owner="John Doe",
    name="Main Account",
    product="Checkings",
    cash_account_type="CACC",
    opening=Decimal("2913.37"),
    iban=fictitious_iban("GL", 1000001),
    regulars=(
        Regular(
            payee=merchants.IRISH_EMPLOYER,
            kind=Kind.SALARY,
            day=12,
            amount=Decimal("440.00"),
            text="PAYROLL {month}",
        ),
    ),
    habits=(
        Habit(merchants=merchants.GROCERS, week=(0.9,) * 7, low=190, high=1500),
        Habit(merchants=merchants.CAFES, week=(1.3,) * 7, low=210, high=420),
    ),
)
_SANDBOX_SPARE = Account(
    key="sandbox-spare",
    institution_id=institutions.SANDBOX_FINANCE.institution_id,
    resource_id="sfin-0002",
    owner="Jane Doe",
    name="Main Account",
    product="Checkings",
    cash_account_type="CACC",
    opening=Decimal("421.05"),
    iban=fictitious_iban("GL", 1000002),
    habits=(Habit(merchants=merchants.CORNER_SHOPS, week=(0.1,) * 7, low=110, high=690),),
)

MUSTERFELD = Household(
    accounts=(_CURRENT, _SAVINGS, _CARD, _JOINT, _RESERVE),
    transfers=(
        Transfer(source=_CURRENT.key, target=_SAVINGS.key, day=2, amount=Decimal(250), text="Sparen"),
        Transfer(source=_CURRENT.key, target=_JOINT.key, day=4, amount=Decimal(300), text="Haushaltskasse"),
        Transfer(source=_JOINT.key, target=_RESERVE.key, day=5, amount=Decimal(400), text="RAINY DAY"),
        Transfer(
            source=_RESERVE.key,
            target=_JOINT.key,
            day=1,
            amount=Decimal(300),
            text="HOLIDAY MONEY",
            months=frozenset({5, 8}),
        ),
    ),
    settlements=(Settlement(source=_CURRENT.key, card=_CARD.key, day=10, text="Kreditkartenabrechnung"),),
)
DOE = Household(
    accounts=(_SANDBOX_MAIN, _SANDBOX_SPARE),
    transfers=(
        Transfer(source=_SANDBOX_MAIN.key, target=_SANDBOX_SPARE.key, day=15, amount=Decimal(20), text="POCKET MONEY"),
    ),
)
HOUSEHOLDS = (MUSTERFELD, DOE)
