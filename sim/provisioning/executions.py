"""The latest cycles in numbers, as the job's status tells of them.

Invariant: counts are taken when a cycle ends; nothing of its agenda is kept.
https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationtaskexecution
"""

from __future__ import annotations

from mockservices.clock import Millis
from mockservices.values import value
from sim.provisioning.agenda import Agenda
from sim.provisioning.cycles import CycleRow
from sim.provisioning.quarantine import Problem
from sim.provisioning.tally import Tally


@value
class Execution:
    """One cycle that has ended."""

    number: int
    initial: bool
    start: Millis
    end: Millis
    imported: int
    """Users and groups that were read from the source."""
    references: int
    """Memberships that were."""
    entitled: int
    """Users and groups of those that are assigned to the application."""
    escrowed: int
    """Objects that wait for another try."""
    tally: Tally
    error: tuple[str, str] | None = None
    """(code, message) of what stopped it."""

    @property
    def exported(self) -> int:
        """Changes that reached the target."""
        t = self.tally
        users = t.users_created + t.users_updated + t.users_disabled + t.users_deleted
        groups = t.groups_created + t.groups_updated + t.groups_deleted
        return users + groups + t.memberships_added + t.memberships_removed


class Executions:
    """The last cycle, the first and the last without a failure, and the last that changed something in the target."""

    __slots__ = ("first_successful", "last", "last_successful", "last_with_exports")

    def __init__(self) -> None:
        self.last: Execution | None = None
        self.first_successful: Execution | None = None
        self.last_successful: Execution | None = None
        self.last_with_exports: Execution | None = None

    def note(self, number: int, agenda: Agenda, start: Millis, end: Millis, tally: Tally, escrowed: int) -> None:
        """A cycle has ended."""
        imported = references = entitled = 0
        if not agenda.empty:
            imported = len(agenda.users) + len(agenda.groups) + len(agenda.gone_groups)
            references = sum(map(len, agenda.memberships.values()))
            entitled = sum(agenda.scoped.values()) + len(agenda.groups)
        done = Execution(number, agenda.initial, start, end, imported, references, entitled, escrowed, tally)
        self.last = done
        if not tally.errors:
            self.first_successful = self.first_successful or done
            self.last_successful = done
            if done.exported:
                self.last_with_exports = done

    def stopped(self, row: CycleRow, problem: Problem, escrowed: int) -> None:
        """A cycle was stopped; what it had read is not told."""
        error = (problem.code, problem.message)
        self.last = Execution(row.number, row.initial, row.start, row.end, 0, 0, 0, escrowed, row.tally, error)
