"""The three doors of one user, deduced from facts: sign-in, portal sessions, and what each grant lets them start.

Invariant: pure. Everything is a set of instants, so that the same deduction answers "now", "then" and "for how long";
what is usable and what is residual are disjoint at every instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mockservices.clock import Millis
from mockservices.identitycenter.sessions.facts import Facts, Route, Stretch
from mockservices.identitycenter.sessions.records import PortalSession, RoleSession
from mockservices.identitycenter.sessions.rules import Closing, SessionRules
from mockservices.identitycenter.sessions.spans import (
    ALWAYS,
    EVERYTHING,
    NEVER_ENDS,
    Span,
    Spans,
    complement,
    covering,
    difference,
    end_after,
    intersection,
    union,
)


class Verdict(StrEnum):
    """What becomes of an attempt to start a role session and use it."""

    USABLE = "usable"
    """The grant is effective and the person gets to it."""
    RESIDUAL = "residual"
    """The grant has ended, and an open portal session starts a role all the same."""
    DENIED = "denied"
    """A role session can be started, and a policy denies everything in it."""
    CLOSED = "closed"
    """Nothing can be started."""

    @property
    def is_open(self) -> bool:
        """Whether the answer is YES."""
        return self in (Verdict.USABLE, Verdict.RESIDUAL)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The answer for one grant at one instant."""

    verdict: Verdict
    until: Millis | None
    """When the verdict changes, as far as is known at the time of asking; None: no end is in sight."""
    portal: PortalSession | None = None
    """The open portal session that would be used; None when the person would have to sign in first, or cannot."""


@dataclass(frozen=True, slots=True)
class DoorState:
    """One door at one instant."""

    is_open: bool
    since: Millis | None
    """When it opened or closed; None: it has been so as long as anybody knows."""
    until: Millis | None
    """When that changes, as far as is known at the time of asking; None: no change is in sight."""


@dataclass(frozen=True, slots=True)
class ThreeDoors:
    """Of one user and one grant, at one instant."""

    sign_in: DoorState
    """A new sign-in succeeds."""
    assignment: DoorState
    """The grant is effective in the target."""
    session: DoorState
    """A portal session is alive."""


@dataclass(frozen=True, slots=True)
class OpenPortal:
    """A portal session and the time in which it really lives."""

    session: PortalSession
    lives: Span


@dataclass(frozen=True, slots=True)
class Entrance:
    """How somebody could get in during a stretch of time, whatever they held."""

    facts: Facts
    """Without grants."""
    sign_in: Spans
    """When a new sign-in succeeds, also outside the stretch."""
    way_in: Spans
    """When a sign-in succeeds or a portal session is alive."""
    at_worst: Spans
    """The same if they had signed in once more in the last moment."""


@dataclass(frozen=True, slots=True)
class Access:
    """Everything about one user; :func:`deduce` makes it."""

    facts: Facts
    rules: SessionRules
    active: Spans
    sign_in: Spans
    """When a new sign-in succeeds."""
    portals: tuple[OpenPortal, ...]
    """Those that came about, by opening."""

    def effective(self, grant: int) -> Spans:
        """When the target honours the grant: the user is active and assigned, directly or through a group."""
        routes = self.facts.routes.get(grant, ())
        return intersection(self.active, union(held for route in routes if (held := _held(route)) is not None))

    def starts_from(self, portal: OpenPortal, grant: int) -> Spans:
        """When this portal session hands out credentials for the grant, denied or not."""
        table = self.rules.table
        stretches: list[Span] = []
        for route in self.facts.routes.get(grant, ()):
            held = _held(route)
            if held is None:
                continue
            start, end = held
            if portal.lives[0] < end:  # only a session that was open then goes by what has ended
                parts = (part for part in (route.assignment, route.membership) if part is not None)
                end = min(_later(part.end, table[part.how].new_role if part.how else 0) for part in parts)
            stretches.append((start, end))
        return intersection((portal.lives,), union(stretches))

    def starts(self, grant: int) -> Spans:
        """When the person gets credentials for the grant in some way, denied or not."""
        anew = intersection(self.sign_in, self.effective(grant))
        return union(anew, *(self.starts_from(portal, grant) for portal in self.portals))

    def usable(self, grant: int) -> Spans:
        """Effective, not explicitly denied, and (a new sign-in possible, or a portal session alive)."""
        way_in = union(self.sign_in, (portal.lives for portal in self.portals))
        return difference(intersection(self.effective(grant), way_in), self.facts.denied_of(grant))

    def residual(self, grant: int) -> Spans:
        """When a role session can be started and works although the grant has ended."""
        return difference(difference(self.starts(grant), self.effective(grant)), self.facts.denied_of(grant))

    def attempt(self, grant: int, at: Millis) -> Attempt:
        """Try at an instant, in the order in which a person would: an open portal session first, then signing in."""
        usable, residual = self.usable(grant), self.residual(grant)
        until = end_after(usable, at)
        if until is not None:
            return Attempt(Verdict.USABLE, _known(until), self._portal_at(grant, at))
        until = end_after(residual, at)
        if until is not None:
            return Attempt(Verdict.RESIDUAL, _known(until), self._portal_at(grant, at))
        denied = intersection(self.starts(grant), self.facts.denied_of(grant))
        until = end_after(denied, at)
        if until is not None:
            return Attempt(Verdict.DENIED, _known(until), self._portal_at(grant, at))
        opens = end_after(complement(union(usable, residual, denied)), at)
        return Attempt(Verdict.CLOSED, None if opens is None else _known(opens))

    def doors(self, grant: int, at: Millis) -> ThreeDoors:
        """The three doors at an instant, each with the time at which it opened or closed, and will close or open."""
        alive = union(portal.lives for portal in self.portals)
        return ThreeDoors(_state(self.sign_in, at), _state(self.effective(grant), at), _state(alive, at))

    def _portal_at(self, grant: int, at: Millis) -> PortalSession | None:
        """Of the portal sessions that would start it, the one that lives longest."""
        open_ones = [p for p in self.portals if covering(self.starts_from(p, grant), at) is not None]
        return max(open_ones, key=lambda portal: portal.lives[1]).session if open_ones else None

    def portal(self, session: PortalSession) -> OpenPortal | None:
        """One of the portal sessions, by its id."""
        return next((portal for portal in self.portals if portal.session.id == session.id), None)

    def portals_at(self, at: Millis) -> tuple[OpenPortal, ...]:
        """The portal sessions that are alive at an instant."""
        return tuple(portal for portal in self.portals if covering((portal.lives,), at) is not None)

    def admits(self, role: RoleSession) -> bool:
        """Whether this role session could be started when and from where it says."""
        portals = (portal for portal in self.portals if portal.session.id == role.portal)
        return any(covering(self.starts_from(portal, role.grant), role.started) is not None for portal in portals)

    def works(self, role: RoleSession) -> Spans:
        """When a role session is good for something: until it expires, except while a policy denies everything."""
        return difference(((role.started, role.expires),), self.facts.denied_of(role.grant))

    def outlives(self, role: RoleSession) -> Spans:
        """When a role session works although its grant has ended: *residual*."""
        return difference(self.works(role), self.effective(role.grant))


def deduce(
    facts: Facts, rules: SessionRules, started: Sequence[PortalSession] = (), wished: Sequence[PortalSession] = ()
) -> Access:
    """The doors of a user with these portal sessions.

    ``started``: those that somebody has really started. ``wished``: those that come about only if signing in was
    possible when they are opened.
    """
    active = union((stretch.start, stretch.end) for stretch in facts.active)
    sign_in = sign_in_spans(facts, rules, active)
    sessions = [*started, *(session for session in wished if covering(sign_in, session.opened) is not None)]
    sessions.sort(key=lambda session: session.opened)
    portals = (OpenPortal(session, _life(session, facts.active, rules)) for session in sessions)
    return Access(
        facts, rules, active, sign_in, tuple(portal for portal in portals if portal.lives[0] < portal.lives[1])
    )


def lives_of(facts: Facts, rules: SessionRules, sessions: Iterable[PortalSession]) -> list[Span]:
    """When each of these portal sessions is alive, whoever could sign in when it was opened."""
    lives = (_life(session, facts.active, rules) for session in sessions)
    return [life for life in lives if life[0] < life[1]]


def sign_in_spans(facts: Facts, rules: SessionRules, active: Spans) -> Spans:
    """When a new sign-in succeeds: while the source is external the directory's account decides, otherwise being an
    active user of the store is enough; and in either case the store must know the user and hold it active."""
    if rules.sign_in == "local":
        return active
    vouched = facts.account
    if rules.directory_token:
        vouched = union((start, _later(end, rules.directory_token)) for start, end in vouched)
    if facts.external == EVERYTHING:
        return intersection(active, vouched)
    federated = intersection(facts.external, vouched)
    return intersection(active, union(federated, complement(facts.external)))


def _life(session: PortalSession, active: Iterable[Stretch], rules: SessionRules) -> Span:
    """From its opening until it expires, is ended, or its user goes; empty when its user was not active then."""
    table = rules.table
    user = next((it for it in active if it.start <= session.opened < it.end), None)
    if user is None:
        return session.opened, session.opened
    end: int = session.expires
    if user.how is not None:
        end = min(end, user.end + (table[user.how].portal or 0))
    if session.ended is not None:
        row = table[session.how or Closing.SESSION_ENDED]
        end = min(end, session.ended + ((row.command_line or 0) if session.command_line else 0))
    return session.opened, end


def _held(route: Route) -> Span | None:
    start, end = route.assignment.start, route.assignment.end
    if route.membership is not None:
        start, end = max(start, route.membership.start), min(end, route.membership.end)
    return (start, end) if start < end else None


def _later(end: int, lag: int) -> int:
    return end if end >= NEVER_ENDS else end + lag


def _state(spans: Spans, at: Millis) -> DoorState:
    inside = covering(spans, at)
    start, end = inside or covering(complement(spans), at) or (ALWAYS, NEVER_ENDS)
    return DoorState(inside is not None, None if start <= ALWAYS else Millis(start), _known(Millis(end)))


def _known(until: Millis) -> Millis | None:
    return None if until >= NEVER_ENDS else until
