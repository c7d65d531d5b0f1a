from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from mockservices.graph.properties import USER
from mockservices.graph.property_values import checked
from sim.access.policy import Facts
from sim.workforce.accounts import Accounts
from sim.workforce.hierarchy import Hierarchy, Rank
from sim.workforce.identity import IdentityPlan
from sim.workforce.names import load_pools
from sim.workforce.offices import Office, country_of, home_office
from sim.workforce.people import People
from sim.workforce.titles import job_title, role_title

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = 86_400_000
LOCALES = ("en_US", "de_DE", "uk_UA", "ja_JP", "en_GB")
COMBINATIONS = (
    Facts("Finance"), Facts("Finance", "contractor"), Facts("Engineering", "employee", "Tech lead", "Lisbon"),
    Facts("Engineering", "employee", "Engineer", "Nowhere"),
)  # fmt: skip


def few() -> People:
    """One person of each locale; the first is the head, the second a contractor until the tenth day."""
    pools = load_pools(tuple((locale, 1.0) for locale in LOCALES))
    sizes = [len(pool.given) for pool in pools.parts]
    return People(
        size=5,
        domains=("contoso.example",),
        combinations=COMBINATIONS,
        pools=pools,
        given=np.concatenate(([0], np.cumsum(sizes)[:-1])),
        family=np.array([pools.family_names(part).start for part in range(5)]),
        facts=np.array([0, 1, 2, 3, 0]),
        joined_at=np.array([-9 * 3_600_000, -9 * 3_600_000 - 1, -400 * DAY, 0, 15 * 3_600_000]),
        ends_at=np.array([0, 10 * DAY, 0, 0, 0]),
        hierarchy=Hierarchy(np.array([-1, 0, 0, 0, 0], np.int32), np.array([2, 0, 0, 0, 1], np.uint8)),
    )


@pytest.fixture(scope="module")
def accounts() -> Accounts:
    lisbon = Office("Lisbon", "PT", "Lisboa", "Rua Augusta 1", "1100-048")
    return Accounts(few(), START, IdentityPlan(offices=(lisbon,)))


def test_an_account_says_what_companies_write_into_theirs(accounts: Accounts) -> None:
    assert accounts.attributes(1) == {
        "userPrincipalName": "abbas.ackermann@contoso.example",
        "displayName": "Abbas Ackermann",
        "givenName": "Abbas",
        "surname": "Ackermann",
        "mail": "abbas.ackermann@contoso.example",
        "mailNickname": "abbas.ackermann",
        "employeeId": "E0000002",
        "employeeHireDate": "2026-03-01T00:00:00Z",
        "employeeLeaveDateTime": "2026-03-12T00:00:00Z",
        "businessPhones": ("+1 206 555 0100x2",),
        "department": "Finance",
        "employeeType": "Contractor",
        "jobTitle": "Accountant",
        "officeLocation": "Berlin",
        "usageLocation": "DE",
        "country": "DE",
        "preferredLanguage": "de-DE",
        "city": "Berlin",
        "streetAddress": "1 Market Street",
        "postalCode": "10117",
    }


def test_the_day_of_hiring_is_the_day_in_utc(accounts: Accounts) -> None:
    """The run starts at 09:00: nine hours before is midnight of the same day, 15 hours after is the next."""
    days = [str(accounts.attributes(row)["employeeHireDate"])[:10] for row in range(5)]
    assert days == ["2026-03-02", "2026-03-01", "2025-01-26", "2026-03-02", "2026-03-03"]


def test_a_role_is_the_title_and_a_location_the_office(accounts: Accounts) -> None:
    lead = accounts.attributes(2)
    assert [lead[name] for name in ("jobTitle", "officeLocation", "city", "country", "preferredLanguage")] == [
        "Tech lead", "Lisbon", "Lisboa", "PT", "uk-UA",
    ]  # fmt: skip


def test_an_office_of_which_nothing_is_known_is_in_the_country_of_the_name(accounts: Accounts) -> None:
    engineer = accounts.attributes(3)
    assert (engineer["officeLocation"], engineer["country"]) == ("Nowhere", "JP")
    assert "city" not in engineer


def test_without_contact_details_there_is_nothing_of_telephones_and_addresses() -> None:
    accounts = Accounts(few(), START, IdentityPlan(contact_details=False))
    assert set(accounts.attributes(0)) == {
        "userPrincipalName", "displayName", "givenName", "surname", "mail", "mailNickname", "employeeId",
        "employeeHireDate", "department", "employeeType", "usageLocation", "preferredLanguage", "jobTitle",
    }  # fmt: skip
    assert accounts.attributes(2)["officeLocation"] == "Lisbon"


def test_moving_sets_what_comes_with_the_place_and_clears_what_does_not(accounts: Accounts) -> None:
    assert accounts.placed(0, COMBINATIONS[3]) == {
        "department": "Engineering", "employeeType": "Employee", "jobTitle": "Engineer", "officeLocation": "Nowhere",
        "usageLocation": "US", "country": "US", "city": None, "streetAddress": None, "postalCode": None, "state": None,
    }  # fmt: skip


def test_the_directory_takes_every_property_as_it_is(accounts: Accounts) -> None:
    for row in range(5):
        held = accounts.attributes(row)
        written = {name: list(value) if isinstance(value, tuple) else value for name, value in held.items()}
        assert checked(written, USER, creating=True) == written


@pytest.mark.parametrize(
    ("department", "rank", "grade", "title"),
    [
        ("Finance", Rank.STAFF, 0, "Junior Accountant"),
        ("Finance", Rank.STAFF, 100, "Accountant"),
        ("Finance", Rank.STAFF, 200, "Senior Accountant"),
        ("Finance", Rank.STAFF, 255, "Principal Accountant"),
        ("Finance", Rank.MANAGER, 0, "Finance Manager"),
        ("Finance", Rank.HEAD, 0, "Head of Finance"),
        ("Finance", Rank.TOP, 0, "Chief Executive Officer"),
        ("IT Security", Rank.STAFF, 100, "Security Engineer"),
        ("Stables", Rank.STAFF, 100, "Stables Specialist"),
    ],
)
def test_titles_say_department_and_rank(department: str, rank: int, grade: int, title: str) -> None:
    assert job_title(department, rank, grade) == title


@pytest.mark.parametrize("rank", list(Rank))
@pytest.mark.parametrize("department", ["Finance", "D" * 256])
def test_every_promotion_changes_the_title_up_to_the_last_rung(department: str, rank: Rank) -> None:
    titles = [job_title(department, rank, 0, promotions) for promotions in range(20)]
    climbed = list(dict.fromkeys(titles))
    assert titles == climbed + climbed[-1:] * (20 - len(climbed))
    assert len(climbed) == {Rank.STAFF: 11, Rank.MANAGER: 7, Rank.HEAD: 4, Rank.TOP: 3}[rank]
    assert max(map(len, titles)) <= 128


def test_a_ladder_leads_from_staff_to_its_managers() -> None:
    """Of grade 100 somebody begins without a word for seniority: the second rung."""
    assert [job_title("Finance", Rank.STAFF, 100, promotions) for promotions in range(5)] == [
        "Accountant", "Senior Accountant", "Principal Accountant", "Finance Manager", "Senior Finance Manager",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("role", "titles"),
    [
        ("Lead", ["Lead", "Senior Lead", "Principal Lead", "Distinguished Lead", "Distinguished Lead"]),
        ("Senior Engineer", ["Senior Engineer", "Principal Engineer", "Distinguished Engineer"]),
    ],
)
def test_who_has_the_last_role_is_called_higher_within_it(role: str, titles: list[str]) -> None:
    assert [role_title(role, promotions) for promotions in range(len(titles))] == titles


def test_a_promotion_sets_another_title_and_nothing_else(accounts: Accounts) -> None:
    """Person 0 heads Finance; person 2 has a role, which stays what it is for the policy."""
    for row, facts, titles in (
        (0, COMBINATIONS[0], ("Head of Finance", "Vice President of Finance")),
        (2, COMBINATIONS[2], ("Tech lead", "Senior Tech lead")),
    ):
        before, after = (accounts.placed(row, facts, promotions) for promotions in (0, 1))
        assert (before.pop("jobTitle"), after.pop("jobTitle")) == titles
        assert before == after


def test_every_telephone_number_is_one_that_is_kept_for_fiction(accounts: Accounts) -> None:
    """555-0100 to 0199 in North America; 020 7946 0xxx and 07700 900xxx in Britain. Row 4 is the Briton."""
    assert accounts.attributes(0)["mobilePhone"] == "+1 206 555 0100"
    assert accounts.attributes(4)["mobilePhone"] == "+44 7700 900004"
    assert accounts.attributes(4)["businessPhones"] == ("+44 20 7946 0100x5",)
    assert "mobilePhone" not in accounts.attributes(1)


@pytest.mark.parametrize(("locale", "country"), [("de_CH", "CH"), ("fr_QC", "CA"), ("en", "US"), ("xx_XX", "US")])
def test_a_locale_has_a_country(locale: str, country: str) -> None:
    assert country_of(locale) == country
    assert home_office(locale).country == country
