"""The fictitious shops, firms and employers that the sandbox's households pay and are paid by."""

import zlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from farthing.sandbox.iban import fictitious_iban


class Category(StrEnum):
    """What a merchant sells; the value is its ISO 18245 merchant category code."""

    GROCERIES = "5411"
    BAKERY = "5462"
    RESTAURANT = "5812"
    CAFE = "5814"
    CONVENIENCE = "5499"
    FUEL = "5541"
    TRANSPORT = "4111"
    PHARMACY = "5912"
    CLOTHES = "5651"
    ELECTRONICS = "5732"
    HOME = "5712"
    BOOKS = "5942"
    CINEMA = "7832"
    CHILDCARE = "8351"
    STREAMING = "4899"
    SOFTWARE = "5817"
    TELECOM = "4814"
    ENERGY = "4900"
    RENT = "6513"
    INSURANCE = "6300"
    GYM = "7997"
    TRAVEL = "4722"
    HOTEL = "7011"
    CHARITY = "8398"
    CASH = "6011"
    BANK = "6012"
    EMPLOYER = "7361"
    TAX = "9311"
    OTHER = "5999"

    __hash__ = str.__hash__  # as it compares; the enum's own is slow


_UMLAUTS = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE", "É": "E", "È": "E", "&": "+"})


@dataclass(frozen=True, kw_only=True)
class Merchant:
    """A payee or payer: its name, what it sells, and the town its slips are printed in."""

    name: str
    category: Category
    town: str
    country: str = "DE"

    @cached_property
    def number(self) -> int:
        """Eight digits that are always the same for a name: its account or branch number."""
        return zlib.crc32(self.name.encode()) % 10**8

    @cached_property
    def slip_name(self) -> str:
        """The name as card slips print it."""
        return self.name.upper().translate(_UMLAUTS)

    @cached_property
    def slip_town(self) -> str:
        """The town as card slips print it."""
        return self.town.upper().translate(_UMLAUTS)

    @cached_property
    def iban(self) -> str:
        """The account that its invoices name, at a bank of the country it is in."""
        return fictitious_iban(self.country, self.number)


def _merchants(category: Category, town: str, *names: str) -> tuple[Merchant, ...]:
    country = "IE" if town == "Dunmorrow" else "DE"
    return tuple(Merchant(name=name, category=category, town=town, country=country) for name in names)


# In and around the town of the German-like bank
SUPERMARKETS = _merchants(Category.GROCERIES, "Kiesen", "Markthalle Lindquell", "Frischhof Kiesen", "Sparkorb Discount")
BAKERIES = _merchants(
    Category.BAKERY, "Kiesen", "Bäckerei Kornwinkel", "Backhaus Mohnblüte", "Brotmanufaktur Ährenfeld"
)
CANTEENS = _merchants(
    Category.RESTAURANT, "Kiesen", "Kantine Werkhof", "Suppenküche Löffelglück", "Imbiss Pfannenwender"
)
KIOSKS = _merchants(Category.CONVENIENCE, "Kiesen", "Kiosk am Uferplatz", "Späti Nachtfalter")
CITY_TRAINS = _merchants(Category.TRANSPORT, "Kiesen", "Kiesener Stadtbahn")
CHEMISTS = _merchants(Category.PHARMACY, "Kiesen", "Apotheke zum Salbei", "Drogerie Seifenblase")
CASH_MACHINES = _merchants(Category.CASH, "Kiesen", "Nordlicht Bank Geldautomat")
LANDLORD, ENERGY, GERMAN_TELECOM, GYM, CHARITY, TRAIN_PASS, BROADCASTER = (
    *_merchants(Category.RENT, "Kiesen", "Hausverwaltung Ziegelstein"),
    *_merchants(Category.ENERGY, "Kiesen", "Stadtwerke Kiesen Strom und Wärme"),
    *_merchants(Category.TELECOM, "Kiesen", "Funkwelle Telekommunikation"),
    *_merchants(Category.GYM, "Kiesen", "Kraftwerk Sportstudio"),
    *_merchants(Category.CHARITY, "Kiesen", "Verein Wälder für Morgen"),
    *_merchants(Category.TRANSPORT, "Kiesen", "Verkehrsverbund Kiesen Abo"),
    *_merchants(Category.STREAMING, "Kiesen", "Rundfunkkasse Süderland"),
)
LIABILITY, CONTENTS, CAR_INSURANCE = _merchants(
    Category.INSURANCE, "Kiesen", "Schirmherr Haftpflicht", "Obdach Hausratversicherung", "Kotflügel Autoversicherung"
)
GERMAN_EMPLOYER, IRISH_EMPLOYER = (
    *_merchants(Category.EMPLOYER, "Kiesen", "Zahnrad & Söhne Maschinenbau GmbH"),
    *_merchants(Category.EMPLOYER, "Dunmorrow", "Lanternfish Design Ltd"),
)

# Online, by credit card
VIDEO, MUSIC, NEWS = _merchants(
    Category.STREAMING, "Online", "Flimmerkiste Video", "Tonspur Music", "Morgenblatt Digital"
)
CLOUD, NOTES, BACKUP = _merchants(Category.SOFTWARE, "Online", "Wolkenlager Cloud", "Notizblick App", "Backuphafen")
ONLINE_SHOPS = _merchants(Category.HOME, "Online", "Allerlei Versand", "Paketwunder", "Gartenzwerg Shop")
CLOTHES_SHOPS = _merchants(Category.CLOTHES, "Online", "Knopf & Zwirn", "Modehaus Webstuhl")
ELECTRONICS_SHOPS = _merchants(Category.ELECTRONICS, "Online", "Steckdose24", "Platine Elektronik")
BOOKSHOPS = _merchants(Category.BOOKS, "Kiesen", "Buchhandlung Eselsohr", "Antiquariat Lesezeichen")
TAKEAWAYS = _merchants(Category.CAFE, "Online", "Lieferheld Topfdeckel", "Pizzabote Funghi")
RAILWAY = _merchants(Category.TRAVEL, "Online", "Fernbahn Tickets", "Mitfahrzentrale Rücksitz")

# Around the joint account
GROCERS = _merchants(Category.GROCERIES, "Dunmorrow", "Greenbarrow Foods", "Tidewater Market", "Pennywhistle Stores")
DELIS = _merchants(Category.RESTAURANT, "Dunmorrow", "Crumb & Curd Deli", "The Copper Ladle")
CAFES = _merchants(Category.CAFE, "Dunmorrow", "Saltbird Coffee", "Kettle & Plum", "Harbour Lane Café")
RESTAURANTS = _merchants(Category.RESTAURANT, "Dunmorrow", "Oyster & Oak", "Trattoria Basilico Blu", "Saffron Gate")
FUEL = _merchants(Category.FUEL, "Dunmorrow", "Windmill Fuels", "Roundabout Service Station")
BUSES = _merchants(Category.TRANSPORT, "Dunmorrow", "Dunmorrow Buses")
CORNER_SHOPS = _merchants(Category.CONVENIENCE, "Dunmorrow", "Corner Basket", "Nightjar Express")
PHARMACIES = _merchants(Category.PHARMACY, "Dunmorrow", "Foxglove Pharmacy")
DRAPERS = _merchants(Category.CLOTHES, "Dunmorrow", "Thimble & Tweed")
FURNISHERS = _merchants(Category.HOME, "Dunmorrow", "Larch Homeware", "Nailbox Hardware")
CINEMAS = _merchants(Category.CINEMA, "Dunmorrow", "The Velvet Projector")
BROADBAND, POWER, CRECHE = (
    *_merchants(Category.TELECOM, "Dunmorrow", "Gannet Broadband"),
    *_merchants(Category.ENERGY, "Dunmorrow", "Causeway Power"),
    *_merchants(Category.CHILDCARE, "Dunmorrow", "Seabird Crèche"),
)

# On holiday
BRITISH = (
    *_merchants(Category.HOTEL, "Westmarsh GB", "The Thistle Inn"),
    *_merchants(Category.RESTAURANT, "Westmarsh GB", "Badger & Barrel"),
    *_merchants(Category.CAFE, "Westmarsh GB", "Clotted Cloud Tearoom"),
)
SWEDISH = (
    *_merchants(Category.HOTEL, "Björkvik SE", "Hotell Norrsken"),
    *_merchants(Category.CAFE, "Björkvik SE", "Kafé Kanelknut"),
    *_merchants(Category.GROCERIES, "Björkvik SE", "Livs Lingon"),
)

NORDLICHT = Merchant(name="Nordlicht Bank", category=Category.BANK, town="Kiesen")
HARBOUR = Merchant(name="Harbour Bank", category=Category.BANK, town="Dunmorrow", country="IE")
