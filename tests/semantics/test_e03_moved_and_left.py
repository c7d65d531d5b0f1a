"""E3: moved and left before the cycle: the mover is superseded. Two moves: the first is. A→B→A: both no_change."""

from __future__ import annotations

from tests.semantics.story import Grant, Latency, Piece, act, run, told

AUDIT = {"department": "Audit", "groups": ["Auditors"]}


def test_moved_and_left_before_the_cycle() -> None:
    """Ann moves at 10m and leaves at 20m; the cycle at 40m disables her (GET, PATCH): 1,200,100 ms after leaving.
    What she retained as a mover from 600,000 on is a leaver's from 1,200,000 on."""
    seen = run(told(act("10m", "move", "ann", department="Operations"), act("20m", "leave", "ann")))
    assert seen.outcomes == {"superseded": 1}
    assert seen.latencies == [Latency("leaver", "ann", 1_200_000, 2_400_100, 0, 1_200_000, 100, 0)]
    assert seen.pieces == [
        Piece("ann", "mover", "cycle", 600_000, 1_200_000),
        Piece("ann", "leaver", "cycle", 1_200_000, 2_400_000),
        Piece("ann", "leaver", "processing", 2_400_000, 2_400_100),
    ]


def test_of_two_moves_the_first_is_superseded() -> None:
    """Ann: Engineering, at 10m Operations, at 20m Audit. The cycle at 40m: GET user @0; GET Engineers, Operators,
    Auditors @100, 200, 300; then the memberships that changed, group by group: out of Engineers @400, out of
    Operators @500 (she never was in), into Auditors @600. Both latencies count from the second move; between @400 and
    @600 she holds neither. What she lost at 10m is retained without a break until @400."""
    values = told(act("10m", "move", "ann", department="Operations"), act("20m", "move", "ann", department="Audit"))
    values["organisation"]["access"]["birthright"] = [*values["organisation"]["access"]["birthright"], AUDIT]
    seen = run(values)
    assert seen.counts == {"mover": 2}
    assert seen.outcomes == {"superseded": 1}
    assert seen.latencies == [
        Latency("mover_revoke", "ann", 1_200_000, 2_400_400, 0, 1_200_000, 400, 0),
        Latency("mover_grant", "ann", 1_200_000, 2_400_600, 0, 1_200_000, 600, 0),
    ]
    assert (seen.done("mover_overlap"), seen.done("mover_gap")) == ([0], [200])
    assert seen.orphans == [Grant("ann", "ReadOnly@dev", "mover", 600_000, 2_400_400)]
    assert seen.held("ann") == ["Audit@prod"]


def test_there_and_back_again_changes_nothing() -> None:
    """For the ten minutes between, truth gave Ann PowerUser and not ReadOnly; the target never heard of it."""
    seen = run(
        told(act("10m", "move", "ann", department="Operations"), act("20m", "move", "ann", department="Engineering"))
    )
    assert seen.counts == {"mover": 2}
    assert seen.outcomes == {"no_change": 2}
    assert seen.latencies == []
    assert seen.missing == [("ann", 600_000, 1_200_000)]
    assert seen.person_ms == {"mover": 600_000}


def test_there_and_back_with_a_cycle_between_are_two_moves() -> None:
    """Each is measured: 1,800,000 ms to the gate at 40m or 80m, then GET user, two GETs of groups, remove @300, add
    @400."""
    seen = run(
        told(act("10m", "move", "ann", department="Operations"), act("50m", "move", "ann", department="Engineering"))
    )
    assert seen.outcomes == {}
    assert seen.done("mover_revoke") == seen.done("mover_revoke") == [1_800_300, 1_800_300]
    assert seen.done("mover_grant") == [1_800_400, 1_800_400]


def test_a_move_of_somebody_who_is_away_changes_nothing() -> None:
    """Bob is absent from 10m to 90m and moves at 50m; the return gives him the new place's access."""
    seen = run(
        told(
            act("10m", "absent", "bob"),
            act("50m", "move", "bob", department="Engineering"),
            act("90m", "back", "bob"),
        )
    )
    assert seen.counts == {"absence": 1, "mover": 1, "return": 1}
    assert seen.outcomes == {"no_change": 1}
    assert seen.held("bob") == ["ReadOnly@dev"]
