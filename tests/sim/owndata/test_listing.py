"""What a file says is what the world has: people by the order of their appearance, events to the millisecond."""

from __future__ import annotations

import csv
import io
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.access.policy import Facts
from sim.owndata.columns import COLUMNS
from sim.owndata.listing import Listing, read_listing
from sim.owndata.pseudonyms import Pseudonyms
from sim.owndata.refusals import Origin
from sim.owndata.writing import event_rows, people_rows
from sim.randomness import Streams
from sim.time import DAY, HOUR
from sim.workforce.accounts import Accounts
from sim.workforce.identity import IdentityPlan
from sim.workforce.listed import ListedAccounts, ListedPeople
from sim.workforce.people import People
from sim.workforce.persons import PeopleAccounts, Persons
from sim.workforce.plan import NEVER, EventKind, LagPlan, Reason, WorkforcePlan
from sim.workforce.schedule import Schedule, build

START = datetime(2026, 3, 2, tzinfo=UTC)
NO_LAG = LagPlan()


def read(text: str, duration: int = 30 * DAY, **more: Any) -> Listing:
    return read_listing(
        Origin("events.csv", content=text.encode()), start=START, duration=duration, domain="contoso.example", **more
    )


def scheduled(listing: Listing, lag: LagPlan = NO_LAG) -> Schedule:
    return listing.schedule(lag, Streams(1, 0))


def written(people: Persons, schedule: Schedule) -> str:
    accounts: PeopleAccounts
    if isinstance(people, People):
        accounts = Accounts(people, START, IdentityPlan())
    else:
        assert isinstance(people, ListedPeople)
        accounts = ListedAccounts(people, START)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(people_rows(people, accounts, START))
    writer.writerows(cells for _, cells in event_rows(people, accounts, schedule, START))
    return out.getvalue()


HR = """Person,Kind,Effective-At,Department,Employment Type,Role,Given Name,Family Name,UPN
7,joiner,2026-03-04,Finance,,,Cy,Null,
1,present,,Engineering,employee,Lead,Zoë,O'Hara,z.ohara@fabrikam.example
2,present,2020-01-01,Engineering,contractor,,Bo,Chen,
1,mover,2026-03-03T10:00:00+02:00,Finance,,-,,,
2,contractor_expiry,2026-03-05 09:30,,,,,,
"""


def test_people_are_numbered_by_appearance_and_those_who_are_there_come_first() -> None:
    people = read(HR).people
    assert (people.size, len(people)) == (2, 3)
    assert [people.display_name(row) for row in range(3)] == ["Zoë O'Hara", "Bo Chen", "Cy Null"]
    assert [people.facts_of(row) for row in range(3)] == [
        Facts("Engineering", "employee", "Lead"), Facts("Engineering", "contractor"), Facts("Finance", "employee"),
    ]  # fmt: skip


def test_who_has_no_address_gets_one_of_the_name() -> None:
    people = read(HR).people
    assert [people.user_principal_name(row) for row in range(3)] == [
        "z.ohara@fabrikam.example", "bo.chen@contoso.example", "cy.null@contoso.example",
    ]  # fmt: skip


def test_two_of_one_name_get_two_addresses_and_a_written_one_goes_first() -> None:
    people = read(
        "person,kind,department,given_name,family_name,user_principal_name\n"
        "1,present,A,Bo,Chen,\n2,present,A,Bo,Chen,\n3,present,A,Bo,Chen,bo.chen@contoso.example\n"
    ).people
    assert [people.user_principal_name(row).partition("@")[0] for row in range(3)] == [
        "bo.chen2",
        "bo.chen3",
        "bo.chen",
    ]


def test_events_are_in_order_of_time_with_the_facts_they_make() -> None:
    """10:00 at +02:00 on the second day is 32 h from the start; an empty role is left, a dash takes it away."""
    listing = read(HR)
    schedule = scheduled(listing)
    assert schedule.at.tolist() == [32 * HOUR, 48 * HOUR, 81.5 * HOUR]
    assert schedule.kind.tolist() == [EventKind.MOVER, EventKind.JOINER, EventKind.CONTRACTOR_EXPIRY]
    assert schedule.person.tolist() == [0, 2, 1]
    assert [listing.people.combinations[number] for number in schedule.facts] == [
        Facts("Finance", "employee", None), Facts("Finance", "employee"), Facts("Engineering", "contractor"),
    ]  # fmt: skip


def test_times_without_a_zone_are_those_of_the_zone_that_is_given() -> None:
    schedule = scheduled(read(HR, zone=timezone(timedelta(hours=1))))
    assert schedule.at.tolist() == [32 * HOUR, 47 * HOUR, 80.5 * HOUR]


def test_the_directory_is_changed_when_the_file_says_or_after_the_lag() -> None:
    """Known late: then. Known before: on the day. Neither: after the lag. ``never`` stays never."""
    text = (
        "person,kind,effective_at,known_at,directory_at,department\n"
        "1,present,,,,A\n2,present,,,,A\n3,present,,,,A\n4,present,,,,A\n5,present,,,,A\n"
        "1,leaver,2026-03-03,2026-03-04,,\n2,leaver,2026-03-03,2026-03-01,,\n3,leaver,2026-03-03,,,\n"
        "4,leaver,2026-03-03,,2026-03-02T23:00Z,\n5,leaver,2026-03-03,,never,\n"
    )
    schedule = scheduled(read(text), LagPlan(HOUR, HOUR))
    assert schedule.directory_at.tolist() == [2 * DAY, DAY, DAY + HOUR, 23 * HOUR, NEVER]
    assert schedule.known_at.tolist() == [2 * DAY, -DAY, DAY + HOUR, 23 * HOUR, NEVER]


def test_what_a_timeline_did_is_not_read() -> None:
    text = "person,kind,effective_at,department,origin\n1,present,,A,\n2,joiner,2026-03-03,B,timeline\n"
    listing = read(text)
    assert (len(listing.people), len(listing.at)) == (1, 0)


def test_reason_contract_end_manager_and_identity_stand_where_the_schedule_has_them() -> None:
    text = (
        "person,kind,effective_at,department,employment,reason,contract_end,manager,identity\n"
        "1,present,,A,,,,,\n2,present,,A,contractor,,,,\n"
        "2,contract_extension,2026-03-03,,,,2026-03-12,,\n"
        "2,conversion,2026-03-04,,,,,,\n"
        "1,manager_change,2026-03-05,,,cascade,,2,\n"
        "1,leaver,2026-03-06,,,retirement,,,\n"
        "1,rehire,2026-03-07,,,,,,new\n"
    )
    listing = read(text)
    schedule = scheduled(listing)
    assert schedule.value.tolist() == [10 * DAY, 0, 1, 0, 1]
    assert schedule.reason.tolist() == [0, 0, Reason.CASCADE, Reason.RETIREMENT, 0]
    assert listing.people.combinations[schedule.facts[1]].employment == "employee"


@settings(max_examples=25, deadline=None)
@given(size=st.integers(1, 60), seed=st.integers(0, 999), high=st.sampled_from([0, 90_000_000]), kept=st.booleans())
def test_what_is_written_is_read_back_as_it_was(size: int, seed: int, high: int, kept: bool) -> None:
    plan = WorkforcePlan(
        size=size, domain="contoso.example", departments=(("A", 1.0), ("B", 2.0)), joiners=3, leavers=2, movers=3,
        hr_lag=LagPlan(NO_LAG.low, DAY.__class__(high)),
    )  # fmt: skip
    people, schedule = build(plan, START, 300 * DAY, Streams(seed, 0))
    hidden = None if kept else Pseudonyms("x", seed, "contoso.example")
    listing = read(written(people, schedule), 300 * DAY, pseudonyms=hidden)
    again = scheduled(listing)
    for column in ("at", "kind", "person", "reason", "value", "known_at", "directory_at"):
        assert np.array_equal(getattr(again, column), getattr(schedule, column)), column
    facts = [[p.combinations[n] for n in s.facts] for p, s in ((people, schedule), (listing.people, again))]
    assert facts[0] == facts[1]
    assert np.array_equal(listing.people.joined_at, people.joined_at)
    if kept:
        assert written(listing.people, again) == written(people, schedule)


def test_people_find_their_way_into_another_process() -> None:
    people = read(HR).people
    assert pickle.loads(pickle.dumps(people)).digest() == people.digest()


# --- names -----------------------------------------------------------------------------------------------


def test_hashed_names_are_the_same_for_the_same_seed_and_no_name_is_left() -> None:
    hidden = [read(HR, pseudonyms=Pseudonyms("story", seed, "contoso.example")).people for seed in (1, 1, 2)]
    first, again, other = (written(people, scheduled(read(HR))) for people in hidden)
    assert first == again != other
    for name in ("Zoë", "O'Hara", "ohara", "Bo", "Chen", "chen", "fabrikam"):
        assert name not in first


def test_equal_names_have_equal_pseudonyms_and_addresses_stay_addresses() -> None:
    pseudonyms = Pseudonyms("story", 1, "contoso.example")
    assert pseudonyms.name("Bo") == pseudonyms.name("Bo") != pseudonyms.name("bo")
    assert pseudonyms.address("Bo@fabrikam.example") == pseudonyms.address("bo@Fabrikam.example")
    assert pseudonyms.address("bo@fabrikam.example").endswith("@contoso.example")
    assert not pseudonyms.address("bo@other.example").endswith("@contoso.example")


def test_a_refusal_quotes_no_name() -> None:
    with pytest.raises(Exception, match=r"^events.csv:3: user_principal_name: line 2 has this one already") as caught:
        read(
            "person,kind,department,user_principal_name\n1,present,A,z.ohara@c.example\n2,present,A,Z.OHARA@c.example\n"
        )
    assert "ohara" not in str(caught.value).lower()
