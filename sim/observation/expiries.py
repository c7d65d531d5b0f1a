"""When somebody's credentials ran out and portal sessions were over: what happens without an event of its own.

Told are all sessions that somebody has really started, and of those that are drawn for a workforce the ones that
outlived their access.

Invariant: reads and changes nothing. Asked again, it tells what has ended since it was asked last, each end once and at
its own instant; what a session costs is paid while it is open, and nothing where there are none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mockservices.clock import Millis
from mockservices.identitycenter.sessions.access import Access
from mockservices.identitycenter.sessions.records import PortalSession, RoleSession
from mockservices.identitycenter.sessions.rules import Closing
from mockservices.identitycenter.sessions.spans import covering
from sim.observation.reach.rows import ROLE, ResidualRow
from sim.time import span_text

if TYPE_CHECKING:
    from sim.world import World

ENDED: Final = {
    Closing.USER_DISABLED: "the user is disabled in AWS",
    Closing.USER_DELETED: "the user is deleted in AWS",
    Closing.SESSION_ENDED: "ended by an administrator",
    Closing.SIGNED_OUT: "signed out",
    Closing.REMOVED_FROM_USER: "the assignment was taken away",
    Closing.LEFT_GROUP: "taken out of the group",
    Closing.REMOVED_FROM_GROUP: "taken from the group",
}


class Expiry(NamedTuple):
    """Something ran out."""

    at: int
    person: int
    what: str


class Expiries:
    """What runs out in one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._doors = world.services.doors
        self._since = Millis(0)
        self._portals_seen = self._roles_seen = 0
        self._portals: list[int] = []  # numbers of started sessions that were open when somebody asked last
        self._roles: list[int] = []
        self._started: set[str] = set()

    def since_last(self) -> list[Expiry]:
        """What has run out since this was asked last, up to and without this instant, in order of time."""
        since, now = self._since, Millis(self._world.now)
        self._since = now
        if now <= since:
            return []
        found = [*self._of_roles(since, now), *self._of_portals(since, now), *self._outlived(since, now)]
        return sorted(found)

    # --- sessions that somebody has started --------------------------------------------------------------

    def _of_roles(self, since: int, now: Millis) -> list[Expiry]:
        roles, found = self._doors.started_roles, []
        new = range(self._roles_seen, len(roles))
        self._roles_seen = len(roles)
        self._started.update(roles[number].id for number in new)
        open_ones = [*self._roles, *new]
        self._roles = [number for number in open_ones if roles[number].expires >= now]
        for number in open_ones:
            role = roles[number]
            if since <= role.expires < now:
                found.append(Expiry(role.expires, self._owner(role.user), self._ran_out(role)))
        return found

    def _ran_out(self, role: RoleSession) -> str:
        access, last = self._doors.access(role.user), role.expires - 1
        if covering(access.works(role), last) is None:
            return f"{self._credentials(role.grant)}; a policy had made them worthless"
        outlived = covering(access.outlives(role), last)
        return self._credentials(role.grant, None if outlived is None else role.expires - outlived[0])

    def _of_portals(self, since: int, now: Millis) -> list[Expiry]:
        portals, found = self._doors.started_portals, []
        new = range(self._portals_seen, len(portals))
        self._portals_seen = len(portals)
        self._started.update(portals[number].id for number in new)
        still: list[int] = []
        known: dict[int, Access] = {}
        for number in (*self._portals, *new):
            session = portals[number]
            access = known.get(session.user) or self._doors.access(session.user)
            known[session.user] = access
            alive = access.portal(session)
            if alive is None or alive.lives[1] >= now:
                still += [] if alive is None else [number]
            elif since <= alive.lives[1]:
                why = _why(session, alive.lives[1], access)
                found.append(Expiry(alive.lives[1], self._owner(session.user), f"the portal session is over: {why}"))
        self._portals = still
        return found

    # --- sessions that are drawn -------------------------------------------------------------------------

    def _outlived(self, since: int, now: Millis) -> list[Expiry]:
        reach = self._world.reach
        rows = () if reach is None else reach.over(since, now)
        return [Expiry(row.until, row.person, self._told(row)) for row in rows if row.session not in self._started]

    def _told(self, row: ResidualRow) -> str:
        after = row.until - row.since
        if row.kind == ROLE and row.grant is not None:
            return self._credentials(row.grant, after)
        return f"the open portal session starts nothing any more{_after(after)}"

    # --- words -------------------------------------------------------------------------------------------

    def _credentials(self, grant: int, after: int | None = None) -> str:
        account, permission_set = self._world.services.instance.grant_parts(grant)
        return f"credentials for {permission_set.name} on {account.name} have run out{_after(after)}"

    def _owner(self, user: int) -> int:
        return self._world.parts.observer.target_owner(user)


def _after(lasted: int | None) -> str:
    """To the nearest second: the access ended a request after the cycle's beginning, which nobody asks about."""
    return "" if lasted is None else f", {span_text(lasted + 500)} after the access"


def _why(session: PortalSession, end: int, access: Access) -> str:
    if session.expires == end:
        return "it has expired"
    if session.ended is not None and session.how is not None:
        return ENDED[session.how]
    user = next((it for it in access.facts.active if it.start <= session.opened < it.end), None)
    return "the user has gone" if user is None or user.how is None else ENDED[user.how]
