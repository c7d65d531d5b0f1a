"""From set-up to observation: what stands at time 0 is where everybody's story begins.

Invariant: called once, when all of the past has been done; nothing before it is heard, everything after it is.
"""

from __future__ import annotations

from mockservices.clock import Millis
from sim.parts import Parts
from sim.population import StartingPeople
from sim.provisioning.ticketing.start import made_by_hand
from sim.setup_access import note_toxic_beginnings


def begin_observing(parts: Parts) -> None:
    """From here on every change is heard; what stands now is where the people of the scenario file begin."""
    services, observer = parts.services, parts.observer
    directory, provider = services.directory, services.provider
    base = parts.start.size if parts.start is not None else 0
    services.clock.now = Millis(0)
    for group in directory.groups:
        observer.begin_group(group.row)
    if parts.start is not None:
        _begin_population(parts, parts.start)
    for row in range(base, directory.users_count):
        observer.begin_account(row)
    for row in range(provider.base_size, provider.users_made):
        observer.begin_target(row)
    for assignment in parts.scenario.before.assignments:
        user = None if assignment.user is None else provider.user_by("userName", assignment.user)
        if user is not None and user.row < provider.base_size:  # of the workforce, and holds more than the facts give
            observer.begin_target(user.row)
    observer.active_users.set(0, provider.active_count)
    directory.listener = observer
    provider.listener = observer
    instance = services.instance
    instance.listener = observer
    parts.state.users.listener = observer.user_linked
    parts.state.groups.listener = observer.group_linked
    if parts.scenario.target.sessions is not None:
        services.doors.listen()


def _begin_population(parts: Parts, start: StartingPeople) -> None:
    """Of the generated people only those get a record who do not hold exactly what they should."""
    ledger, truth = parts.ledger, parts.truth
    start.entitle(truth.of_names)
    note_toxic_beginnings(start, ledger)
    for row in start.waiting():
        ledger.settle(ledger.person(row))
    for exception in parts.scenario.organisation.access.exceptions:
        number = start.people.row_of_user_principal_name(exception.person) if "@" in exception.person else None
        if number is not None:
            truth.allow(number, exception.permission_set, exception.account)
    for number in truth.exceptions:
        if number < start.size:
            person = ledger.person(number)
            person.entitled = truth.of_facts(number, start.facts(number))
            ledger.settle(person)
    if parts.scenario.start_state == "empty" or made_by_hand(parts.scenario):
        for row in range(start.size):
            parts.divergence.user(row)
    if made_by_hand(parts.scenario):
        parts.divergence.every_target()
