"""What holds of tickets whatever happens: sums are exact, and where nobody errs all end with what they should have."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario import Scenario
from sim.scenario.ticketing import Ticketing
from tests.semantics.random_stories import stories
from tests.semantics.story import act, join, run, told

SHARE = st.sampled_from([0, 0.5, 1])
DELAY = st.sampled_from(["0m", "7m", {"uniform": ["1m", "2h"]}, "survey"])


@st.composite
def desks(draw: st.DrawFn) -> Ticketing:
    """Any desk."""
    values: dict[str, Any] = {
        "joiners": {"forgotten": draw(SHARE)},
        "movers": {"forgotten": draw(SHARE), "keeps": draw(SHARE)},
        "leavers": {"forgotten": draw(SHARE)},
        "gives": draw(st.sampled_from(["assignments", "memberships"])),
        "ends": draw(st.sampled_from(["unassign", "disable", "delete"])),
        "user_names": draw(st.sampled_from(["user_principal_name", "mail_nickname"])),
    }
    if draw(st.booleans()):
        values["review"] = {"every": "1h", "catches": draw(SHARE)}
    if draw(st.booleans()):
        values["operators"] = {"number": draw(st.sampled_from([1, 2])), "handling": "20m"}
    else:
        values["delay"] = draw(DELAY)
    return Ticketing.model_validate(values)


@settings(max_examples=80)
@given(stories(), desks())
def test_hops_and_hours_add_up_exactly(scenario: Scenario, desk: Ticketing) -> None:
    """E13, and person-hours by cause and by what was waited for, whatever administrators and HR do meanwhile."""
    provisioning = scenario.provisioning.model_copy(update={"strategy": "ticket", "ticket": desk})
    seen = run(scenario.model_copy(update={"provisioning": provisioning}))
    rows = [row for row in seen.latency_rows if not row[0].startswith(("mover_overlap", "mover_gap"))]
    rows += [m.row(seen.world.now, ended=False) for p in seen.world.parts.ledger.touched() for m in p.measures]
    assert [row[5] for row in rows] == [sum(row[6:]) for row in rows]
    assert sum(seen.person_ms.values()) == sum(seen.waiting_ms.values()) == seen.total_ms


WHO = st.sampled_from(["ann", "bob", "cyd", "dee"])
DEPARTMENT = st.sampled_from(["Engineering", "Operations", "Security", "Kitchen"])


@st.composite
def days(draw: st.DrawFn) -> list[dict[str, Any]]:
    """What HR does within four hours."""
    timeline = [join("5m", "dee", draw(DEPARTMENT))]
    for _ in range(draw(st.integers(1, 8))):
        do = draw(st.sampled_from(["move", "move", "leave", "rehire", "absent", "back"]))
        more: dict[str, Any] = {"hr_lag": draw(st.sampled_from(["0m", "25m", "90m"]))}
        if do in {"move", "rehire"}:
            more["department"] = draw(DEPARTMENT)
        timeline.append(act(f"{draw(st.integers(6, 235))}m", do, draw(WHO), **more))
    return timeline


@settings(max_examples=150)
@given(
    days(),
    st.sampled_from(["assignments", "memberships"]),
    st.sampled_from(["unassign", "delete"]),  # a disabled user keeps its assignments, and has them on coming back
    st.sampled_from(["0m", {"uniform": ["1m", "3h"]}]),
)
def test_where_nobody_errs_everybody_ends_with_what_the_directory_gives(
    timeline: list[dict[str, Any]], gives: str, ends: str, delay: Any
) -> None:
    """However tickets cross each other: nothing is forgotten, kept or overlooked, and all have been worked."""
    ticket = {
        "delay": delay, "gives": gives, "ends": ends,
        "movers": {"keeps": 0}, "leavers": {"forgotten": 0}, "contractors": {"forgotten": 0},
    }  # fmt: skip
    seen = run(told(*timeline, duration="12h", provisioning__strategy="ticket", provisioning__ticket=ticket))
    desk, truth = seen.world.carried.desk, seen.world.parts.truth
    assert desk is not None
    assert desk.open_tickets() == []
    for name in ("ann", "bob", "cyd", "dee"):
        person = seen.person(name)
        assert seen.held(name) == seen.grants(truth.of_account(person.number, person.row)), name
