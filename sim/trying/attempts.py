"""An attempt to get into an account: sign-in, then the portal, then the role, at the doors of the services themselves.

Invariant: nothing is used up. The doors are asked what would come of it, and no portal session is opened: an opened one
would be a command of its own, after which the world tells another story, and it would itself let the person in for
hours. That the doors say the same as the portal's API, whose calls do open sessions, is tested over HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from mockservices.clock import Millis
from mockservices.identitycenter.console import EXTERNAL
from mockservices.identitycenter.entities import Account
from mockservices.identitycenter.sessions.access import Access, Attempt, DoorState, ThreeDoors, Verdict
from mockservices.identitycenter.sessions.signing_in import refusal
from mockservices.identitycenter.sessions.spans import covering
from sim.commands import Command
from sim.errors import JmlabError
from sim.time import DAY
from sim.trying.people import Subject, find
from sim.world import World

LOOKED_AHEAD: Final = Millis(7 * DAY)
"""So far a recorded run is followed beyond the attempt, to see when its doors close."""
LONGEST_ROLE: Final = Millis(DAY // 2)
_NEVER_HELD: Final = -1
_SHUT: Final = DoorState(is_open=False, since=None, until=None)
_ORDER: Final = {Verdict.USABLE: 0, Verdict.RESIDUAL: 1, Verdict.DENIED: 2, Verdict.CLOSED: 3}


@dataclass(frozen=True, slots=True)
class Role:
    """A role session that has not expired."""

    started: Millis
    expires: Millis
    works: bool
    """False: a policy denies everything in it."""
    residual: bool
    """It works although its grant has ended."""


@dataclass(frozen=True, slots=True)
class Try:
    """What becomes of it as one user of the target, with one permission set."""

    user: str
    """The userName; empty for somebody who has no user in the target."""
    row: int
    """Of that user; -1 where there is none."""
    grant: int
    """Its number in the instance; -1 for one that this user never held."""
    permission_set: str
    """Empty where none is named and none was ever held on the account."""
    doors: ThreeDoors
    attempt: Attempt
    refused: str
    """Who refuses a new sign-in, and in which words; empty while it succeeds."""
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What becomes of it in every way that the person has."""

    person: str
    account: Account
    at: Millis
    known_until: Millis
    """So far it is known what happened to the doors: now, or further where a recorded run was followed."""
    tries: tuple[Try, ...]
    """The best first; never empty."""

    @property
    def best(self) -> Try:
        """The one by which the answer goes."""
        return self.tries[0]


def attempt(
    world: World, person: str, account: str, permission_set: str | None = None, at: Millis | None = None
) -> Tried:
    """Try it at an instant that the world has just come to; left out: now.

    JmlabError, with the nearest spelling, for a person, account or permission set that is not there.
    """
    when = Millis(world.now) if at is None else at
    subject, where = find(world, person), _account(world, account)
    named = None if permission_set is None else _permission_set(world, permission_set)
    tries = [each for row in subject.users for each in _of_user(world, row, where, named, when)]
    if not tries:
        tries = [_nobody(world, subject, named or "")]
    return Tried(subject.label, where, when, when, tuple(sorted(tries, key=_rank)))


def look_ahead(world: World, tried: Tried, commands: Iterable[Command] = (), end: Millis | None = None) -> Tried:
    """The same attempt with the times at which its doors really close: a world made again from its journal is run on.

    ``commands``: those of the run that come after the attempt. ``end``: of the run; it is followed for a week at most.
    """
    until = Millis(tried.at + LOOKED_AHEAD)
    until = max(tried.at, until if end is None else min(end, until))
    world.replay([command for command in commands if command.at < until], until)
    later = []
    for each in tried.tries:
        if each.row >= 0:
            access = _access(world, each.row, tried.at)
            came = access.attempt(each.grant, tried.at)
            doors = _as_it_went(access, each.grant, tried.at, each.doors)
            each = replace(each, doors=doors, attempt=replace(each.attempt, until=came.until))
        later.append(each)
    return replace(tried, known_until=until, tries=tuple(sorted(later, key=_rank)))


def _as_it_went(access: Access, grant: int, at: Millis, then: ThreeDoors) -> ThreeDoors:
    """The doors with their ends as they came; since when each is as it is was known then."""
    now = access.doors(grant, at)
    return ThreeDoors(
        *(
            replace(before, until=after.until)
            for before, after in (
                (then.sign_in, now.sign_in),
                (then.assignment, now.assignment),
                (then.session, now.session),
            )
        )
    )


def _rank(each: Try) -> tuple[int, float]:
    """An open way before a closed one, and of those alike the one that stays so for longest."""
    until = each.attempt.until
    return _ORDER[each.attempt.verdict], float("-inf") if until is None else -until


# --- one user --------------------------------------------------------------------------------------------


def _access(world: World, row: int, at: Millis) -> Access:
    """The doors of a user, with the sessions that can still matter at ``at``."""
    return world.services.doors.access(row, Millis(at - LONGEST_ROLE))


def _of_user(world: World, row: int, where: Account, named: str | None, at: Millis) -> list[Try]:
    access = _access(world, row, at)
    held = {
        permission_set.name: grant
        for grant in access.facts.routes
        for account, permission_set in (world.services.instance.grant_parts(grant),)
        if account is where and named in (None, permission_set.name)
    }
    return [_try(world, access, name, grant, at) for name, grant in (held or {named or "": _NEVER_HELD}).items()]


def _try(world: World, access: Access, permission_set: str, grant: int, at: Millis) -> Try:
    services = world.services
    name = str(services.provider.peek(access.facts.user).attributes["userName"])
    doors = access.doors(grant, at)
    refused = "" if doors.sign_in.is_open else _refusal(world, name)
    roles = [
        Role(
            each.started,
            each.expires,
            works=covering(access.works(each), at) is not None,
            residual=covering(access.outlives(each), at) is not None,
        )
        for each in services.doors.role_sessions(access.facts.user)
        if each.grant == grant
    ]
    attempted = access.attempt(grant, at)
    return Try(name, access.facts.user, grant, permission_set, doors, attempted, refused, tuple(roles))


def _nobody(world: World, subject: Subject, permission_set: str) -> Try:
    """Somebody whom the target does not know."""
    doors = ThreeDoors(_SHUT, _SHUT, _SHUT)
    refused = _refusal(world, subject.label)
    return Try("", -1, _NEVER_HELD, permission_set, doors, Attempt(Verdict.CLOSED, None), refused, ())


def _refusal(world: World, name: str) -> str:
    services = world.services
    external = services.instance.console.identity_source == EXTERNAL
    federated = external and services.doors.rules.sign_in == "federated"
    said = refusal(services.directory, services.instance, name, federated=federated)
    return f"{said.by}: {said.message}"


# --- what is named ---------------------------------------------------------------------------------------


def _account(world: World, text: str) -> Account:
    accounts = world.services.instance.accounts
    found = next((account for account in accounts if text in (account.id, account.name)), None)
    if found is None:
        raise JmlabError(_unknown("account", text, [account.name for account in accounts]))
    return found


def _permission_set(world: World, text: str) -> str:
    names = [each.name for each in world.services.instance.permission_sets]
    if text not in names:
        raise JmlabError(_unknown("permission set", text, names))
    return text


def _unknown(what: str, text: str, names: Sequence[str]) -> str:
    folded = {name.casefold(): name for name in names}
    near = get_close_matches(text.casefold(), folded, 1)
    hint = f" (did you mean {folded[near[0]]}?)" if near else ""
    there = f"; there are {', '.join(names[:12])}{' and others' if len(names) > 12 else ''}" if names else ""
    return f"there is no {what} '{text}' in this world{hint or there}"
