"""Where generated people work: offices of a scenario, or one in the country that their names come from.

Invariant: every telephone number is of a range that is kept for fiction, and somebody in a country without one has the
number of the company's switchboard in the United States; nobody is ever reached by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Office:
    """An office: its name as the policy has it, and its address; the country is a code such as ``DE``."""

    name: str
    country: str | None = None
    city: str | None = None
    street: str | None = None
    postal_code: str | None = None
    state: str | None = None


# Country of a locale: a city and a postal code there, for people whose department names no location.
_TOWNS: Final = {
    "AM": ("Yerevan", "0010"), "AR": ("Buenos Aires", "C1002"), "AT": ("Wien", "1010"), "AZ": ("Bakı", "AZ1000"),
    "BD": ("Dhaka", "1000"), "BE": ("Bruxelles", "1000"), "BG": ("София", "1000"), "BR": ("São Paulo", "01310-100"),
    "CA": ("Montréal", "H2Y 1C6"), "CH": ("Zürich", "8001"), "CL": ("Santiago", "8320000"), "CN": ("上海", "200001"),
    "CO": ("Bogotá", "110111"), "CZ": ("Praha", "110 00"), "DE": ("Berlin", "10117"), "DK": ("København", "1050"),
    "DZ": ("Alger", "16000"), "EE": ("Tallinn", "10111"), "ES": ("Madrid", "28013"), "FI": ("Helsinki", "00100"),
    "FR": ("Paris", "75001"), "GB": ("London", "EC2A 1AA"), "GE": ("თბილისი", "0105"), "GH": ("Accra", "GA-184"),
    "GR": ("Αθήνα", "105 57"), "HR": ("Zagreb", "10000"), "HU": ("Budapest", "1051"), "ID": ("Jakarta", "10110"),
    "IE": ("Dublin", "D02 X285"), "IL": ("תל אביב", "6100000"), "IN": ("Bengaluru", "560001"), "IR": ("تهران", "11369"),
    "IT": ("Milano", "20121"), "JP": ("東京", "100-0001"), "KE": ("Nairobi", "00100"), "KR": ("서울", "04524"),
    "LI": ("Vaduz", "9490"), "LK": ("Colombo", "00100"), "LT": ("Vilnius", "01103"), "LU": ("Luxembourg", "1111"),
    "LV": ("Rīga", "1050"), "MK": ("Скопје", "1000"), "MX": ("Ciudad de México", "06000"), "NG": ("Lagos", "101241"),
    "NL": ("Amsterdam", "1012 AB"), "NO": ("Oslo", "0150"), "NP": ("Kathmandu", "44600"), "NZ": ("Auckland", "1010"),
    "PK": ("Karachi", "74000"), "PL": ("Warszawa", "00-001"), "PS": ("رام الله", "600"), "PT": ("Lisboa", "1100-148"),
    "RO": ("București", "010011"), "RU": ("Москва", "101000"), "SA": ("الرياض", "11564"), "SE": ("Stockholm", "111 20"),
    "SI": ("Ljubljana", "1000"), "SK": ("Bratislava", "811 01"), "TH": ("กรุงเทพฯ", "10200"),
    "TR": ("İstanbul", "34110"), "TW": ("臺北市", "100"), "UA": ("Київ", "01001"), "US": ("Seattle", "98101"),
    "UZ": ("Toshkent", "100000"),
    "VN": ("Hà Nội", "100000"), "ZA": ("Johannesburg", "2001"),
}  # fmt: skip
_HOME: Final = "US"
_STREET: Final = "1 Market Street"

# The North American plan keeps 555-0100 to 555-0199 of every area code, Ofcom 020 7946 0000 to 0999 and 07700 900000 to
# 900999 (https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama), ACMA (02) 5550 0000 to 9999.
_SWITCHBOARDS: Final = {
    "AU": "+61 2 5550 0100",
    "CA": "+1 514 555 0100",
    "GB": "+44 20 7946 0100",
    "US": "+1 206 555 0100",
}

_MOBILES: Final = {
    "CA": ("+1 514 555 0", 100, 100),
    "GB": ("+44 7700 ", 900_000, 1_000),
    "US": ("+1 206 555 0", 100, 100),
}


def country_of(locale: str) -> str:
    """The country of a locale: ``DE`` of ``de_DE``; the company's home where the locale or the table has none."""
    country = locale.partition("_")[2]
    country = {"QC": "CA", "AA": "SA"}.get(country, country)  # locales of Faker that are named for no country
    return country if country in _TOWNS else _HOME


def home_office(locale: str) -> Office:
    """The office of people of a locale whose department names no location."""
    country = country_of(locale)
    city, postal_code = _TOWNS[country]
    return Office(city, country, city, _STREET, postal_code, "WA" if country == _HOME else None)


def switchboard(country: str) -> str:
    """The number of the company's switchboard; extensions follow an x, as Entra's admin center writes them."""
    return _SWITCHBOARDS.get(country, _SWITCHBOARDS[_HOME])


def mobile_range(country: str) -> tuple[str, int, int] | None:
    """Mobile numbers that are kept for fiction: what they begin with, the first of the endings, and how many there are.

    None where the country keeps none.
    """
    return _MOBILES.get(country)
