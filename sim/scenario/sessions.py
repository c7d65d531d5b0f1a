"""Sign-in and sessions in a scenario: the settings of the doors, and what somebody does at them.

Invariant: where AWS's documentation gives a bound ("within 1 hour"), the default is the bound.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field

from mockservices.clock import Millis
from sim.scenario.action import Action
from sim.scenario.distributions import SpreadField
from sim.scenario.fields import Duration, Number, Part, PermissionSetName, Text, Within, sourced
from sim.time import DAY, HOUR, MINUTE

_TABLE: Final = "https://docs.aws.amazon.com/singlesignon/latest/userguide/authconcept.html"
_OLD_TABLE: Final = "https://github.com/awsdocs/aws-single-sign-on-user-guide (authconcept, December 2022)"
_PORTAL: Final = "https://docs.aws.amazon.com/singlesignon/latest/userguide/user-interactive-sessions.html"
_ENDED: Final = "https://docs.aws.amazon.com/singlesignon/latest/userguide/manage-user-session.html"
_ENTRA: Final = "https://learn.microsoft.com/entra/identity/users/users-revoke-access"
_ASSUMED: Final = "assumption: no published figures of how people use the portal were found"
_LAG: Final = Within(Millis(0), DAY)


class Sessions(Part):
    """Who can still get in, and until when. Every lag but the last is how long something outlives what ended it.

    `rules`: what AWS documents today, or (`legacy`) until 2022, when a cached sign-in outlived its user.

    `portal`: how long a portal session lasts, from 15 minutes to 90 days.

    `group_change`: an open session goes by a membership that has ended for up to an hour.

    `cached_sign_in`: with `legacy`, an open session outlives its disabled or deleted user for up to an hour.

    `command_line`: a command line's token outlives a session that an administrator has ended for up to an hour.

    `directory_token`: how long an account that was just disabled may still sign in, with a token that it has already.

    `usage`: when people of the generated workforce go to the portal: on workdays from 9 to 17 of their clock
    (`working_hours`), at any time (`on_call`), so that a session is always open (`always`), or never (`none`).

    `users`: the share of them who do so at all. `sign_ins`: how many portal sessions each opens on a day on which they
    do, and `roles`: how many role sessions, each from a portal session that is open then.

    `sign_out`: how long after it was opened a portal session is signed out of; without it, nobody signs out.
    """

    rules: Literal["current", "legacy"] = sourced("current", source=_TABLE, grade="A")
    portal: Annotated[Duration, Within(Millis(15 * MINUTE), Millis(90 * DAY))] = sourced(
        Millis(8 * HOUR), source=_PORTAL, grade="A"
    )
    group_change: Annotated[Duration, _LAG] = sourced(HOUR, source=_TABLE, grade="A")
    cached_sign_in: Annotated[Duration, _LAG] = sourced(HOUR, source=_OLD_TABLE, grade="B")
    command_line: Annotated[Duration, _LAG] = sourced(HOUR, source=_ENDED, grade="A")
    directory_token: Annotated[Duration, _LAG] = sourced(Millis(0), source=_ENTRA, grade="C")
    usage: Literal["working_hours", "on_call", "always", "none"] = sourced("working_hours", source=_ASSUMED, grade="D")
    users: Annotated[Number, Field(ge=0, le=1)] = sourced(0.5, source=_ASSUMED, grade="D")
    sign_ins: Annotated[Number, Field(ge=0, le=24)] = sourced(1.0, source=_ASSUMED, grade="D")
    roles: Annotated[Number, Field(ge=0, le=100)] = sourced(3.0, source=_ASSUMED, grade="D")
    sign_out: SpreadField | None = sourced(None, source=_ASSUMED, grade="D")


# --- what is done at the doors ---------------------------------------------------------------------------


class SignIn(Action):
    """Somebody signs in to the portal, which opens a session there."""

    do: Literal["sign_in"]
    person: Text


class StartRole(Action):
    """Somebody starts a role session from their open portal session, signing in first if they have none."""

    do: Literal["start_role"]
    person: Text
    permission_set: PermissionSetName
    account: Text


class SignOut(Action):
    """Somebody signs out of all their portal sessions; role sessions live on."""

    do: Literal["sign_out"]
    person: Text


class RevokeSessions(Action):
    """An administrator revokes somebody's sign-in sessions in the directory, of which no session at AWS hears."""

    do: Literal["revoke_sessions"]
    person: Text


class AwsEndSessions(Action):
    """Somebody ends all portal sessions of a user in the target's console; role sessions live on."""

    do: Literal["aws_end_sessions"]
    user: Text


class _Deny(Action):
    user: Text
    permission_set: PermissionSetName | None = None


class AwsDeny(_Deny):
    """An explicit Deny of everything for one user: in a permission set's inline policy, or in a service control policy
    over all accounts. Role sessions are worthless from then on."""

    do: Literal["aws_deny"]


class AwsAllow(_Deny):
    """Such a Deny is taken back."""

    do: Literal["aws_allow"]


class AwsPortalLength(Action):
    """Somebody sets how long portal sessions last, from now on; those that are open keep their length."""

    do: Literal["aws_portal_length"]
    length: Annotated[Duration, Within(Millis(15 * MINUTE), Millis(90 * DAY))]


AtTheDoors: TypeAlias = SignIn | StartRole | SignOut | RevokeSessions
SessionsConsole: TypeAlias = AwsEndSessions | AwsDeny | AwsAllow | AwsPortalLength
