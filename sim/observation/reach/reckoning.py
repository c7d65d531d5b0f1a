"""Asks the doors about one person: in which stretches of a time access could be used, and what outlived it.

Invariant: reads only, and answers from what has happened, so that it is the same whenever somebody asks later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mockservices.clock import Millis
from mockservices.identitycenter.instance import Instance
from mockservices.identitycenter.sessions.access import Access, deduce
from mockservices.identitycenter.sessions.doors import Doors
from mockservices.identitycenter.sessions.spans import (
    ALWAYS,
    EMPTY,
    NEVER_ENDS,
    Span,
    Spans,
    covering,
    difference,
    intersection,
    union,
)
from sim.observation.exposure import GrantRow
from sim.observation.person import Grants
from sim.observation.reach.rows import PORTAL, ROLE, ResidualRow


@dataclass(frozen=True, slots=True)
class Reached:
    """What the doors say of somebody for a stretch of time in which they hold what is not theirs."""

    window: Span
    sign_in: Spans
    """When a new sign-in succeeds, also outside the window."""
    usable: Spans
    at_worst: Spans
    privileged: Spans | None = None
    """What of a privileged grant is usable; None: whenever one is held, it is as usable as everything else."""


class Reckoning:
    """About the people of one world."""

    def __init__(self, doors: Doors, instance: Instance) -> None:
        self._doors = doors
        self._instance = instance
        self._role_lengths: dict[Grants, Millis] = {}

    def begin(self) -> None:
        """Somebody asks anew, and the console may have changed how long role sessions last."""
        self._role_lengths.clear()

    # --- usable ------------------------------------------------------------------------------------------

    def reached(
        self, targets: Sequence[int], window: tuple[Millis, Millis], orphans: Iterable[GrantRow], privileged: Grants
    ) -> Reached:
        """``targets``: the person's users in the store; ``orphans``: what they held in the window that was not theirs.

        With one user and no policy that denies, whoever gets in at all gets to everything that is effective, so no
        grant has to be looked at.
        """
        if len(targets) == 1 and not self._doors.denies:
            entrance = self._doors.entrance(targets[0], *window)
            return Reached(window, entrance.sign_in, entrance.way_in, entrance.at_worst)
        accesses = [self._doors.access(row, *window) for row in targets]
        worst = [self._at_worst(access) for access in accesses]
        usable: list[Span] = []
        at_worst: list[Span] = []
        of_privileged: list[Span] = []
        for _, grant, _, _, since, until in orphans:
            held = intersection(((since, NEVER_ENDS if until is None else until),), (window,))
            part = intersection(held, union(*(access.usable(grant) for access in accesses)))
            usable += part
            if grant in privileged:
                of_privileged += part
            at_worst += intersection(held, union(*(access.usable(grant) for access in worst)))
        sign_in = union(*(access.sign_in for access in accesses))
        return Reached(window, sign_in, union(usable), union(at_worst), union(of_privileged))

    def _at_worst(self, access: Access) -> Access:
        """The same if the user had signed in once more in the last moment."""
        last = self._doors.last_moments(access.facts.user, access.sign_in)
        return deduce(access.facts, access.rules, [*(portal.session for portal in access.portals), *last])

    def sign_in(self, targets: Sequence[int]) -> Spans:
        """When a new sign-in of a person succeeds, as far as is known now."""
        return union(*(self._doors.sign_in_of(row) for row in targets))

    def usable_at(self, targets: Sequence[int], grant: int, at: Millis) -> bool:
        """Whether a grant is usable at this moment, be it orphaned or not."""
        return any(covering(self._doors.access(row).usable(grant), at) is not None for row in targets)

    # --- after the end of a grant ------------------------------------------------------------------------

    def horizon(self, lost: Grants) -> Millis:
        """How long after the end of these grants a session can give access to them at the most."""
        rules = self._doors.rules
        return Millis(self.role_length(lost) + max(rules.group_change, rules.cached_sign_in))

    def role_length(self, grants: Grants) -> Millis:
        """Of the longest role session that any of these grants allows; many people lose the same."""
        length = self._role_lengths.get(grants)
        if length is None:
            lengths = (self._instance.grant_parts(grant)[1].session for grant in grants)
            length = self._role_lengths[grants] = max(lengths, default=Millis(0))
        return length

    def residual(self, person: int, targets: Sequence[int], at: Millis, lost: Grants) -> list[ResidualRow]:
        """The sessions that outlived these grants of a person, which ended at a time, each with when it was so; the
        ends lie in the future where that is known beforehand."""
        source, started = self._doors.source, self._doors.started
        before = Millis(at - self.role_length(lost))
        for row in targets:
            if source.portal_sessions(row, before, at) or started(row):
                break
        else:
            return []
        accesses = [self._doors.access(row, before, at) for row in targets]
        found: list[ResidualRow] = []
        windows: dict[int, Spans] = {}
        for grant in sorted(lost):
            held = union(*(access.effective(grant) for access in accesses))
            again = min((start for start, _ in held if start > at), default=NEVER_ENDS)
            windows[grant] = EMPTY if covering(held, at) is not None else ((at, again),)
        for access in accesses:
            for portal in access.portals:
                parts = []
                for grant, window in windows.items():
                    starts = intersection(access.starts_from(portal, grant), window)
                    parts.append(difference(starts, access.facts.denied_of(grant)))
                found += (ResidualRow(person, PORTAL, portal.session.id, None, *span) for span in union(*parts))
            for role in self._doors.roles(access, at, Millis(at + self.horizon(lost))):
                spans = intersection(access.works(role), windows.get(role.grant, EMPTY))
                found += (ResidualRow(person, ROLE, role.id, role.grant, *span) for span in spans)
        return found

    # --- when it would have been over --------------------------------------------------------------------

    def at_worst(self, targets: Sequence[int], sign_in: Spans, lost: Grants, end: Millis) -> Millis:
        """When the last session of somebody would have ended whose last grants ended at ``end``, had they signed in,
        and then started a role, in the last moment; it may lie before anything of interest."""
        blocked = min(last_end(sign_in, end), end)
        if blocked == ALWAYS or not lost:
            return ALWAYS
        expires = blocked + self._doors.portal_length(Millis(blocked - 1))
        lag = max((self._lag(row, end) for row in targets), default=0)
        started = min(expires, end + lag)
        if not self._doors.denies:
            return Millis(started + self.role_length(lost))
        ends: list[int] = []
        for grant in lost:
            start = ((blocked, started + self.role_length(frozenset((grant,)))),)
            span = difference(start, union(*(self._doors.facts(row).denied_of(grant) for row in targets)))
            ends.extend(stop for _, stop in span)
        return Millis(max(ends, default=min(started, end)))

    def _lag(self, row: int, end: int) -> int:
        """For how long an open session goes by what ended at a time."""
        table = self._doors.rules.table
        stretch = next((it for it in self._doors.history.active(row) if it.end == end and it.how is not None), None)
        return self._doors.rules.group_change if stretch is None or stretch.how is None else table[stretch.how].new_role


def last_end(spans: Spans, until: int) -> int:
    """The end of the span that covers a time, or of the last one before it."""
    return max([end for start, end in spans if start <= until], default=ALWAYS)
