"""The ticket desk: hears what changes in the directory, raises a ticket or forgets to, and lets it be worked.

Invariant: what changes about a person at one instant is one ticket. Which tickets there are depends on the directory
alone; when and how they are worked is drawn for each by itself.
"""

from __future__ import annotations

from collections.abc import Callable

from mockservices.clock import Clock, Millis
from mockservices.graph.directory import Directory
from sim.observation.ledger import NOTHING, Ledger
from sim.observation.person import ABSENT, LEFT, Access, Person
from sim.observation.words import CONTRACTOR_EXPIRY, HR, TICKET
from sim.provisioning.ticketing.draws import Draws
from sim.provisioning.ticketing.due import Due
from sim.provisioning.ticketing.operators import OperatorQueue
from sim.provisioning.ticketing.ticket import (
    CONTRACTOR,
    FORGOTTEN,
    GOING,
    JOINER,
    LEAVER,
    MOVER,
    OPEN,
    REVIEW,
    Grants,
    Ticket,
    TicketRow,
    kind_of,
)
from sim.provisioning.ticketing.worker import Worker
from sim.scenario.ticketing import Delay, Ticketing
from sim.workforce.register import Register
from sim.workforce.truth import Truth


class Desk:
    """The desk of one company."""

    def __init__(
        self,
        settings: Ticketing,
        *,
        clock: Clock,
        directory: Directory,
        register: Register,
        ledger: Ledger,
        truth: Truth,
        draws: Draws,
    ) -> None:
        self.settings = settings
        self.raising = False
        """Whether what changes becomes a ticket; those that are open are worked in any case."""
        self.worker: Worker
        self.raised: Due[None]
        """Where the end of an instant is waited for."""
        self.due: Due[Ticket]
        self.queue: OperatorQueue | None = None
        self.closed: list[TicketRow] = []
        """Tickets that are worked or forgotten, in that order."""
        self.listener: Callable[[TicketRow], None] | None = None
        """Told of a ticket when it is raised, forgotten or closed."""
        self._clock = clock
        self._directory = directory
        self._register = register
        self._ledger = ledger
        self._truth = truth
        self._draws = draws
        self._made = 0
        self._changes: dict[int, int] = {}  # how often what the directory gives a person has changed
        self._before: dict[int, Access] = {}  # by account: how it was before this instant
        self._open: dict[int, list[Ticket]] = {}

    # --- raising -----------------------------------------------------------------------------------------

    def note(self, row: int, before: Access) -> None:
        """An account is about to change; ``before``: what it is until now."""
        if not self.raising or row in self._before:
            return
        if not self._before:
            self.raised.put(self._clock.now, None)
        self._before[row] = before

    def raise_tickets(self) -> None:
        """Everything that changed at this instant is done: raise what has to be raised."""
        noted, self._before = self._before, {}
        for row, before in noted.items():
            number = self._register.account_owner(row)
            person = None if number is None else self._ledger.known(number)
            if person is not None and person.row == row:
                self._changed(person, self._truth.of_access(person.number, before))

    def begin_with(self, person: Person) -> None:
        """Somebody is there at the start and lacks what the directory gives them: a ticket, as for a joiner."""
        self._changed(person, NOTHING)

    def _changed(self, person: Person, before: Grants) -> None:
        after = self._truth.of_account(person.number, person.row)
        gained, lost = self._ledger.difference(after, before), self._ledger.difference(before, after)
        if not gained and not lost:
            return
        number = person.number
        change = self._changes[number] = self._changes.get(number, 0) + 1
        enabled = self._directory.is_enabled(person.row)
        kind = kind_of(before, after, enabled=enabled, contractor=self._on_contract(person))
        keeps = kind == MOVER and self._draws.strikes(self.settings.movers.keeps, number, change, "keeps")
        self._made += 1
        ticket = Ticket(self._made, number, change, kind, gained, lost, self._clock.now, keeps)
        if self._forgets(kind, number, change):
            self._close(ticket.row(FORGOTTEN, self._clock.now))
            self._ledger.reconsider(person)
        else:
            self._raise(ticket, person)

    def _raise(self, ticket: Ticket, person: Person) -> None:
        self._open.setdefault(ticket.person, []).append(ticket)
        self._tell(ticket.row(OPEN))
        self._ledger.reconsider(person)
        self.due.put(self._clock.now + self._waits(ticket), ticket)

    def review(self, person: Person, seen: Grants, number: int) -> None:
        """A review, the one of this number from 1, has seen that a person holds what they should not."""
        self._made += 1
        self._raise(Ticket(self._made, person.number, -number, REVIEW, NOTHING, seen, self._clock.now), person)

    def _on_contract(self, person: Person) -> bool:
        if person.gone_cause:
            return person.gone_cause == CONTRACTOR_EXPIRY
        said = self._directory.attributes_of(person.row).get("employeeType") if person.row >= 0 else None
        return str(said or "").lower() == "contractor"  # as the desk can see it, on whatever day HR has said so

    def _forgets(self, kind: str, person: int, change: int) -> bool:
        settings = self.settings
        share = {
            JOINER: settings.joiners.forgotten,
            MOVER: settings.movers.forgotten,
            LEAVER: settings.leavers.forgotten,
            CONTRACTOR: settings.contractors.forgotten,
        }[kind]
        return self._draws.strikes(share, person, change, "forgotten")

    def _waits(self, ticket: Ticket) -> int:
        """How long a ticket waits before anybody works it, or before it joins the queue."""
        settings = self.settings
        delay: Delay = settings.approval if settings.operators is not None else self._delay(ticket.kind)
        return self._draws.lasts(delay, ticket.person, ticket.change, "delay")

    def _delay(self, kind: str) -> Delay:
        settings = self.settings
        own = {
            JOINER: settings.joiners.delay,
            MOVER: settings.movers.delay,
            LEAVER: settings.leavers.delay,
            CONTRACTOR: settings.contractors.delay,
        }.get(kind)
        return settings.delay if own is None else own

    # --- working -----------------------------------------------------------------------------------------

    def is_due(self, ticket: Ticket) -> None:
        """A ticket is worked now, or joins the queue."""
        if self.queue is None:
            self.work(ticket)
        else:
            self.queue.put(ticket)

    def handling(self, ticket: Ticket) -> int:
        """How long a ticket keeps an operator, in ms."""
        operators = self.settings.operators
        if operators is None:
            return 0
        return self._draws.lasts(operators.handling, ticket.person, ticket.change, "handling")

    def work(self, ticket: Ticket) -> None:
        """Somebody works a ticket and closes it."""
        outcome, acts = self.worker.work(ticket)
        still = [other for other in self._open[ticket.person] if other is not ticket]
        if still:
            self._open[ticket.person] = still
        else:
            del self._open[ticket.person]
        self._close(ticket.row(outcome, self._clock.now, acts))
        self._ledger.reconsider(self._ledger.person(ticket.person))

    def _close(self, row: TicketRow) -> None:
        self.closed.append(row)
        self._tell(row)

    def _tell(self, row: TicketRow) -> None:
        if self.listener is not None:
            self.listener(row)

    # --- what is asked -----------------------------------------------------------------------------------

    @property
    def reviewed(self) -> bool:
        """Whether a periodic review will see what no ticket has been raised about."""
        return self.raising and self.settings.review is not None and self.settings.review.catches > 0

    def open_tickets(self) -> list[Ticket]:
        """Tickets that nobody has worked yet, in the order in which they were raised."""
        return sorted((t for tickets in self._open.values() for t in tickets), key=lambda ticket: ticket.number)

    def open_of(self, person: int) -> tuple[Ticket, ...]:
        """A person's open tickets."""
        return tuple(self._open.get(person, ()))

    def rows(self) -> list[TicketRow]:
        """Every ticket: those that are closed in that order, then the open ones."""
        return [*self.closed, *(ticket.row(OPEN) for ticket in self.open_tickets())]

    def overlooks(self, ticket: Ticket, grant: int) -> bool:
        """Whether whoever works a ticket does not see this grant."""
        if ticket.kind not in GOING:
            return False
        settings = self.settings
        share = settings.contractors.overlooked if ticket.kind == CONTRACTOR else settings.leavers.overlooked
        return self._draws.strikes(share, ticket.person, ticket.change, f"overlooked {grant}")

    def waiting_for(self, person: Person, grant: int) -> str | None:
        """What the end of an orphaned grant waits for as far as tickets go; None: no ticket will end it."""
        if self.covered(person, grant):
            return TICKET
        if not self.raising:
            return None
        if person.hr_pending and self._would_take(person, grant):
            return HR
        if person.row in self._before and self._would_take(person, grant):
            return TICKET
        return TICKET if self.reviewed else None

    def covered(self, person: Person, grant: int) -> bool:
        """Whether a ticket is open that will end a grant."""
        return any(self._takes(ticket, person, grant) for ticket in self._open.get(person.number, ()))

    def _takes(self, ticket: Ticket, person: Person, grant: int) -> bool:
        if ticket.kind in GOING:
            given = self._truth.of_account(person.number, person.row)
            return grant not in given and not self.overlooks(ticket, grant)
        if ticket.kind == REVIEW:
            return grant in ticket.lost
        kept = ticket.keeps or grant not in ticket.lost
        return not kept and grant not in self._truth.of_account(person.number, person.row)

    def _would_take(self, person: Person, grant: int) -> bool:
        """Whether the ticket that follows from what HR has still to do, or has just done, will end a grant."""
        number, change = person.number, self._changes.get(person.number, 0) + 1
        gone = person.standing in {LEFT, ABSENT}
        contractor = self._on_contract(person)
        kind = kind_of(NOTHING, NOTHING, enabled=False, contractor=contractor) if gone else MOVER
        if self._forgets(kind, number, change):
            return False
        if gone:
            return not self.overlooks(Ticket(0, number, change, kind, NOTHING, NOTHING, Millis(0)), grant)
        before = self._before.get(person.row)
        held = self._truth.of_account(number, person.row) if before is None else self._truth.of_access(number, before)
        return grant in held and not self._draws.strikes(self.settings.movers.keeps, number, change, "keeps")
