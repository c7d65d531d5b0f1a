"""What the directory says of a generated person: Graph's properties, worked out when somebody looks.

Invariant: the same row always gives the same properties. What all people of one combination of facts and one locale
have alike is worked out once.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Final

from mockservices.graph.directory import Attribute
from sim.access.policy import Facts
from sim.workforce.offices import Office, business_phone, country_of, home_office, mobile_phone
from sim.workforce.people import People
from sim.workforce.titles import job_title

_DAY: Final = 86_400_000
_OF_FACTS: Final = (
    *("department", "employeeType", "jobTitle", "officeLocation", "usageLocation", "country", "city", "streetAddress"),
    *("postalCode", "state"),
)


class Accounts:
    """The properties of generated people's accounts, by row."""

    __slots__ = ("_alike", "_begin", "_offices", "_people")

    def __init__(self, people: People, start: datetime, offices: tuple[Office, ...] = ()) -> None:
        self._people = people
        midnight = datetime(start.year, start.month, start.day, tzinfo=start.tzinfo)
        self._begin = start.toordinal(), round((start - midnight).total_seconds() * 1000)
        self._offices = {office.name: office for office in offices}
        self._alike: dict[tuple[Facts, int], tuple[dict[str, Attribute], str]] = {}

    def attributes(self, row: int, facts: Facts | None = None) -> dict[str, Attribute]:
        """A fresh dict of Graph's properties. ``facts``: what is true of the person now, if not what was at first."""
        people = self._people
        facts = people.facts_of(row) if facts is None else facts
        part = people.locale_of(row)
        found = self._alike.get((facts, part))
        if found is None:
            found = self._alike[facts, part] = self._in_common(facts, part)
        common, country = found
        given, family, address = people.given_name(row), people.family_name(row), people.user_principal_name(row)
        attributes: dict[str, Attribute] = {
            "userPrincipalName": address,
            "displayName": f"{given} {family}",
            "givenName": given,
            "surname": family,
            "mail": address,
            "mailNickname": people.mail_nickname(row),
            "employeeId": people.employee_id(row),
            "employeeHireDate": self._midnight(people.joined(row)),
            "businessPhones": (business_phone(country, row),),
            **common,
        }
        mobile = mobile_phone(country, row)
        if mobile is not None:
            attributes["mobilePhone"] = mobile
        if facts.role is None:
            attributes["jobTitle"] = job_title(facts.department, people.rank_of(row), people.grade_of(row))
        end = people.contract_end(row)
        if end is not None:
            attributes["employeeLeaveDateTime"] = self._midnight(end)
        return attributes

    def placed(self, row: int, facts: Facts) -> dict[str, Attribute]:
        """The properties that HR sets for somebody who moves, None for those that the new place does not have."""
        new = self.attributes(row, facts)
        return {name: new.get(name) for name in _OF_FACTS}

    def _in_common(self, facts: Facts, part: int) -> tuple[dict[str, Attribute], str]:
        locale = self._people.pools.locales[part]
        if facts.location is None:
            office = home_office(locale)
        else:
            office = self._offices.get(facts.location) or Office(facts.location)
        country = office.country or country_of(locale)
        common: dict[str, Attribute] = {
            "department": facts.department,
            "employeeType": facts.employment.capitalize(),
            "officeLocation": office.name,
            "usageLocation": country,
            "country": country,
            "preferredLanguage": locale.replace("_", "-"),
        }
        if facts.role is not None:
            common["jobTitle"] = facts.role
        further = {
            "city": office.city,
            "streetAddress": office.street,
            "postalCode": office.postal_code,
            "state": office.state,
        }
        common.update({name: value for name, value in further.items() if value is not None})
        return common, country

    def _midnight(self, at: int) -> str:
        """The beginning of the day on which an instant lies, in UTC, as Graph writes it."""
        day, into = self._begin
        return _written(day + (into + at) // _DAY)


@lru_cache(maxsize=8192)
def _written(ordinal: int) -> str:
    return f"{date.fromordinal(max(1, ordinal)).isoformat()}T00:00:00Z"
