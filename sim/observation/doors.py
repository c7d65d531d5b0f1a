"""The three doors of one person as a screen shows them: sign-in, assignment, session, and who keeps each of them open.

Invariant: reads and changes nothing, at the cost of one person. Its times are what the doors, the job and the settings
say now; what HR or somebody else will do is told when it is done.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from mockservices.clock import Millis
from mockservices.graph.directory import DELETED, LIVE
from mockservices.identitycenter.console import EXTERNAL
from mockservices.identitycenter.sessions.rules import Closing
from mockservices.identitycenter.sessions.spans import (
    EVERYTHING,
    NEVER_ENDS,
    Spans,
    complement,
    covering,
    end_after,
    intersection,
    union,
)
from sim.observation.expiries import ENDED
from sim.observation.person import ABSENT, LEFT, PROCESSING, RETRYING, Person
from sim.observation.words import CYCLE, HR, MOVER, NOBODY, QUARANTINE, RETRY, TICKET
from sim.observation.words import PROCESSING as UNDER_WAY

if TYPE_CHECKING:
    from sim.world import World

DoorName: TypeAlias = Literal["sign-in", "assignment", "session"]
Verdict: TypeAlias = Literal["usable", "residual", "denied", "session", "closed"]
"""``session``: only from a session that is open already, where sessions are not simulated."""
DISABLE, DELETE = "disable the user", "delete the user"
"""What a cycle sends that ends everything but role sessions."""


@dataclass(frozen=True, slots=True)
class Door:
    """One door at one moment."""

    name: DoorName
    is_open: bool | None
    """None: it is not simulated here."""
    right: bool
    """Whether it is as it should be."""
    since: Millis | None
    """When it opened or closed; None: before the scenario began."""
    until: Millis | None
    """When that changes; None: no time is known."""
    why: str
    """What changes it at that time; without a time what has to come first, or why it is so."""


@dataclass(frozen=True, slots=True)
class Doorway:
    """The doors of one person, and whether they get in."""

    grant: str
    """What the assignment is about, as a permission set on an account; empty: nothing."""
    more: int
    """How many other grants are like it."""
    state: str
    """ORPHANED, RETAINED, WAITING, works or nothing: as the lane says it."""
    verdict: Verdict
    until: Millis | None
    """Until when the verdict holds as far as is known; None: no end is in sight."""
    residual_until: Millis | None
    """Until when an open session starts, or will start, what has ended by then."""
    role_until: Millis | None
    """Until when credentials work that were handed out for what has ended since: residual, too."""
    federated: bool
    """Whether the directory decides on a sign-in."""
    doors: tuple[Door, Door, Door]


class _Changes(NamedTuple):
    """What will change a door: the time if one is known, and the words."""

    until: Millis | None
    why: str


def doorway(world: World, person: Person, sent: Sequence[str]) -> Doorway:
    """The doors of a person; ``sent``: what a cycle that began now would send about them."""
    return _Reader(world, person, sent).read()


class _Reader:
    """One person at one moment."""

    def __init__(self, world: World, person: Person, sent: Sequence[str]) -> None:
        self._world, self._person, self._now = world, person, world.now
        services = world.services
        self._users = [services.doors.access(row) for row in person.targets]
        driver = world.driver
        due = driver.ward.current is None and not driver.begun_since(world.now)  # at this very instant
        self._gate = driver.next_cycle(world.now - 1 if due else world.now)
        carried = world.driver.active and world.carried.at_the_desk is None
        self._user_goes = carried and (DISABLE in sent or DELETE in sent)
        self._sends = bool(sent)
        self._by_job = "push" if world.driver.pushed else "cycle"
        self._under_way = False
        """Whether a cycle that runs now is about to end the assignment."""

    def read(self) -> Doorway:
        """All of it."""
        grants, state = self._grants()
        assignment, session, sign_in = self._assignment(grants, state), self._session(state), self._sign_in()
        verdict, until = self._verdict(grants, sign_in, assignment, session)
        return Doorway(
            grant=self._named(grants[0]) if state else "",
            more=max(len(grants) - 1, 0) if state else 0,
            state=state,
            verdict=verdict,
            until=until,
            residual_until=self._residual(session, assignment, state),
            role_until=self._roles(assignment, grants),
            federated=self._federated(),
            doors=(sign_in, assignment, session),
        )

    def _grants(self) -> tuple[list[int], str]:
        """What the assignment is about: what should end, else what is there, else what should be, else what was."""
        person = self._person
        if person.orphans:
            kept = person.orphans[next(iter(person.orphans))][1] == MOVER
            return list(person.orphans), "RETAINED" if kept else "ORPHANED"
        if person.entitled - person.effective:
            return sorted(person.entitled - person.effective), "WAITING"
        if person.effective:
            return sorted(person.effective), "works"
        return sorted({grant for user in self._users for grant in user.facts.routes}), ""

    def _named(self, grant: int) -> str:
        account, permission_set = self._world.services.instance.grant_parts(grant)
        return f"{permission_set.name} on {account.name}"

    # --- the assignment ----------------------------------------------------------------------------------

    def _effective(self, grants: Collection[int]) -> Spans:
        return union(*(user.effective(grant) for user in self._users for grant in grants))

    def _assignment(self, grants: Sequence[int], state: str) -> Door:
        since, is_open = self._since(self._effective(grants))
        if state in ("ORPHANED", "RETAINED"):
            waiting = self._world.parts.ledger.judge.waiting_for(self._person, grants[0])
            self._under_way = waiting == UNDER_WAY
            comes = self._closes(waiting, grants[0])
            return Door("assignment", True, False, since, *comes)
        if state == "WAITING":
            return Door("assignment", False, False, since, *self._opens())
        if is_open:
            return Door("assignment", True, True, since, None, "as it should be")
        if self._person.suspended:
            return Door("assignment", False, True, since, None, "stands, but the user is disabled")
        return Door("assignment", False, True, since, None, self._how(since, grants) or "nothing is assigned")

    def _closes(self, waiting: str, grant: int) -> _Changes:
        if waiting == HR:
            early = grant in self._person.coming
            return _Changes(None, "right from the day that HR has set" if early else "until HR tells Entra")
        if waiting == UNDER_WAY:
            return _Changes(None, f"the {self._by_job} that runs now closes it")
        if waiting == TICKET:
            return _Changes(None, "until somebody works the ticket")
        if waiting == NOBODY:
            return _Changes(None, "stays open: nobody closes it")
        words = {CYCLE: f"the {self._by_job} closes it", RETRY: "tried again then",
                 QUARANTINE: "in quarantine, tried again then"}[waiting]  # fmt: skip
        return _Changes(self._gate, words if self._gate is not None else f"until a {self._by_job} closes it")

    def _opens(self) -> _Changes:
        world, person = self._world, self._person
        desk = world.carried.at_the_desk
        if person.hr_pending:
            return _Changes(None, "until HR tells Entra")
        if desk is not None:
            asked = bool(desk.open_of(person.number))
            return _Changes(None, "until somebody works the ticket" if asked else "nobody has raised a ticket")
        if person.sync == PROCESSING and world.driver.running.active:
            return _Changes(None, f"the {self._by_job} that runs now brings it")
        if self._gate is None:
            return _Changes(None, "no cycle runs that would open it")
        if world.driver.ward.current is not None:
            return _Changes(self._gate, "in quarantine, tried again then")
        if not self._sends and person.sync != RETRYING:
            return _Changes(None, f"no {self._by_job} brings it")
        words = "tried again then" if person.sync == RETRYING else f"the {self._by_job} brings it"
        return _Changes(self._gate, words)

    def _how(self, since: Millis | None, grants: Collection[int]) -> str:
        """What ended an assignment at this time."""
        for user in self._users:
            parts = list(user.facts.active)
            for grant in grants:
                for route in user.facts.routes.get(grant, ()):
                    parts += [part for part in (route.membership, route.assignment) if part is not None]
            for part in parts:
                if part.end == since and part.how is not None:
                    return ENDED[part.how]
        return ""

    # --- signing in --------------------------------------------------------------------------------------

    def _sign_in(self) -> Door:
        since, is_open = self._since(union(*(user.sign_in for user in self._users)))
        person, gone = self._person, self._gone
        if not is_open:
            right = gone or not person.entitled
            why = self._locked_out()
            if any(start == since for user in self._users for start, _ in user.facts.external):
                why = f"Entra decides now: {why.replace('the account in Entra is', 'account')}"
            return Door("sign-in", False, right, since, None, why)
        until = self._ends(union(*(user.sign_in for user in self._users)))
        if until is not None:
            return Door("sign-in", True, not gone, since, until, "a token in Entra expires")
        if not self._federated():
            if self._user_goes and gone and self._under_way:
                return Door("sign-in", True, False, since, None, f"the {self._by_job} that runs now disables the user")
            if self._user_goes and gone:
                return Door("sign-in", True, False, since, self._gate, f"the {self._by_job} disables the user")
            why = "with a password at AWS: Entra is not asked"
            return Door("sign-in", True, not gone, since, None, why)
        if gone:
            told = person.hr_pending > person.hr_silent
            return Door("sign-in", True, False, since, None,
                        "until HR tells Entra" if told else "stays open: nobody closes it")  # fmt: skip
        return Door("sign-in", True, True, since, None, "the account in Entra is enabled")

    @property
    def _gone(self) -> bool:
        """Whether nothing should let the person in: they have left, or hold what they should not by a dead account."""
        person, directory = self._person, self._world.services.directory
        if person.standing in (ABSENT, LEFT):
            return True
        alive = person.row >= 0 and directory.is_enabled(person.row)
        return bool(person.orphans) and not person.entitled and not alive

    def _federated(self) -> bool:
        """Whether the directory decides on a sign-in; of somebody without a user, whether it would."""
        if not self._users:
            services = self._world.services
            external = services.instance.console.identity_source == EXTERNAL
            return external and services.doors.rules.sign_in == "federated"
        return any(
            user.rules.sign_in == "federated" and covering(user.facts.external, self._now) for user in self._users
        )

    def _locked_out(self) -> str:
        """Why nobody can sign in as this person."""
        provider, directory, person = self._world.services.provider, self._world.services.directory, self._person
        rows = [row for row in person.targets if provider.exists(row)]
        if not rows:
            return "the user is deleted in AWS" if person.targets else "there is no user in AWS"
        if not self._federated():
            return "the user is disabled in AWS"
        if person.row < 0:
            return "there is no account in Entra"
        state = directory.state_of(person.row)
        if state != LIVE:
            return "the account in Entra is deleted" if state == DELETED else "the account is deleted for good"
        if not directory.is_enabled(person.row):
            return "the account in Entra is disabled"
        if not any(provider.is_active(row) for row in rows):
            return "the user is disabled in AWS"
        return "in AWS by another name than in Entra"

    # --- sessions ----------------------------------------------------------------------------------------

    @property
    def _simulated(self) -> bool:
        started = any(user.portals for user in self._users)
        return started or self._world.scenario.target.sessions is not None

    def _alive(self) -> Spans:
        return union(*([portal.lives] for user in self._users for portal in user.portals))

    def _session(self, state: str) -> Door:
        if not self._simulated:
            return Door("session", None, True, None, None, "not simulated in this scenario")
        spans = self._alive()
        since, is_open = self._since(spans)
        if not is_open:
            return Door("session", False, True, since, None, self._how_it_ended(since))
        until, why = self._ends(spans), "the portal session expires"
        gate = self._now if self._under_way else self._gate
        if self._user_goes and gate is not None:
            lag = max(user.rules.table[Closing.USER_DISABLED].portal or 0 for user in self._users)
            ended = Millis(gate + lag)
            if self._under_way and not lag:
                until, why = None, f"the {self._by_job} that runs now ends it"
            elif until is None or ended < until:
                until, why = ended, "disabling the user ends it"
        return Door("session", True, not self._gone and state not in ("ORPHANED", "RETAINED"), since, until, why)

    def _how_it_ended(self, since: Millis | None) -> str:
        if since is None:
            return "nobody has signed in"
        for user in self._users:
            for portal in user.portals:
                if portal.lives[1] == since:
                    session = portal.session
                    if session.expires == since:
                        return "the portal session has expired"
                    if session.ended is not None and session.how is not None:
                        return ENDED[session.how]
        return self._how(since, ()) or "the user has gone"

    def _residual_spans(self) -> Spans:
        return union(*(user.residual(grant) for user in self._users for grant in user.facts.routes))

    def _residual(self, session: Door, assignment: Door, state: str) -> Millis | None:
        """How long an open session starts what has ended, or what the job is about to end."""
        until = end_after(self._residual_spans(), self._now)
        by_group = state in ("ORPHANED", "RETAINED") and assignment.until is not None and not self._user_goes
        if until is None and by_group and session.is_open and assignment.until is not None:
            lag = max(user.rules.table[Closing.LEFT_GROUP].new_role for user in self._users)
            until = Millis(assignment.until + lag)
        return None if until is None else _known(min(until, session.until or NEVER_ENDS))

    def _roles(self, assignment: Door, grants: Collection[int]) -> Millis | None:
        """How long credentials work that were handed out for what has ended since, or is about to."""
        last, doors = 0, self._world.services.doors
        ending = frozenset(grants) if assignment.is_open and not assignment.right else frozenset()
        for row, user in zip(self._person.targets, self._users, strict=True):
            for role in doors.role_sessions(row) if self._simulated else ():
                works = end_after(user.works(role), self._now) or 0
                ends = (self._now if self._under_way else assignment.until) if role.grant in ending else None
                ended = covering(user.effective(role.grant), self._now) is None or (ends is not None and ends < works)
                last = max(last, works if ended else 0)
        return Millis(last) if last else None

    # --- whether they get in -----------------------------------------------------------------------------

    def _verdict(
        self, grants: Collection[int], sign_in: Door, assignment: Door, session: Door
    ) -> tuple[Verdict, Millis | None]:
        """What becomes of an attempt now, and until when, with what the job will do put into account."""

        def held(spans: Spans) -> Millis | None:
            return end_after(spans, self._now)

        pairs = [(user, grant) for user in self._users for grant in grants]
        until = held(union(*(user.usable(grant) for user, grant in pairs)))
        if until is not None:
            if self._under_way:
                return "usable", self._now
            ways = [door.until or NEVER_ENDS for door in (sign_in, session) if door.is_open]
            until = Millis(min(until, assignment.until or NEVER_ENDS, max(ways, default=NEVER_ENDS)))
            return "usable", _known(until)
        until = held(self._residual_spans())
        if until is not None:
            return "residual", _known(min(until, session.until or NEVER_ENDS))
        denied = held(union(*(intersection(u.starts(g), u.facts.denied_of(g)) for u, g in pairs)))
        if denied is not None:
            return "denied", _known(denied)
        if assignment.is_open and session.is_open is None and not sign_in.is_open:
            return "session", assignment.until
        return "closed", assignment.until if not assignment.is_open else None

    def _since(self, spans: Spans) -> tuple[Millis | None, bool]:
        """Since when a door has been as it is, and whether it is open."""
        inside = covering(spans, self._now)
        span = inside or covering(complement(spans), self._now) or EVERYTHING[0]
        return None if span[0] < 0 else Millis(span[0]), inside is not None

    def _ends(self, spans: Spans) -> Millis | None:
        end = end_after(spans, self._now)
        return None if end is None else _known(end)


def _known(until: int) -> Millis | None:
    return None if until >= NEVER_ENDS else Millis(until)
