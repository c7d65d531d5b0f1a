"""A person's way to the target where access is given by ticket: the desk in place of the next cycle.

Invariant: reads and changes nothing; tells what somebody in the company could know: that a ticket is open and how old
it is, not when it will be worked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sim.observation.person import PRESENT, Person
from sim.observation.stop import Stop
from sim.provisioning.ticketing.desk import Desk
from sim.provisioning.ticketing.ticket import GOING, REVIEW, Ticket
from sim.time import counted, span_text

if TYPE_CHECKING:
    from sim.world import World

TITLE: Final = "Tickets"


def ticket_stop(world: World, desk: Desk, person: Person) -> Stop:
    """How things stand at the desk about a person."""
    tickets = desk.open_of(person.number)
    if tickets:
        lines = [line for ticket in tickets for line in _asks(world, ticket)]
        age = span_text(world.now - tickets[0].raised)
        return Stop(TITLE, "waiting", f"{counted(len(tickets), 'ticket')} open", (f"raised {age} ago", *lines))
    if person.hr_pending:
        return Stop(TITLE, "idle", "no ticket", ("knows nothing of it",))
    if person.orphans or person.entitled - person.effective:
        until = "a review has to see it" if desk.reviewed else "nobody has raised one"
        if not desk.reviewed and person.standing == PRESENT and person.orphans:
            until = "nobody takes away what is left"
        return Stop(TITLE, "trouble", "no ticket", (until,))
    return Stop(TITLE, "idle", "no ticket", ("nothing to do",))


def _asks(world: World, ticket: Ticket) -> list[str]:
    instance = world.services.instance

    def named(grant: int) -> str:
        account, permission_set = instance.grant_parts(grant)
        return f"{permission_set.name} on {account.name}"

    if ticket.kind in GOING:
        return ["take everything away"]
    takes = [] if ticket.keeps and ticket.kind != REVIEW else sorted(ticket.lost)
    return [*(f"give {named(grant)}" for grant in sorted(ticket.gained)), *(f"take {named(grant)}" for grant in takes)]


def about_tickets(desk: Desk, person: Person, happened: str, *, going: bool) -> str:
    """What there is to say about somebody to whom something happened, and of whom the directory knows."""
    lacks = bool(person.entitled - person.effective)
    if desk.open_of(person.number):
        if person.orphans and lacks:
            return f"{happened}: the old access stays and the new is missing until somebody works the ticket."
        if person.orphans:
            return f"{happened} and the directory knows, but in AWS the access stands until somebody works the ticket."
        return f"{happened} and is in the directory, but waits for access until somebody works the ticket."
    if person.orphans and desk.reviewed:
        return f"{happened}, and no ticket is open: the access stands until an access review sees it."
    if person.orphans:
        word = "and nobody has raised a ticket" if going else "and nobody takes the old access away"
        return f"{happened}, {word}: the access stands."
    if lacks:
        return f"{happened}, and nobody has raised a ticket: the access is missing."
    return f"{happened}; a ticket carries it to AWS."


def desk_caption(desk: Desk) -> str:
    """What goes on when nobody's story is told."""
    waiting = len(desk.open_tickets())
    if not waiting:
        return "Access is given and taken by ticket: none is open."
    return f"Access is given and taken by ticket: {counted(waiting, 'ticket')} {'is' if waiting == 1 else 'are'} open."
