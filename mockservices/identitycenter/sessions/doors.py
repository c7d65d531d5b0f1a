"""The doors of one world: who has a portal session, which roles they may start, and what ends it.

Invariant: no HTTP, no clock of its own, no chance. It keeps what somebody has started, ended or denied, and deduces
everything else when it is asked, at the cost of one person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mockservices.changes import Trace
from mockservices.clock import Clock, Millis
from mockservices.graph.directory import Directory
from mockservices.identitycenter.console import EXTERNAL
from mockservices.identitycenter.entities import PermissionSet
from mockservices.identitycenter.errors import invalid, not_found
from mockservices.identitycenter.instance import Instance
from mockservices.identitycenter.sessions.access import Access, Attempt, Entrance, deduce, lives_of, sign_in_spans
from mockservices.identitycenter.sessions.facts import Facts
from mockservices.identitycenter.sessions.history import History
from mockservices.identitycenter.sessions.policies import PolicyHistory
from mockservices.identitycenter.sessions.records import NoSessions, PortalSession, RoleSession, SessionSource
from mockservices.identitycenter.sessions.rules import HOUR, Closing, SessionRules
from mockservices.identitycenter.sessions.signing_in import refusal
from mockservices.identitycenter.sessions.spans import NEVER_ENDS, Spans, covering, intersection, union
from mockservices.ids import IdSpace

LONGEST_ROLE = 12 * HOUR


class Doors:
    """Sign-in, portal sessions and role sessions of one instance."""

    def __init__(self, *, clock: Clock, trace: Trace, directory: Directory, instance: Instance) -> None:
        self._clock = clock
        self._trace = trace
        self._directory = directory
        self._instance = instance
        self._store = instance.store
        self.history = History(clock, directory, instance)
        self.rules = SessionRules()
        self.source: SessionSource = NoSessions()
        """Who else has sessions; whoever sets it also calls :meth:`listen`, before anything happens."""
        seed = int(f"0x{instance.identity_store_id[2:]}", 0)  # so that the ids differ from world to world
        self._portal_ids = IdSpace(seed, "sso.portalSession")
        self._role_ids = IdSpace(seed, "sso.roleSession")
        self._portals: list[PortalSession] = []
        self._roles: list[RoleSession] = []
        self._of_user: dict[int, list[int]] = {}
        self._swept: dict[int, list[Millis]] = {}
        self._inline: dict[int, PolicyHistory] = {}
        self._organisation = PolicyHistory()
        self._lengths: list[tuple[Millis, Millis]] = []
        self.denies = False
        """Whether any policy has ever been set here, so that it could have denied something."""

    def listen(self) -> None:
        """Note from now on what happens to whom. The first session does it, too; whoever wants to ask about times
        before it, or grants the directory's tokens a life, does it at the beginning."""
        self.history.listen()

    def configure(self, rules: SessionRules) -> None:
        """Other settings, for the sessions that begin from now on; what is open keeps its own length."""
        if rules.portal != self.rules.portal:
            self._lengths.append((self._clock.now, self.rules.portal))
        self.rules = rules
        self._record("sessions.configure", self._instance.arn, {"portal_ms": rules.portal, "rules": rules.rule_set})

    @property
    def lengths(self) -> Sequence[tuple[Millis, Millis]]:
        """How long portal sessions lasted that were opened before a time: (time, length), the earliest first; since
        the last of them, as the rules say."""
        return self._lengths

    # --- asking ------------------------------------------------------------------------------------------

    def facts(self, user: int) -> Facts:
        """What is known of a user of the store, by row."""
        history, routes = self.history, self.history.routes(user)
        denied = self._denied(user, routes) if self.denies else {}
        return Facts(user, history.active(user), history.account(user), history.external(), routes, denied)

    def _denied(self, user: int, grants: Iterable[int]) -> dict[int, Spans]:
        identifier, name = self._store.user_id(user), str(self._store.peek(user).attributes["userName"])
        everywhere = self._organisation.denies(identifier, name)
        denied = {}
        for grant in grants:
            _, permission_set = self._instance.grant_parts(grant)
            inline = self._inline.get(permission_set.row)
            denied[grant] = union(everywhere, () if inline is None else inline.denies(identifier, name))
        return denied

    def access(self, user: int, since: Millis | None = None, until: Millis | None = None) -> Access:
        """The three doors of a user, by row.

        ``since``: portal sessions of the source that had expired by then are left out; by default those that cannot
        even have a role session left. ``until``: so are those that were not opened before; by default, none.
        """
        now = self._clock.now
        begin = Millis(now - LONGEST_ROLE) if since is None else since
        end = Millis(now + 1) if until is None else until
        return deduce(self.facts(user), self.rules, self.started(user), self._wished(user, begin, end))

    def _wished(self, user: int, since: Millis, until: Millis) -> list[PortalSession]:
        return [self._swept_away(session) for session in self.source.portal_sessions(user, since, until)]

    def entrance(self, user: int, since: Millis, until: Millis) -> Entrance:
        """How a user, by row, could get in between two times that have passed; no grant is looked at for it."""
        facts, sign_in = self._gate(user)
        window: Spans = ((since, until),)
        by_signing_in = intersection(sign_in, window)
        if by_signing_in == window:  # whoever can sign in needs no session
            return Entrance(facts, sign_in, window, window)
        wished = (it for it in self._wished(user, since, until) if covering(sign_in, it.opened) is not None)
        sessions = [*self.started(user), *wished]
        lives = lives_of(facts, self.rules, sessions)
        way_in = intersection(union(sign_in, lives), window) if lives else by_signing_in
        last = (session for session in self.last_moments(user, sign_in) if session.expires > since)
        at_worst = intersection(union(sign_in, lives, lives_of(facts, self.rules, last)), window)
        return Entrance(facts, sign_in, way_in, at_worst)

    def sign_in_of(self, user: int) -> Spans:
        """When a new sign-in of a user, by row, succeeds; no session is looked at for it."""
        return self._gate(user)[1]

    def _gate(self, user: int) -> tuple[Facts, Spans]:
        facts = Facts(user, self.history.active(user), self.history.account(user), self.history.external())
        active = union((stretch.start, stretch.end) for stretch in facts.active)
        return facts, sign_in_spans(facts, self.rules, active)

    def last_moments(self, user: int, sign_in: Spans) -> list[PortalSession]:
        """The portal sessions of somebody who signs in once more in the last moment in which it is possible."""
        ends = [end for _, end in sign_in if end < NEVER_ENDS]
        last = (PortalSession("", user, Millis(end - 1), Millis(end + self.portal_length(end - 1))) for end in ends)
        return [self._swept_away(session) for session in last]

    def portal_length(self, at: int) -> Millis:
        """How long a portal session lasts that is opened at a time."""
        return next((length for before, length in self._lengths if at < before), self.rules.portal)

    def started(self, user: int) -> Sequence[PortalSession]:
        """The portal sessions that somebody has really started for this user, by opening."""
        return [self._portals[number] for number in self._of_user.get(user, ())]

    @property
    def started_portals(self) -> Sequence[PortalSession]:
        """Every portal session that somebody has really started, in that order, as it is now."""
        return self._portals

    @property
    def started_roles(self) -> Sequence[RoleSession]:
        """Every role session that somebody has really started, in that order."""
        return self._roles

    def attempt(self, user: int, account: str, permission_set: str) -> Attempt:
        """Whether this user can start a role now, from an open portal session or by signing in.

        ``account``: id or name; ``permission_set``: name. ResourceNotFoundException for one that is not there.
        """
        return self.access(user).attempt(self._grant(account, permission_set), self._clock.now)

    def role_sessions(self, user: int) -> tuple[RoleSession, ...]:
        """The role sessions of a user that have not expired, drawn ones that came about included, by start."""
        now = self._clock.now
        access = self.access(user)
        drawn = self.source.role_sessions(user, now, Millis(now + 1))
        found = [role for role in drawn if role.expires > now and access.admits(role)]
        found += [role for role in self._roles if role.user == user and role.expires > now]
        return tuple(sorted(found, key=lambda role: role.started))

    def roles(self, access: Access, since: Millis, until: Millis) -> tuple[RoleSession, ...]:
        """The role sessions of a user that were started before a time and expire after another, drawn ones that came
        about included; ``access`` knows the portal sessions from which they were started."""
        user = access.facts.user
        drawn = self.source.role_sessions(user, since, until)
        found = [role for role in drawn if access.admits(role)]
        found += [r for r in self._roles if r.user == user and r.started < until and r.expires > since]
        return tuple(found)

    def portal(self, identifier: str) -> PortalSession | None:
        """A portal session that somebody has started, by id."""
        number = self._portal_ids.ordinal(identifier)
        return None if number is None or number >= len(self._portals) else self._portals[number]

    def is_open(self, session: PortalSession) -> bool:
        """Whether a started portal session is alive now."""
        open_portal = self.access(session.user).portal(session)
        return open_portal is not None and covering((open_portal.lives,), self._clock.now) is not None

    def startable(self, session: PortalSession) -> tuple[int, ...]:
        """The grants for which a started portal session hands out credentials now, as the portal lists them."""
        access = self.access(session.user)
        open_portal = access.portal(session)
        if open_portal is None:
            return ()
        now = self._clock.now
        return tuple(g for g in access.facts.routes if covering(access.starts_from(open_portal, g), now) is not None)

    # --- acting ------------------------------------------------------------------------------------------

    def sign_in(self, name: str, *, command_line: bool = False) -> PortalSession:
        """Open a portal session as ``name``: the userPrincipalName while the identity source is external, the
        userName otherwise. :class:`SignInRefusedError` when the directory or the store does not let them in."""
        now = self._clock.now
        row = self._store.user_row_by("userName", name)
        if row is None or covering(self.access(row).sign_in, now) is None:
            federated = self.rules.sign_in == "federated" and self._instance.console.identity_source == EXTERNAL
            raise refusal(self._directory, self._instance, name, federated=federated)
        self.listen()
        number = len(self._portals)
        expires = Millis(now + self.rules.portal)
        session = PortalSession(self._portal_ids.of(number), row, now, expires, command_line)
        self._portals.append(session)
        self._of_user.setdefault(row, []).append(number)
        fields = {"user": self._store.user_id(row), "expires_ms": expires, "commandLine": command_line}
        self._record("portal.signIn", session.id, fields)
        return session

    def sign_out(self, identifier: str) -> None:
        """The user ends a portal session; role sessions live on. Nothing happens when it is over already."""
        self._end(identifier, Closing.SIGNED_OUT)

    def end_session(self, identifier: str) -> None:
        """An administrator ends one portal session (*Delete session* in the console)."""
        self._end(identifier, Closing.SESSION_ENDED)

    def end_sessions(self, user: int) -> int:
        """An administrator ends every portal session of a user; how many were alive."""
        now = self._clock.now
        alive = self.access(user).portals_at(now)
        for open_portal in alive:
            if self.portal(open_portal.session.id) is not None:
                self._end(open_portal.session.id, Closing.SESSION_ENDED)
        self._swept.setdefault(user, []).append(now)
        self._record("sessions.delete", self._store.user_id(user), {"sessions": len(alive)})
        return len(alive)

    def _end(self, identifier: str, how: Closing) -> None:
        session = self.portal(identifier)
        if session is None:
            raise not_found(f"Could not find session with id {identifier}")
        if session.ended is None and session.expires > self._clock.now:
            number = self._portal_ids.ordinal(identifier)
            assert number is not None
            self._portals[number] = replace(session, ended=self._clock.now, how=how)
            self._record("portal.end", identifier, {"how": how})

    def _swept_away(self, session: PortalSession) -> PortalSession:
        """A drawn session as it is after its user's sessions were ended."""
        for at in self._swept.get(session.user, ()):
            if session.opened <= at < session.expires and session.ended is None:
                return replace(session, ended=at, how=Closing.SESSION_ENDED)
        return session

    def start_role(self, session: PortalSession, account: str, permission_set: str) -> RoleSession | None:
        """Start a role session from a portal session; None when the portal does not offer this role there."""
        found = next((it for it in self._instance.accounts if account in (it.id, it.name)), None)
        named = self._instance.permission_set_named(permission_set)
        if found is None or named is None:
            return None
        grant = self._instance.grant(found.row, named.row)
        if grant not in self.startable(session):
            return None
        now, number = self._clock.now, len(self._roles)
        expires = Millis(now + named.session)
        role = RoleSession(self._role_ids.of(number), session.user, grant, session.id, now, expires)
        self._roles.append(role)
        fields = {"portal": session.id, "account": found.id, "permissionSet": named.arn, "expires_ms": expires}
        self._record("role.start", role.id, fields)
        return role

    # --- explicit denial ---------------------------------------------------------------------------------

    def inline_policy(self, permission_set: PermissionSet) -> str | None:
        """The text of a permission set's inline policy."""
        history = self._inline.get(permission_set.row)
        return None if history is None else history.text

    def put_inline_policy(self, permission_set: PermissionSet, text: str | None) -> None:
        """Set or take away the inline policy, provisioned in the same instant; ValidationException for no policy."""
        self._put(self._inline.setdefault(permission_set.row, PolicyHistory()), text)
        self._record("inlinePolicy.put", permission_set.arn, {"policy": text})

    @property
    def organisation_policy(self) -> str | None:
        """The text of the service control policy over all member accounts."""
        return self._organisation.text

    def put_organisation_policy(self, text: str | None) -> None:
        """Set or take away the service control policy; ValidationException for what is no policy."""
        self._put(self._organisation, text)
        self._record("serviceControlPolicy.put", self._instance.arn, {"policy": text})

    def _put(self, history: PolicyHistory, text: str | None) -> None:
        self.listen()
        self.denies = True
        try:
            history.put(text, self._clock.now)
        except ValueError as error:
            raise invalid(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None

    def _grant(self, account: str, permission_set: str) -> int:
        named = self._instance.permission_set_named(permission_set)
        if named is None:
            raise not_found(f"Could not find PermissionSet with name {permission_set}")
        return self._instance.grant(self._instance.find_account(account).row, named.row)

    def _record(self, verb: str, key: str, fields: dict[str, object]) -> None:
        self._trace.record("sso", verb, key, fields)
