"""The short way of one world: when it can be taken, and by what it is asked for.

Invariant: open only while every rule that could make an ordinary life another than it is stands at its usual setting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockservices.scim.operations import Value
from sim.observation.latency import WAIT
from sim.population import Seen
from sim.provisioning.mapping import AttributeMap
from sim.provisioning.rules import ADD, UPDATE
from sim.routine.change import Change
from sim.routine.cycle import Ways
from sim.routine.lives import Lives
from sim.transport.direct import DirectSource, DirectTarget

if TYPE_CHECKING:
    from sim.parts import Parts
    from sim.ports import Source, Target
    from sim.provisioning.driver import Driver


class Routine:
    """One world's short way, if it has one."""

    def __init__(self, parts: Parts, driver: Driver, source: Source, target: Target) -> None:
        self._parts = parts
        self._driver = driver
        self.lives: Lives | None = None
        if not (isinstance(source, DirectSource) and isinstance(target, DirectTarget)) or parts.start is None:
            return
        shown, beginning = source.shown, parts.start.attributes_of

        def account_of(change: Change) -> Seen:
            held = beginning(change.account.row) if change.held is None else change.held
            return Seen(change.id, held, change.enabled)

        at_the_start = AttributeMap(parts.user_map.mappings)

        def mapped(row: int) -> dict[str, Value]:
            number = parts.register.owner_of_target(row)
            account = Seen(parts.services.directory.user_id(number), beginning(number))
            return at_the_start.apply(at_the_start.seen(account))

        lives = self.lives = Lives(parts, parts.start, lambda change: shown(account_of(change)))
        job = driver.job
        job.short_way = Ways(parts, lives, job, driver.traffic, account_of, mapped)
        source.short_way = self._read
        parts.divergence.told = self._told
        parts.observer.unsettled = lives.forget
        parts.mappings.listeners.append(self.look)

    def look(self) -> None:
        """Something about the job or its rules has changed."""
        lives = self.lives
        if lives is not None:
            lives.forget()
            lives.open = self._usual()

    def _usual(self) -> bool:
        parts, driver = self._parts, self._driver
        settings, standards = parts.scenario.provisioning, parts.judging.current
        profile, treatment = parts.services.provider.profile, standards.treatment
        return (
            driver.active
            and not driver.pushed
            and self._unheard()
            and parts.ledger.toxic is None
            and parts.ledger.events.waits_in == WAIT
            and driver.ward.current is None
            and parts.state.watermark is not None
            and standards.users is None
            and standards.groups is None
            and {ADD, UPDATE} <= treatment.users
            and UPDATE in treatment.groups
            and treatment.soft_delete
            and parts.user_map.steady
            and parts.group_map.refers_to_members
            and settings.patch_dialect == "legacy"
            and settings.on_leave == "disable"
            and settings.runbook == "none"
            and not (profile.strict_booleans or profile.removal_empties_group or profile.inactive_leave_groups)
            and not parts.services.applications.secrets_saved
        )

    def _unheard(self) -> bool:
        """Whether nobody else wants to hear of every change but the doors, which the short way tells itself."""
        services, observer = self._parts.services, self._parts.observer
        return services.directory.listener is observer or services.doors.history.hands_on_to(observer)

    def _read(self, row: int) -> Change | None:
        lives = self.lives
        change = None if lives is None else lives.changes.get(row)
        return change if change is not None and change.person.change is change else None

    def _told(self, row: int) -> dict[str, int] | None:
        change = self._read(row)
        return None if change is None else change.found
