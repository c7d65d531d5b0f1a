"""E12: present at t = 0, or created by an initial cycle: no joiner event, no latency.

One object a second in the initial cycle: Ann, Bob, Cyd at 0, 1,000, 2,000 (find, and POST 100 ms later); the groups
Engineers, Operators, Auditors at 3,000, 4,000, 5,000 (find, POST); then the memberships, one object each, group by
group: Ann and Cyd in Engineers at 6,000 and 7,000, Bob in Operators at 8,000, Cyd in Auditors at 9,000.
"""

from __future__ import annotations

from tests.semantics.story import Latency, act, join, run, told


def test_whoever_is_created_by_an_initial_cycle_is_no_joiner() -> None:
    """They wait for access all the same: until their last entitled grant is effective."""
    seen = run(told(start_state="empty"))
    assert seen.requests == [
        *((at, "GET Users" if at % 1000 == 0 else "POST Users") for at in (0, 100, 1_000, 1_100, 2_000, 2_100)),
        *((at, "GET Groups" if at % 1000 == 0 else "POST Groups") for at in (3_000, 3_100, 4_000, 4_100, 5_000, 5_100)),
        *((at, "PATCH Groups") for at in (6_000, 7_000, 8_000, 9_000)),
    ]
    assert (seen.counts, seen.latencies, seen.outcomes) == ({}, [], {})
    assert seen.missing == [("ann", 0, 6_000), ("bob", 0, 8_000), ("cyd", 0, 9_000)]
    initial = seen.world.driver.sums.initial
    assert initial is not None
    assert (initial.start, initial.end, initial.tally.users_created) == (0, 9_100, 3)


def test_present_in_sync_there_is_nothing_to_wait_for() -> None:
    seen = run(told())
    assert (seen.counts, seen.latencies, seen.missing, seen.requests) == ({}, [], [], [])


def test_started_by_hand_it_is_an_initial_cycle_too() -> None:
    """Started at 10m: the same requests from 600,000 on; they have waited from 0."""
    seen = run(told(act("10m", "start_job"), start_state="empty"))
    assert seen.counts == {}
    assert seen.requests[0] == (600_000, "GET Users")
    assert seen.missing == [("ann", 0, 606_000), ("bob", 0, 608_000), ("cyd", 0, 609_000)]


def test_a_joiner_is_one_even_when_an_initial_cycle_creates_him() -> None:
    """Dan joins at 10m, and the job is started at 20m: he is the fourth object, at 3,000 after it; groups at 4,000 to
    6,000, the memberships of Engineers at 7,000 (Ann), 8,000 (Cyd), 9,000 (Dan)."""
    seen = run(told(join("10m", "dan"), act("20m", "start_job"), start_state="empty"))
    assert seen.latencies == [Latency("joiner", "dan", 600_000, 1_209_000, 0, 600_000, 9_000, 0)]


def test_people_out_of_scope_are_no_objects() -> None:
    """The pace of an initial cycle counts assigned users, groups and memberships. Gus, first in the file, is in no
    group: Ann is at 0 nevertheless."""
    people = [{"id": "gus", "given_name": "Gus", "family_name": "Example", "department": "Kitchen"}]
    values = told(start_state="empty")
    values["before"] = {"people": [*people, *values["before"]["people"]]}
    seen = run(values)
    assert seen.requests[:3] == [(0, "GET Users"), (100, "POST Users"), (1_000, "GET Users")]
    initial = seen.world.driver.sums.initial
    assert initial is not None
    assert initial.tally.objects == 10


def test_generated_people_wait_for_an_initial_cycle_without_being_joiners() -> None:
    """Two people of one department at one object a second: users at 0 and 1,000, the three groups at 2,000 to 4,000,
    memberships at 5,000 and 6,000."""
    seen = run(
        told(
            start_state="empty",
            before={},
            organisation__departments=[{"name": "Engineering"}],
            organisation__access__birthright=[{"department": "Engineering", "groups": ["Engineers"]}],
            workforce={"size": 2, "contractors": 0, "counts": {}},
        )
    )
    assert (seen.counts, seen.latencies) == ({}, [])
    assert [(since, until) for _, since, until in seen.missing] == [(0, 5_000), (0, 6_000)]
    assert seen.total_ms == 0
    assert seen.divergence == [(0, 7, 0)]
