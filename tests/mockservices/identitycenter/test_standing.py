"""What users had been assigned before the start: the doors know of it, and an end of it is an end."""

from __future__ import annotations

from mockservices.clock import Millis
from mockservices.identitycenter.sessions.spans import NEVER_ENDS
from sim.scenario import load
from sim.world import World


def world_by_ticket() -> World:
    return World(load("ticket-era").scenario)


def test_an_assignment_of_the_start_has_a_tenure_from_before_it_and_ends_when_it_is_taken_away() -> None:
    world = world_by_ticket()
    instance, store = world.services.instance, world.services.provider
    row = next(row for row in range(store.base_size) if instance.direct(row))
    identifier = store.user_id(row)
    grants = sorted(instance.direct(row))
    assert list(instance.tenures.of(identifier)) == [(grant, (-1, NEVER_ENDS)) for grant in grants]
    world.services.clock.now = Millis(60_000)
    (assignment, *_) = instance.assignments_of("USER", identifier)
    account, permission_set = instance.grant_parts(grants[0])
    assert (assignment.account, assignment.permission_set) == (account.row, permission_set.row)
    instance.delete_assignment("USER", identifier, account.id, permission_set.arn)
    assert dict(instance.tenures.of(identifier))[grants[0]] == (-1, 60_000)


def test_the_doors_of_somebody_who_was_there_at_the_start_are_open_to_what_they_were_assigned() -> None:
    world = world_by_ticket()
    instance = world.services.instance
    row = next(row for row in range(world.services.provider.base_size) if instance.direct(row))
    access = world.services.doors.access(row)
    (grant, *_) = sorted(instance.direct(row))
    assert access.effective(grant)
    assert access.attempt(grant, world.now).verdict.is_open
