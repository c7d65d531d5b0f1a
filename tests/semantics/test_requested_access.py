"""Access that somebody asks for is theirs from then to its end, whoever takes it away, and is measured as such."""

from __future__ import annotations

from typing import Any

from tests.semantics.story import ACCESS, HOUR, MINUTE, Grant, Piece, Seen, act, run, told


def ask(at: str, who: str, group: str, **more: Any) -> dict[str, Any]:
    """Somebody asks for a group."""
    return act(at, "request_access", who, group=group, **more)


def counts(seen: Seen) -> dict[str, int]:
    """What became of requests, as far as anything did."""
    return {what: n for what, n in seen.world.parts.requested.counts.items() if n}


def test_what_is_asked_for_is_there_with_the_next_cycle_and_goes_with_the_one_after_its_end() -> None:
    """Ann (Engineering: ReadOnly) asks for Operators at 10m, until 90m. The cycle at 40m: GET user @0, GET Operators
    @100, add @200: she waits 1,800,200 ms. Her access ends at 90m and is taken out of the directory; the cycle at 120m
    removes her @200: 1,800,200 ms orphaned, of which the last 200 in the cycle. No lifecycle event has happened."""
    seen = run(told(ask("10m", "ann", "Operators", until="90m")))
    assert seen.missing == [("ann", 600_000, 2_400_200)]
    assert seen.pieces == [
        Piece("ann", "access_expiry", "cycle", 90 * MINUTE, 120 * MINUTE),
        Piece("ann", "access_expiry", "processing", 120 * MINUTE, 120 * MINUTE + 200),
    ]
    assert seen.held("ann") == seen.entitled("ann") == ["ReadOnly@dev"]
    assert (counts(seen), seen.counts) == ({"given": 1, "ended": 1}, {})


def test_what_is_forgotten_stays_and_nobody_will_end_it() -> None:
    seen = run(told(ask("10m", "ann", "Operators", until="90m", forgotten=True)))
    assert seen.pieces == [Piece("ann", "access_expiry", "nobody", 90 * MINUTE, None)]
    assert (seen.held("ann"), seen.entitled("ann")) == (["PowerUser@dev", "ReadOnly@dev"], ["ReadOnly@dev"])
    assert counts(seen) == {"given": 1, "forgotten": 1}


def test_without_an_end_it_is_theirs_until_somebody_ends_it() -> None:
    """Ended at 3h, removed by the cycle that begins then, for an act at a gate's instant is in that cycle (E1)."""
    seen = run(told(ask("10m", "ann", "Operators"), act("200m", "end_access", "ann", group="Operators")))
    assert seen.orphans == [Grant("ann", "PowerUser@dev", "access_expiry", 200 * MINUTE, 200 * MINUTE + 200)]
    assert counts(seen) == {"given": 1, "ended": 1}


def test_asked_for_again_the_later_end_counts_and_what_it_says_about_forgetting() -> None:
    seen = run(
        told(
            ask("10m", "ann", "Operators", until="90m", forgotten=True),
            ask("20m", "ann", "Operators", until="100m"),
            ask("30m", "ann", "Operators", until="50m"),
        )
    )
    assert seen.orphans == [Grant("ann", "PowerUser@dev", "access_expiry", 100 * MINUTE, 120 * MINUTE + 200)]
    assert counts(seen) == {"given": 1, "extended": 2, "ended": 1}


def test_a_mover_keeps_what_was_asked_for_and_loses_what_the_old_place_gave() -> None:
    """Ann asks for Auditors, which no rule gives her, and moves to Operations: Audit stays entitled, ReadOnly goes."""
    seen = run(told(ask("10m", "ann", "Auditors", until="3h50m"), act("90m", "move", "ann", department="Operations")))
    first = seen.orphans[0]
    assert (first.grant, first.cause) == ("ReadOnly@dev", "mover")
    assert seen.orphans[-1] == Grant("ann", "Audit@prod", "access_expiry", 230 * MINUTE, None)
    assert seen.entitled("ann") == ["PowerUser@dev"]


def test_a_mover_who_asks_for_the_old_access_back_is_not_waited_for_any_more() -> None:
    """Ann moves at 10m, and is given Engineers again at 20m, before any cycle: the revoke ends there, after 10m."""
    seen = run(told(act("10m", "move", "ann", department="Operations"), ask("20m", "ann", "Engineers")))
    assert seen.done("mover_revoke") == [10 * MINUTE]
    assert seen.held("ann") == seen.entitled("ann") == ["PowerUser@dev", "ReadOnly@dev"]
    assert seen.person_ms == {"mover": 10 * MINUTE}


def test_who_has_it_by_their_facts_asks_in_vain() -> None:
    seen = run(told(ask("10m", "bob", "Operators", until="1h")))
    (refused,) = seen.world.timeline.refused
    assert refused.reason.startswith("One or more added object references already exist")
    assert counts(seen) == {}


def test_a_move_to_where_it_is_birthright_keeps_it_beyond_its_end() -> None:
    seen = run(told(ask("10m", "ann", "Operators", until="2h"), act("90m", "move", "ann", department="Operations")))
    assert seen.held("ann") == seen.entitled("ann") == ["PowerUser@dev"]
    assert "access_expiry" not in seen.person_ms


def test_with_the_person_everything_goes_and_what_was_asked_for_is_not_theirs_when_they_come_back() -> None:
    """Bob leaves with a request that runs until 3h30m, forgotten. He is hired again at 2h. The old account is still in
    Sudo, a group that no rule of birthright gives, and which HR therefore leaves alone: a leftover that works again."""
    catalogue = {**ACCESS["catalogue"], "Sudo": [{"permission_set": "Administrator", "account": "dev"}]}
    seen = run(
        told(
            ask("10m", "bob", "Sudo", until="210m", forgotten=True),
            act("50m", "leave", "bob"),
            act("2h", "rehire", "bob"),
            organisation__access__catalogue=catalogue,
        )
    )
    assert seen.entitled("bob") == ["PowerUser@dev"]
    assert {(o.grant, o.cause) for o in seen.orphans if o.until is None} == {("Administrator@dev", "rehire")}
    assert counts(seen) == {"given": 1, "forgotten": 1}


def test_who_has_left_is_taken_out_of_the_group_at_the_end_all_the_same() -> None:
    seen = run(told(ask("10m", "bob", "Auditors", until="90m"), act("50m", "leave", "bob"), act("3h", "rehire", "bob")))
    assert seen.held("bob") == ["PowerUser@dev"]
    assert "rehire" not in seen.person_ms


def test_while_on_leave_it_is_nobodys_and_comes_back_if_it_still_lasts() -> None:
    seen = run(
        told(
            ask("10m", "ann", "Operators", until="3h50m"),
            ask("10m", "ann", "Auditors", until="2h"),
            act("1h", "absent", "ann"),
            act("150m", "back", "ann"),
        )
    )
    assert seen.held("ann") == ["PowerUser@dev", "ReadOnly@dev"]
    ended = [grant for grant in seen.orphans if grant.cause == "access_expiry"]
    assert ended == [Grant("ann", "PowerUser@dev", "access_expiry", 230 * MINUTE, None)]


def test_who_has_left_asks_for_nothing() -> None:
    seen = run(told(act("10m", "leave", "ann"), ask("20m", "ann", "Operators", until="1h")))
    assert [refused.action for refused in seen.world.timeline.refused] == ["request_access"]
    assert seen.entitled("ann") == []
    assert seen.world.now == 4 * HOUR
