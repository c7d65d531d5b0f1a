"""What the directory says of a generated person: Graph's properties, worked out when somebody looks.

Invariant: the same row always gives the same properties. What all people of one combination of facts and one locale
have alike is worked out once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from mockservices.graph.directory import Attribute
from sim.access.policy import Facts
from sim.workforce.hierarchy import Rank
from sim.workforce.identity import IdentityPlan
from sim.workforce.offices import Office, country_of, home_office, mobile_range, switchboard
from sim.workforce.people import People, quick
from sim.workforce.titles import job_title, role_title

_DAY: Final = 86_400_000
_KEPT: Final = 1024
"""Accounts that are remembered: one that an event touches is read again by the next cycle, and for the figures."""
_SENIOR: Final = 200
_OF_FACTS: Final = (
    *("department", "employeeType", "jobTitle", "officeLocation", "usageLocation", "country", "city", "streetAddress"),
    *("postalCode", "state"),
)


@dataclass(frozen=True, slots=True)
class _Alike:
    """What people of one combination of facts and one locale have alike."""

    attributes: dict[str, Attribute]
    switchboard: str | None
    mobile: tuple[str, int, int] | None
    """None where there are no such numbers."""
    titles: tuple[str, ...]
    """By grade; none where the role is the title."""


class Accounts:
    """The properties of generated people's accounts, by row."""

    __slots__ = ("_alike", "_day", "_details", "_family", "_given", "_into_day", "_offices", "_people", "_remembered")

    def __init__(self, people: People, start: datetime, plan: IdentityPlan) -> None:
        self._people = people
        self._given, self._family = quick(people.given), quick(people.family)
        midnight = datetime(start.year, start.month, start.day, tzinfo=start.tzinfo)
        self._day, self._into_day = start.toordinal(), round((start - midnight).total_seconds() * 1000)
        self._offices = {office.name: office for office in plan.offices}
        self._details = plan.contact_details
        self._alike: dict[tuple[Facts, int], _Alike] = {}
        self._remembered = lru_cache(maxsize=_KEPT)(self._made)

    def attributes(self, row: int) -> dict[str, Attribute]:
        """A fresh dict of Graph's properties, as they are at the start or at joining."""
        return dict(self._remembered(row))

    def _made(self, row: int, facts: Facts | None = None, promotions: int = 0) -> dict[str, Attribute]:
        people, given, family = self._people, self._given[row], self._family[row]
        pools, addresses = people.pools, people.addresses
        first_facts = people.facts_of(row)
        moved = facts is not None and facts.department != first_facts.department
        facts = first_facts if facts is None else facts
        part = pools.part_of(given)
        alike = self._alike.get((facts, part))
        if alike is None:
            alike = self._alike[facts, part] = self._in_common(facts, part)
        first, last, local = pools.given[given], pools.family[family], addresses.local_part(row)
        address = f"{local}@{people.domain(row)}"
        attributes: dict[str, Attribute] = {
            "userPrincipalName": address,
            "displayName": f"{first} {last}",
            "givenName": first,
            "surname": last,
            "mail": address,
            "mailNickname": local if addresses.shares is None else addresses.nickname(row),
            "employeeId": people.employee_id(row),
            "employeeHireDate": self._midnight(people.joined(row)),
            **alike.attributes,
        }
        if alike.switchboard is not None:
            attributes["businessPhones"] = (f"{alike.switchboard}x{row + 1}",)
        if alike.titles:
            rank, grade = people.rank_of(row), people.grade_of(row)
            if moved and rank != Rank.STAFF:
                rank, grade = Rank.STAFF, _SENIOR  # their people stay behind
            attributes["jobTitle"] = (
                alike.titles[grade]
                if rank == Rank.STAFF and not promotions
                else job_title(facts.department, rank, grade, promotions)
            )
        elif promotions and facts.role is not None:
            attributes["jobTitle"] = role_title(facts.role, promotions)
        if alike.mobile is not None:
            begins, first_ending, many = alike.mobile
            attributes["mobilePhone"] = f"{begins}{first_ending + row % many}"
        end = people.contract_end(row)
        if end is not None:
            attributes["employeeLeaveDateTime"] = self._midnight(end)
        return attributes

    def placed(self, row: int, facts: Facts, promotions: int = 0) -> dict[str, Attribute]:
        """See :class:`sim.workforce.persons.PeopleAccounts`."""
        new = self._made(row, facts, promotions)
        return {name: new.get(name) for name in _OF_FACTS}

    def _in_common(self, facts: Facts, part: int) -> _Alike:
        locale = self._people.pools.locales[part]
        if facts.location is None:
            office = home_office(locale)
        else:
            office = self._offices.get(facts.location) or Office(facts.location)
        country = office.country or country_of(locale)
        attributes: dict[str, Attribute] = {
            "department": facts.department,
            "employeeType": facts.employment.capitalize(),
            "usageLocation": country,
            "preferredLanguage": locale.replace("_", "-"),
        }
        if self._details or facts.location is not None:
            attributes["officeLocation"] = office.name
        if facts.role is not None:
            attributes["jobTitle"] = facts.role
        further = {
            "country": country,
            "city": office.city,
            "streetAddress": office.street,
            "postalCode": office.postal_code,
            "state": office.state,
        }
        if self._details:
            attributes.update({name: value for name, value in further.items() if value is not None})
        titles: tuple[str, ...] = ()
        if facts.role is None:
            titles = tuple(job_title(facts.department, Rank.STAFF, grade) for grade in range(256))
        if not self._details:
            return _Alike(attributes, None, None, titles)
        return _Alike(attributes, switchboard(country), mobile_range(country), titles)

    def _midnight(self, at: int) -> str:
        """The beginning of the day on which an instant lies, in UTC, as Graph writes it."""
        return _written(self._day + (self._into_day + at) // _DAY)


@lru_cache(maxsize=16_384)
def _written(ordinal: int) -> str:
    return f"{date.fromordinal(max(1, ordinal)).isoformat()}T00:00:00Z"
