"""HR's part of a timeline beyond joining, moving and leaving: contracts, conversions, names, managers, no-shows."""

from __future__ import annotations

from typing import Any

from sim.observation.summary import summarize
from tests.semantics.story import THREE, Latency, Seen, act, person, run, told

CONTRACTOR = [person("ann", employment="contractor", contract_end="50m"), person("bob", "Operations")]


def population(seen: Seen) -> dict[str, int]:
    """Whom the company employs in the end."""
    found: dict[str, int] = summarize(seen.world)["population"]
    return found


def account(seen: Seen, name: str) -> dict[str, Any]:
    """The properties of somebody's account."""
    return dict(seen.world.services.directory.attributes_of(seen.person(name).row))


def test_a_contract_extended_after_its_end_is_restored_and_ends_then() -> None:
    """Ended at 50m, disabled at 4,800,100; extended at 90m = 5,400,000, enabled at 7,200,100, until 200m."""
    seen = run(told(act("90m", "extend", "ann", until="200m"), before={"people": CONTRACTOR}))
    assert seen.counts == {"contractor_expiry": 2, "contract_restored": 1}
    assert seen.latencies[1] == Latency("contract_restored", "ann", 5_400_000, 7_200_100, 0, 1_800_000, 100, 0)
    assert seen.missing == [("ann", 5_400_000, 7_200_100)]
    assert seen.latencies[2].start == 12_000_000


def test_a_late_restoration_waits_for_hr() -> None:
    """Extended at 90m, done at 130m = 7,800,000, carried at 160m."""
    seen = run(told(act("90m", "extend", "ann", until="1000m", hr_lag="40m"), before={"people": CONTRACTOR}))
    assert seen.latencies[1] == Latency("contract_restored", "ann", 5_400_000, 9_600_100, 2_400_000, 1_800_000, 100, 0)


def test_a_contract_restored_ahead_of_its_day_is_early_until_then() -> None:
    """Enabled in the directory at 60m for a day at 100m: works from 4,800,100 on, where the disabling is never sent."""
    seen = run(told(act("100m", "extend", "ann", until="1000m", hr_lag="-40m"), before={"people": CONTRACTOR}))
    assert seen.counts == {"contractor_expiry": 1, "contract_restored": 1}
    assert seen.held("ann") == ["ReadOnly@dev"]
    assert account(seen, "ann")["employeeType"] == "Contractor"


def test_a_conversion_ends_the_contract_for_good() -> None:
    """Converted at 10m to Operations: what a move costs, and the contract's end at 50m does not come."""
    seen = run(told(act("10m", "convert", "ann", department="Operations"), before={"people": CONTRACTOR}))
    assert seen.counts == {"conversion": 1}
    assert (seen.done("mover_revoke"), seen.done("mover_grant")) == ([1_800_300], [1_800_400])
    assert account(seen, "ann")["employeeType"] == "Employee"
    assert population(seen) == {"employees": 2, "contractors": 0, "peak": 2}


def test_a_change_of_name_reaches_the_target_late_and_orphans_nothing() -> None:
    """True at 10m, done at 50m = 3,000,000, sent at 80m: GET and PATCH."""
    new = {"family_name": "Ode", "user_principal_name": "ann.ode@contoso.example"}
    seen = run(told(act("10m", "change_name", "ann", hr_lag="40m", **new)))
    assert seen.counts == {"name_change": 1}
    assert seen.requests == [(4_800_000, "GET Users"), (4_800_100, "PATCH Users")]
    assert account(seen, "ann")["displayName"] == "Ann Ode"
    assert (seen.latencies, seen.total_ms, seen.outcomes, seen.by_kind()) == ([], 0, {}, {})


def test_a_change_of_manager_is_an_event_and_no_access() -> None:
    seen = run(told(act("10m", "change_manager", "ann", manager="bob")))
    assert seen.counts == {"manager_change": 1}
    directory = seen.world.services.directory
    assert directory.user(seen.person("ann").row).manager == seen.person("bob").row
    assert (seen.latencies, seen.total_ms) == ([], 0)


def absentee(**more: Any) -> Seen:
    """Dan is expected at 60m with an account made at 10m."""
    action = act("60m", "no_show", hr_lag="-50m", **more)
    action["person"] = person("dan")
    return run(told(action))


def test_a_no_show_is_early_until_hr_notices() -> None:
    """Provisioned at 2,400,300; closed at 100m, 40m after the day; disabled by the cycle at 120m."""
    seen = absentee(noticed_after="40m")
    assert (seen.counts, seen.outcomes) == ({"joiner": 1, "no_show": 1}, {"superseded": 1})
    assert [(piece.cause, piece.waiting, piece.until) for piece in seen.pieces] == [
        ("early", "hr", 6_000_000),
        ("early", "cycle", 7_200_000),
        ("early", "processing", 7_200_100),
    ]
    assert population(seen)["employees"] == len(THREE)


def test_a_no_show_that_nobody_notices_waits_for_nobody() -> None:
    assert [(piece.waiting, piece.until) for piece in absentee().pieces] == [("hr", 3_600_000), ("nobody", None)]


def test_a_move_changes_title_and_office_too() -> None:
    seen = run(told(act("10m", "move", "ann", role="Lead", location="Oslo")))
    held = account(seen, "ann")
    assert (held["jobTitle"], held["officeLocation"]) == ("Lead", "Oslo")
