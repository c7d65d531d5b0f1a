"""A toxic pair is held from the instant at which the target honours both sides to the one at which it does not."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given, settings

from sim.access.toxic import Pair
from sim.observation.toxic import ToxicRow
from sim.observation.words import EFFECTIVE, ENTITLED
from sim.scenario import Scenario
from tests.semantics.random_stories import refusals, stories
from tests.semantics.story import MINUTE, Answers, Seen, act, begin, run, told

PAIR = {"name": "read and work", "groups": ["Engineers", "Operators"]}


def toxic(seen: Seen) -> Any:
    """What the ledger keeps about toxic pairs."""
    return seen.world.parts.ledger.toxic


def story(*timeline: dict[str, Any], pairs: list[dict[str, Any]] | None = None, **more: Any) -> Seen:
    """A run with a toxic pair; its closed stretches are in ``rows``."""
    return run(told(*timeline, organisation__access__toxic=pairs or [PAIR], **more))


def test_a_mover_who_leaves_the_old_group_first_never_holds_both() -> None:
    """Ann moves from Engineering to Operations at 10m: the cycle takes her out @300 and puts her in @400."""
    seen = story(act("10m", "move", "ann", department="Operations"))
    assert (seen.done("mover_overlap"), seen.done("mover_gap")) == ([0], [100])
    assert toxic(seen).any.people.peak == 0


def test_a_mover_who_keeps_the_old_access_holds_both_retained() -> None:
    """Ann also has ReadOnly by hand, which no cycle takes: when PowerUser comes, at 40m and 400 ms, she holds both, and
    is entitled to one of them only, to the end of the run."""
    seen = story(
        act("5m", "aws_assign", user="ann", permission_set="ReadOnly", account="dev"),
        act("10m", "move", "ann", department="Operations"),
    )
    held = 240 * MINUTE - (40 * MINUTE + 400)
    assert toxic(seen).any.people.sum_ms(seen.world.now) == toxic(seen).any.retained.sum_ms(seen.world.now) == held
    (row,) = toxic(seen).open_rows()
    assert row[1:] == ("read and work", 0, 40 * MINUTE + 400, None)


def test_who_asks_for_the_other_side_holds_both_entitled_and_then_retained() -> None:
    """Ann asks for Operators at 10m until 90m: she holds both from 2,400,200 on; from 90m on she is not entitled to
    both any more, until the cycle at 120m takes the one away at @200."""
    seen = story(act("10m", "request_access", "ann", group="Operators", until="90m"))
    held = 120 * MINUTE + 200 - 2_400_200
    assert toxic(seen).any.people.sum_ms(seen.world.now) == held
    assert toxic(seen).any.retained.sum_ms(seen.world.now) == 30 * MINUTE + 200
    assert toxic(seen).any.people.peak == 1


def test_who_holds_a_pair_by_policy_holds_it_from_the_beginning() -> None:
    """Cyd (Security) has ReadOnly and Audit by birthright, and holds them for all of the four hours."""
    pairs = [{"name": "read and audit", "permission_sets": ["ReadOnly", "Audit"]}]
    seen = story(pairs=pairs)
    assert toxic(seen).any.people.sum_ms(seen.world.now) == 240 * MINUTE
    assert toxic(seen).any.retained.sum_ms(seen.world.now) == 0
    (row,) = toxic(seen).open_rows()
    assert row[1:] == ("read and audit", 1, 0, None)


def test_generated_people_who_hold_a_pair_by_policy_are_counted_without_any_event() -> None:
    pairs = [{"name": "read and audit", "permission_sets": ["ReadOnly", "Audit"]}]
    departments = [{"name": name} for name in ("Security", "Operations", "Engineering")]
    seen = story(pairs=pairs, before={}, organisation__departments=departments, workforce={"size": 40, "counts": {}})
    start = seen.world.parts.start
    assert start is not None
    of_security = [row for row in range(40) if start.facts(row).department == "Security"]
    assert sorted(toxic(seen).held) == of_security
    assert toxic(seen).any.people.sum_ms(seen.world.now) == len(of_security) * 240 * MINUTE > 0


def test_a_permission_set_counts_on_the_account_that_is_named() -> None:
    elsewhere = [{"name": "read and audit", "permission_sets": ["ReadOnly", "Audit"], "account": "prod"}]
    assert toxic(story(pairs=elsewhere)).held == {}  # ReadOnly is on dev, Audit on prod


def holds(pair: Pair, grants: frozenset[int]) -> bool:
    """Both sides, each by one of its choices."""
    return all(any(not choice - grants for choice in side) for side in (pair.first, pair.second))


@settings(max_examples=150, deadline=None)
@given(stories(), refusals())
def test_every_stretch_is_the_one_that_a_look_at_every_instant_would_find(
    scenario: Scenario, answers: Answers | None
) -> None:
    """Brute force: from the stretches in which each grant was held and entitled (which know nothing of pairs), at every
    instant at which any of them begins or ends: who holds which pair until the next, and whether entitled to it."""
    seen = begin(scenario, answers)
    world, ledger = seen.world, seen.world.parts.ledger
    assert ledger.toxic is not None
    rules = ledger.toxic.rules
    rows: list[ToxicRow] = []
    ledger.toxic.sink = rows.append
    world.run()
    stretches: dict[int, list[tuple[int, str, int, int]]] = {}
    for number, grant, state, _, since, until in (*seen.grant_rows, *ledger.open_grants()):
        stretches.setdefault(number, []).append((grant, state, since, world.now if until is None else until))
    expected: dict[tuple[int, str, int], int] = {}
    for number, grants in stretches.items():
        for one, other in pairwise(sorted({at for _, _, *both in grants for at in both})):
            at_one = [(grant, state) for grant, state, since, until in grants if since <= one < until]
            effective, entitled = (
                frozenset(grant for grant, state in at_one if state == wanted) for wanted in (EFFECTIVE, ENTITLED)
            )
            for pair in rules.pairs:
                if holds(pair, effective):
                    key = (number, pair.name, int(holds(pair, entitled)))
                    expected[key] = expected.get(key, 0) + other - one
    found: dict[tuple[int, str, int], int] = {}
    for number, name, allowed, since, until in (*rows, *ledger.toxic.open_rows()):
        key = (number, name, allowed)
        lasted = (world.now if until is None else until) - since
        if lasted:
            found[key] = found.get(key, 0) + lasted
    assert found == expected
    for place, pair in enumerate(rules.pairs):
        sums = ledger.toxic.pairs[place]
        of_pair = {key: ms for key, ms in found.items() if key[1] == pair.name}
        assert sums.people.sum_ms(world.now) == sum(of_pair.values())
        assert sums.retained.sum_ms(world.now) == sum(ms for key, ms in of_pair.items() if not key[2])
