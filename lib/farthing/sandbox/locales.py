"""What generated households are made of in each country: its currency, its prices, and names that nobody has."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Locale:
    """A country as a household's payments show it.

    :ivar prices: what costs a euro elsewhere costs so many units here.
    :ivar shops: eleven names: two grocers, café, canteen, fuel, transport, pharmacy, clothes, online shop, cinema,
        cash machine.
    :ivar firms: nine names: landlord, energy, telecom, insurer, gym, video, music, employer, client.
    :ivar words: eight texts: salary, rent, instalment, contribution, savings, card bill, fee, interest.
    """

    currency: str = "EUR"
    prices: Decimal = Decimal(1)
    town: str
    owner: str
    shops: tuple[str, ...]
    firms: tuple[str, ...]
    words: tuple[str, ...]


def _locale(*texts: str, money: str = "EUR 1") -> Locale:
    town, owner, shops, firms, words = texts
    currency, prices = money.split()
    shop, firm, word = (tuple(text.split("|")) for text in (shops, firms, words))
    return Locale(currency=currency, prices=Decimal(prices), town=town, owner=owner, shops=shop, firms=firm, words=word)


LOCALES = {
    "DE": _locale(
        "Musterau", "Jona Beispiel",
        "Korbmarkt|Rübenkiste|Café Sahnewolke|Kantine Blechnapf|Tankhof Nord|Stadtbahn Musterau|Apotheke Baldrian"
        "|Modehaus Zwirn|Kramladen Versand|Kino Flimmerlicht|Geldautomat Rathausplatz",
        "Wohnbau Dachziegel|Lichtwerk Musterau|Strippe Telekom|Regenschirm Versicherung|Muskelkater Studio|Glotze Plus"
        "|Ohrwurm Musik|Schraubwerk Muster GmbH|Agentur Luftschloss",
        "Gehalt|Miete|Abschlag|Beitrag|Sparen|Kreditkartenabrechnung|Kontoführung|Zinsen",
    ),
    "AT": _locale(
        "Musterbach", "Loisl Beispiel",
        "Greißlerei Krapfen|Marktplatzl|Kaffeehaus Obers|Wirtshaus Knödel|Tankstelle Gamsblick|Zahnradbahn Musterbach"
        "|Apotheke Edelweiß|Trachten Zwirnsfaden|Packerl Versand|Lichtspiel Musterbach|Bankomat Hauptplatz",
        "Hausverwaltung Stiege|Bergstrom|Draht Mobil|Schutzengel Versicherung|Hantel und Heu|Guckkasten|Jodel Musik"
        "|Seilbahnbau Muster GesmbH|Grafik Almrausch",
        "Gehalt|Miete|Teilbetrag|Prämie|Ansparen|Kartenabrechnung|Kontoführung|Habenzinsen",
    ),
    "GB": _locale(
        "Little Sampling", "Robin Placeholder",
        "Badgerfield Foods|Pickle & Pear|Crumpet Corner|The Soggy Biscuit|Puffin Petrol|Sampling Omnibus"
        "|Lavender & Lint Chemist|Tweed & Thistle|Parcelmole|The Flickering Newt|Cash Machine High Street",
        "Cobblestone Lettings|Kettle Power|Tin Can Telecom|Brolly Insurance|Dumbbell & Daughters|Gogglebarn"
        "|Earworm Music|Marmalade Works Ltd|Halfpenny Studios",
        "SALARY|RENT|BILL|PREMIUM|SAVINGS|CARD PAYMENT|ACCOUNT FEE|INTEREST PAID",
        money="GBP 0.86",
    ),
    "NL": _locale(
        "Voorbeeldam", "Sanne Voorbeeld",
        "Stamppot Markt|Kaaskop|Koffiehuis Drop|Broodje Verzinsel|Tankstation Polder|Voorbeeldtram|Drogist Tulp"
        "|Klompen & Kant|Pakjesboot|Bioscoop Windmolen|Geldautomaat Dam",
        "Woonstichting Trapgevel|Dijkstroom|Draadje Mobiel|Paraplu Verzekeringen|Sportschool Spierbal|Kijkdoos|Oorwurm"
        "|Fietsenfabriek Verzinsel BV|Bureau Zeepbel",
        "Salaris|Huur|Termijnbedrag|Premie|Sparen|Creditcardafrekening|Kosten rekening|Rente",
    ),
    "NO": _locale(
        "Eksempelvik", "Nora Eksempel",
        "Brunost Mat|Torsk & Tang|Kafé Kanelbolle|Pølsebua|Bensin Nordlys|Eksempelvik Buss|Apotek Blåbær|Ull & Garn"
        "|Pakkereven|Kino Midnattssol|Minibank Torget",
        "Utleie Naust|Fossekraft|Ledning Mobil|Paraply Forsikring|Treningsrom Elg|Titteboksen|Øreorm Musikk"
        "|Båtbyggeri Eksempel AS|Design Luftslott",
        "Lønn|Husleie|Faktura|Premie|Sparing|Kredittkort|Gebyr|Renter",
        money="NOK 11.6",
    ),
    "SE": _locale(
        "Exempelköping", "Alva Exempel",
        "Lingonhallen|Knäckebröd & Co|Fika Fiktiv|Lunchlådan|Bensin Björk|Exempelköpings Spårväg|Apotek Blåklint"
        "|Ylle & Yxa|Paketuttern|Biograf Norrsken|Bankomat Stortorget",
        "Hyresvärden Stuga|Vattenkraft Älv|Tråden Mobil|Paraplyet Försäkring|Gym Älgstyrka|Tittgluggen|Öronmask Musik"
        "|Snickeri Exempel AB|Byrån Luftslott",
        "Lön|Hyra|Avgift|Premie|Sparande|Inbetalning|Årsavgift|Ränta",
        money="SEK 11.2",
    ),
    "DK": _locale(
        "Eksempelby", "Freja Eksempel",
        "Rugbrød Marked|Grisens Køkken|Café Hygge Hygge|Pølsevogn Nul|Tank Vesterhav|Eksempelby Bus|Apotek Kamille"
        "|Uld & Uldhund|Pakkeoddr|Biograf Fyrtårn|Hæveautomat Torvet",
        "Boligudlejning Tagsten|Vindstrøm|Ledning Mobil|Paraply Forsikring|Motion Muskel|Kigkassen|Ørehænger Musik"
        "|Møbelsnedkeri Eksempel A/S|Bureau Luftkastel",
        "Løn|Husleje|Aconto|Præmie|Opsparing|Kortbetaling|Gebyr|Renter",
        money="DKK 7.46",
    ),
    "PL": _locale(
        "Przykładowo", "Ola Przykład",
        "Targ Ogórek|Bułka i Spółka|Kawiarnia Pączek|Bar Mleczny Kluska|Stacja Żubr|Tramwaje Przykładowo"
        "|Apteka Rumianek|Sukiennik|Paczkowydra|Kino Świetlik|Bankomat Rynek",
        "Zarząd Kamienicy|Prąd i Iskra|Drucik Mobilny|Parasol Ubezpieczenia|Siłownia Niedźwiedź|Okienko TV|Uszy Muzyka"
        "|Fabryka Guzików Przykład sp. z o.o.|Studio Bańka",
        "Wynagrodzenie|Czynsz|Rachunek|Składka|Oszczędności|Spłata karty|Opłata|Odsetki",
        money="PLN 4.3",
    ),
    "FR": _locale(
        "Exempleville", "Camille Exemple",
        "Marché Radis|L'Épicerie Fictive|Café Croissant & Cie|Bistrot Sans Nom|Station Escargot|Tramway d'Exempleville"
        "|Pharmacie Verveine|Mode & Mousseline|Colis Loutre|Cinéma Luciole|Distributeur Mairie",
        "Régie Ardoise|Étincelle Énergie|Fil Télécom|Parapluie Assurances|Salle Biceps|Lucarne TV|Ver d'Oreille Musique"
        "|Atelier Boutons SARL|Agence Nuage & Fils",
        "SALAIRE|LOYER|FACTURE|COTISATION|EPARGNE|REGLEMENT CARTE|FRAIS|INTERETS",
    ),
    "BE": _locale(
        "Voorbeeldegem", "Lou Voorbeeld",
        "Wafelmarkt|Spruit & Zoon|Koffie Speculoos|Frituur Fictie|Tankstation Kasseien|Voorbeeldtram|Apotheek Lavendel"
        "|Kant & Klaar|Pakjeshaas|Cinema Glimworm|Geldautomaat Markt",
        "Immo Baksteen|Stroomstoot|Draad Mobiel|Paraplu Verzekeringen|Fitness Kracht|Kijkkast|Oorworm"
        "|Chocolaterie Fictie NV|Bureau Wolk",
        "Loon|Huur|Factuur|Premie|Sparen|Kaartafrekening|Kosten|Rente",
    ),
    "IT": _locale(
        "Esempiate", "Gioia Esempio",
        "Mercato Zucchina|Bottega Inventata|Bar Schiuma|Mensa Forchetta|Benzina Lucciola|Tram di Esempiate"
        "|Farmacia Camomilla|Moda Ricamo|Pacchi Lontra|Cinema Lanterna|Sportello Piazza",
        "Immobiliare Tegola|Scintilla Luce|Filo Mobile|Ombrello Assicurazioni|Palestra Bicipite|Oblò TV"
        "|Tormentone Musica|Bottonificio Esempio Srl|Studio Nuvola",
        "STIPENDIO|AFFITTO|BOLLETTA|POLIZZA|RISPARMIO|SALDO CARTA|CANONE|INTERESSI",
    ),
    "ES": _locale(
        "Villaejemplo", "Sol Ejemplo",
        "Mercado Garbanzo|Ultramarinos Ficción|Café Churro|Menú del Día Inventado|Gasolinera Cigarra"
        "|Tranvía Villaejemplo|Farmacia Manzanilla|Modas Hilván|Paquetería Nutria|Cine Luciérnaga|Cajero Plaza Mayor",
        "Inmobiliaria Teja|Chispa Luz|Hilo Móvil|Paraguas Seguros|Gimnasio Músculo|Mirilla TV|Gusano Música"
        "|Talleres Ejemplo SL|Estudio Nube",
        "NOMINA|ALQUILER|RECIBO|SEGURO|AHORRO|LIQUIDACION TARJETA|COMISION|INTERESES",
    ),
    "EE": _locale(
        "Näidislinn", "Mari Näidis",
        "Leib ja Sai|Kurgipood|Kohvik Kohupiim|Söökla Supp|Tankla Põder|Näidislinna Buss|Apteek Kummel|Villane Sall"
        "|Pakisaarmas|Kino Jaaniuss|Sularahaautomaat Turg",
        "Üürimaja Katus|Säde Energia|Traat Mobiil|Vihmavari Kindlustus|Jõusaal Karu|Piiluauk TV|Kõrvauss Muusika"
        "|Nööbivabrik Näidis OÜ|Stuudio Pilv",
        "Töötasu|Üür|Arve|Makse|Säästud|Kaardiarve|Teenustasu|Intress",
    ),
    "RO": _locale(
        "Exempleni", "Ilinca Exemplu",
        "Piața Castravete|Băcănia Inventată|Cafenea Gogoașă|Cantina Sarmale|Benzinăria Bursuc|Tramvai Exempleni"
        "|Farmacia Mușețel|Croitoria Fir|Colete Vidra|Cinema Licurici|Bancomat Centru",
        "Imobiliare Țiglă|Scânteia Energie|Firicel Mobil|Umbrela Asigurări|Sala Mușchi|Hublou TV|Vierme Muzică"
        "|Fabrica de Nasturi Exemplu SRL|Studio Nor",
        "SALARIU|CHIRIE|FACTURA|PRIMA|ECONOMII|PLATA CARD|COMISION|DOBANDA",
        money="RON 4.97",
    ),
    "GR": _locale(
        "Paradeigma", "Eleni Deigma",
        "Agora Melitzana|Bakaliko Fantasia|Kafe Koulouri|Taverna Pouthena|Venzini Tzitziki|Tram Paradeigmatos"
        "|Farmakeio Chamomili|Moda Klosti|Demata Vidra|Sinema Pygolampida|ATM Plateia",
        "Mesitiko Keramidi|Spitha Revma|Kalodio Mobile|Omprela Asfalies|Gymnastirio Mys|Fegiti TV|Skouliki Mousiki"
        "|Koumpia Deigma AE|Studio Synnefo",
        "MISTHOS|ENOIKIO|LOGARIASMOS|ASFALISTRO|APOTAMIEFSI|PLIROMI KARTAS|PROMITHEIA|TOKOI",
    ),
    "LU": _locale(
        "Beispillingen", "Kim Beispill",
        "Kniddelen Maart|Gromper & Co|Café Quetsch|Kantin Bouneschlupp|Tankstell Igel|Tram Beispillingen"
        "|Apdikt Kamill|Mode Fuedem|Pak Otter|Kino Liichtkäfer|Geldautomat Plëss",
        "Immo Schiefer|Fonken Energie|Drot Mobil|Prabbeli Assurance|Fitness Muskel|Guckloch TV|Ouerwuerm Musek"
        "|Knäppfabrik Beispill SA|Studio Wollek",
        "Pai|Loyer|Rechnung|Prime|Spueren|Kaart|Frais|Zënsen",
    ),
}  # fmt: skip
