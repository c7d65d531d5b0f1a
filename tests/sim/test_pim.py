"""Memberships activated for a while: the fast way, what waits for the cycle, and what has ended before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sim.ports import Answer
from sim.scenario import scenario_from
from sim.world import World
from tests.contract.stories import person, story
from tests.semantics.story import Seen, act, begin, run, told, what

MINUTE = 60_000
FAST = {"fast_path": True, "delay": "5m"}


def activate(at: str, who: str = "ann", group: str = "Auditors", **more: Any) -> dict[str, Any]:
    return act(at, "pim_activate", who, group=group, **more)


def seen(*timeline: dict[str, Any], **pim: Any) -> Seen:
    return run(told(*timeline, provisioning__pim={**FAST, **pim}))


def when(story: Seen, what: str = "PATCH Groups") -> list[int]:
    """Minutes at which memberships were sent."""
    return [at // MINUTE for at, sent in story.requests if sent == what]


def test_an_activation_arrives_after_its_delay_and_its_end_with_the_cycle() -> None:
    """Ann (Engineering) activates Auditors at 5m for 20m: sent at 10m on the fast way. It has ended at 25m, and what
    the cycle at 40m sends is the removal."""
    story = seen(activate("5m", **{"for": "20m"}))
    assert when(story) == [10, 40]
    assert story.held("ann") == ["ReadOnly@dev"]


def test_the_person_has_the_access_from_the_fast_way_on_and_has_waited_until_then() -> None:
    """Activated at 5m, taken up at 10m in no time: five minutes of waiting and none of processing."""
    story = seen(activate("5m", **{"for": "3h"}))
    latency = next(each for each in story.latencies if each.who == "ann")
    assert (latency.kind, latency.ms, latency.wait, latency.processing) == ("mover_grant", 300_000, 300_000, 0)


def test_without_the_fast_way_an_activation_waits_for_the_cycle() -> None:
    assert when(run(told(activate("5m", **{"for": "3h"}))))[:1] == [40]


def test_an_activation_that_has_ended_is_not_carried() -> None:
    story = seen(activate("5m", **{"for": "3h"}), act("7m", "pim_deactivate", "ann", group="Auditors"))
    assert [minute for minute in when(story) if minute < 40] == []
    assert "Audit@prod" not in story.held("ann")


def test_one_that_a_cycle_has_taken_along_is_not_sent_again() -> None:
    """Activated at 38m, the cycle at 40m carries it: nothing at 43m."""
    story = seen(activate("38m", **{"for": "3h"}))
    assert when(story) == [40]


def test_an_activation_that_was_ended_and_begun_anew_is_carried_once_and_ends_at_its_own_time() -> None:
    """The first would have ended at 65m; the second, begun at 10m for 3h, is what counts: nothing is taken at 65m."""
    story = seen(
        activate("5m", **{"for": "1h"}),
        act("8m", "pim_deactivate", "ann", group="Auditors"),
        activate("10m", **{"for": "3h"}),
    )
    assert [minute for minute in when(story) if minute < 40] == [15]
    assert [minute for minute in when(story) if 65 <= minute < 190] == []


def test_the_sixth_activation_within_ten_seconds_waits_for_the_cycle() -> None:
    """Six people at 5m: five are carried at 10m, the sixth by the cycle at 40m; who comes ten seconds later is fast."""
    names = ["eve", "fay", "gus", "hal", "ida", "jim", "kim"]
    people = [person(name, "Kitchen") for name in names]
    timeline: list[Mapping[str, Any]] = [
        *({"at": "5m", "do": "pim_activate", "person": name, "group": "Leads", "for": "3h"} for name in names[:6]),
        {"at": "5m10s", "do": "pim_activate", "person": "kim", "group": "Leads", "for": "3h"},
    ]
    values = story("burst", [dict(each) for each in timeline], provisioning={"phase": "40m", "pim": FAST})
    values["before"] = {"people": people}
    world = World(scenario_from(values))
    done = []
    for minute in (4, 11, 45):
        world.run_until(minute * MINUTE)
        done.append(world.driver.sums.tally.memberships_added)
    assert done[:2] == [0, 6]
    assert [name for name in names if holds(world, name)] == names
    world = World(scenario_from(values))
    world.run_until(11 * MINUTE)
    assert [name for name in names if not holds(world, name)] == ["jim"]


def holds(world: World, name: str) -> bool:
    return bool(world.parts.ledger.person(world.parts.register.names[name]).effective)


def test_each_activation_draws_its_own_delay_which_another_one_does_not_move() -> None:
    """Between two and ten minutes, and the same with and without a second activation before it."""
    drawn = {"delay": {"uniform": ["2m", "10m"]}}
    alone = seen(activate("5m", **{"for": "3h"}), **drawn)
    after = seen(activate("4m", "bob", **{"for": "3h"}), activate("5m", **{"for": "3h"}), **drawn)

    def latency(story: Seen) -> int:
        return next(each.ms for each in story.latencies if each.who == "ann")

    assert 2 * MINUTE <= latency(alone) <= 10 * MINUTE
    assert latency(alone) == latency(after)
    assert latency(alone) % 1000 != 0


@pytest.mark.parametrize("action", ["pim_activate", "pim_deactivate"])
def test_what_the_directory_refuses_is_a_record(action: str) -> None:
    """Ann is in Engineers already, and in no Auditors."""
    group = "Engineers" if action == "pim_activate" else "Auditors"
    story = seen(act("5m", action, "ann", group=group))
    assert [refused.action for refused in story.world.timeline.refused] == [action]


def test_an_activation_that_failed_and_has_ended_is_not_made_good_by_an_initial_cycle() -> None:
    """Sent at 10m and refused, ended at 25m. A restart at 30m makes the cycle at 40m read all members there are, and
    tells of nobody who was one in between: what failed then is no longer wanted."""
    told_of = told(
        activate("5m", **{"for": "20m"}),
        act("30m", "restart_job", scopes=["Watermark"]),
        provisioning__pim=FAST,
    )
    story = begin(
        told_of, lambda request, now: Answer(500) if now < 15 * MINUTE and what(request) == "PATCH Groups" else None
    )
    story.world.run_until(60 * MINUTE)
    assert story.held("ann") == ["ReadOnly@dev"]
    story.world.run()
    assert story.held("ann") == ["ReadOnly@dev"]
