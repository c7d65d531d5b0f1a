"""What each action ends, and how much later: AWS's table of sessions, in its current and in its older form.

Invariant: every number that AWS bounds ("within 1 hour") stands here at its bound, the worst case that the text allows,
and can be set to less. Nothing here looks at a clock.
https://docs.aws.amazon.com/singlesignon/latest/userguide/authconcept.html
https://docs.aws.amazon.com/singlesignon/latest/userguide/manage-user-session.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from mockservices.clock import Millis

RuleSet: TypeAlias = Literal["current", "legacy"]
SignIn: TypeAlias = Literal["federated", "local"]

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
SHORTEST_PORTAL: Final = Millis(15 * MINUTE)
LONGEST_PORTAL: Final = Millis(90 * DAY)
"""https://docs.aws.amazon.com/singlesignon/latest/userguide/user-interactive-sessions.html (7 days until 2023)."""


class Closing(StrEnum):
    """An action that takes something away from somebody; the rows of the table."""

    USER_DISABLED = "user disabled"
    USER_DELETED = "user deleted"
    SESSION_ENDED = "session ended by an administrator"
    SIGNED_OUT = "signed out"
    REMOVED_FROM_USER = "access removed from the user"
    LEFT_GROUP = "user removed from a group"
    REMOVED_FROM_GROUP = "access removed from a group"


@dataclass(frozen=True, slots=True)
class Row:
    """How long after an action something still works, in ms; None: the action does not end it.

    Role sessions that exist have no column: in every row they live until they expire, 12 h at the longest.
    """

    portal: Millis | None
    """Portal sessions that are open."""
    new_role: Millis
    """Starting role sessions from such a portal session."""
    command_line: Millis | None = None
    """A token that a command line has got from such a portal session; None: as long as the portal session."""


@dataclass(frozen=True, slots=True)
class SessionRules:
    """The settings of one instance, for sessions that begin from now on.

    ``ValueError`` with a sentence for a portal session outside 15 min to 90 d, and for a lag below 0.
    """

    rule_set: RuleSet = "current"
    sign_in: SignIn = "federated"
    """``federated``: as the instance's identity source says; ``local``: the store alone decides, whatever it says."""
    portal: Millis = Millis(8 * HOUR)
    """How long a portal session lasts, by default 8 h."""
    group_change: Millis = Millis(HOUR)
    """How long an open session still goes by a membership that has ended: "within 1 hour"."""
    cached_sign_in: Millis = Millis(HOUR)
    """Only ``legacy``: how long a sign-in session outlives its user: "cached for up to 1 hour"."""
    command_line: Millis = Millis(HOUR)
    """How long a command line's token outlives a portal session that was ended for it: "up to an hour"."""
    directory_token: Millis = Millis(0)
    """How long an account that was just disabled or deleted may still sign in with a token that the directory has
    issued. Sign-in is refused at once (0); access tokens live for up to 1 h where nothing evaluates them continuously.
    https://learn.microsoft.com/entra/identity/users/users-revoke-access"""
    table: Mapping[Closing, Row] = field(init=False, repr=False, compare=False)
    """Every action with what it ends and when; follows from the settings and is asked for with every deduction."""

    def __post_init__(self) -> None:
        """Refuse what AWS's console refuses."""
        if self.rule_set not in ("current", "legacy"):
            raise ValueError("the rule set must be current or legacy")
        if self.sign_in not in ("federated", "local"):
            raise ValueError("sign_in must be federated or local")
        if not SHORTEST_PORTAL <= self.portal <= LONGEST_PORTAL:
            raise ValueError("a portal session lasts between 15 minutes and 90 days")
        for name in ("group_change", "cached_sign_in", "command_line", "directory_token"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} cannot be less than 0")
        object.__setattr__(self, "table", _table(self))


def _table(rules: SessionRules) -> Mapping[Closing, Row]:
    at_once = Millis(0)
    outlived = rules.cached_sign_in if rules.rule_set == "legacy" else at_once
    user_gone = Row(portal=outlived, new_role=outlived)
    access_gone = Row(portal=None, new_role=at_once)
    return {
        Closing.USER_DISABLED: user_gone,
        Closing.USER_DELETED: user_gone,
        Closing.SESSION_ENDED: Row(portal=at_once, new_role=at_once, command_line=rules.command_line),
        Closing.SIGNED_OUT: Row(portal=at_once, new_role=at_once),
        Closing.REMOVED_FROM_USER: access_gone,
        Closing.LEFT_GROUP: Row(portal=None, new_role=rules.group_change),
        Closing.REMOVED_FROM_GROUP: access_gone,
    }
