"""What observation keeps up to date change by change equals what one would find by looking at everything anew.

Random stories stop at many moments; there the cores are asked for the whole picture.
"""

from __future__ import annotations

from hypothesis import given, settings

from sim.observation.divergence import Divergence
from sim.observation.person import FUTURE, LEFT, PRESENT
from sim.observation.words import NOBODY, QUARANTINE, WAITING
from sim.provisioning.codes import TOO_MANY_DELETES
from sim.scenario import Scenario
from tests.semantics.random_stories import refusals, stories
from tests.semantics.story import HOUR, MINUTE, Answers, Seen, begin

MOMENTS = (*range(0, 4 * HOUR, 13 * MINUTE), 4 * HOUR)
NOTHING: frozenset[int] = frozenset()


def owners(seen: Seen) -> dict[int, list[int]]:
    """Rows of the target's users by whose they are."""
    parts = seen.world.parts
    provider, directory = parts.services.provider, parts.services.directory
    found: dict[int, list[int]] = {}
    for row in range(provider.users_made):
        found.setdefault(parts.register.target_owner(row, provider, directory, lambda _: None), []).append(row)
    return found


@settings(max_examples=120)
@given(stories(), refusals())
def test_everybody_holds_what_the_target_honours(scenario: Scenario, answers: Answers | None) -> None:
    seen = begin(scenario, answers)
    ledger, instance = seen.world.parts.ledger, seen.world.services.instance
    for moment in MOMENTS:
        seen.world.run_until(moment)
        for number, rows in owners(seen).items():
            effective = NOTHING.union(*(instance.effective(row) for row in rows))
            assert ledger.person(number).effective == effective
            held = NOTHING.union(*(instance.held(row) for row in rows if not instance.store.is_active(row)))
            assert ledger.person(number).suspended == held


@settings(max_examples=120)
@given(stories(), refusals())
def test_orphaned_and_missing_are_the_two_differences(scenario: Scenario, answers: Answers | None) -> None:
    seen = begin(scenario, answers)
    ledger = seen.world.parts.ledger
    for moment in MOMENTS:
        seen.world.run_until(moment)
        for person in ledger.touched():
            assert person.orphans.keys() == person.effective - person.entitled
            assert (person.missing_since is not None) == bool(person.entitled - person.effective)
            assert bool(person.cause) == bool(person.orphans)
        exposure = ledger.exposure
        assert exposure.grant("orphaned").now == sum(len(person.orphans) for person in ledger.touched())
        assert exposure.person("missing").now == sum(p.missing_since is not None for p in ledger.touched())


@settings(max_examples=120)
@given(stories(), refusals())
def test_truth_is_the_directorys_or_hrs(scenario: Scenario, answers: Answers | None) -> None:
    """Of HR's people only where an administrator's act is no word of HR's: then it is the policy, of the facts."""
    seen = begin(scenario, answers)
    parts = seen.world.parts
    for moment in MOMENTS:
        seen.world.run_until(moment)
        for person in parts.ledger.touched():
            if person.standing != PRESENT:
                assert person.entitled == NOTHING
            elif not person.hr:
                assert person.entitled == parts.truth.of_account(person.number, person.row)
            elif scenario.organisation.truth_of_manual_changes == "stays" and person.row >= 0:
                assert person.entitled == parts.truth.of_facts(person.number, parts.register.facts(person.number))


@settings(max_examples=120)
@given(stories(), refusals())
def test_what_is_waited_for_is_found_anew_at_every_change(scenario: Scenario, answers: Answers | None) -> None:
    seen = begin(scenario, answers)
    ledger = seen.world.parts.ledger
    for moment in MOMENTS:
        seen.world.run_until(moment)
        for person in ledger.touched():
            if person.orphans:
                assert person.waiting == ledger.judge.waiting_for(person, next(iter(person.orphans)))
                assert person.waiting in WAITING


@settings(max_examples=120)
@given(stories(), refusals())
def test_differences_counted_one_by_one_are_those_of_a_full_comparison(
    scenario: Scenario, answers: Answers | None
) -> None:
    seen = begin(scenario, answers)
    parts, services = seen.world.parts, seen.world.services
    directory, provider = services.directory, services.provider
    for moment in MOMENTS:
        seen.world.run_until(moment)
        full = Divergence(directory, provider, parts.view, parts.user_map, parts.group_map)
        for row in range(directory.users_count):
            full.user(row)
        for group in directory.groups:
            full.group(group.row)
        for row in range(provider.users_made):
            full.target_user(row)
        for target_group in provider.groups:
            full.target_group(target_group.row)
        full.look()
        parts.divergence.look()
        assert parts.divergence.by_kind == full.by_kind
        assert (parts.divergence.total, parts.divergence.unmanaged) == (full.total, full.unmanaged)


@settings(max_examples=200)
@given(stories(), refusals())
def test_nobody_means_nobody_and_everything_else_comes_to_pass(scenario: Scenario, answers: Answers | None) -> None:
    """No act comes after 4h, HR is done by 5.5h, and the target refuses nothing after 3.5h. What failed is due within
    6h of that, and a job in quarantine is tried by 14h. What is left then waits for nobody, and is there two hours
    later. Only what HR could not do, because the directory refused it, waits for HR, and deletions that are held back
    for somebody to allow them."""
    seen = begin(scenario.model_copy(update={"drain": 12 * HOUR}), answers)
    ledger, ward = seen.world.parts.ledger, seen.world.driver.ward
    seen.world.run_until(14 * HOUR)
    left = {
        (person.number, grant): ledger.judge.waiting_for(person, grant)
        for person in ledger.touched()
        for grant in person.orphans
    }
    for (number, _), waiting in left.items():
        person = ledger.person(number)
        held = ward.current is not None and ward.current.reason == TOO_MANY_DELETES and waiting == QUARANTINE
        assert waiting == NOBODY or held or (person.hr_pending and person.standing in {FUTURE, LEFT, PRESENT})
    seen.world.run()
    assert left.keys() == {(person.number, grant) for person in ledger.touched() for grant in person.orphans}


@settings(max_examples=120)
@given(stories(), refusals())
def test_what_waits_for_nobody_does_not_end_while_nobody_acts(scenario: Scenario, answers: Answers | None) -> None:
    """Between two moments at which nothing was scripted, told to HR, or changed hands in the console."""
    seen = begin(scenario, answers)
    ledger = seen.world.parts.ledger
    moments = sorted(
        {*(a.at for a in scenario.timeline), *(a.at + int(getattr(a, "hr_lag", 0)) for a in scenario.timeline)}
    )
    moments = sorted({*moments, 150 * MINUTE})
    for one, other in zip(moments, [*moments[1:], 4 * HOUR], strict=True):
        seen.world.run_until(one + 1)
        stuck = {
            (person.number, grant)
            for person in ledger.touched()
            for grant in person.orphans
            if ledger.judge.waiting_for(person, grant) == NOBODY
        }
        seen.world.run_until(max(other, one + 1))
        now = {(person.number, grant) for person in ledger.touched() for grant in person.orphans}
        assert stuck <= now
