"""An attempt as other programs read it, and as the testbed of a served world answers it.

Invariant: every time is there as an instant; null means that nobody knows of any.
"""

from __future__ import annotations

from typing import Any, Final

from mockservices.clock import Millis
from mockservices.identitycenter.sessions.access import DoorState
from mockservices.identitycenter.sessions.records import PortalSession
from sim.trying.attempts import Tried, Try
from sim.world import World

SCHEMA: Final = "jmlab.try/1"


def tried_json(world: World, tried: Tried) -> dict[str, Any]:
    """See the module."""
    iso = world.clock.iso

    def when(at: Millis | None) -> str | None:
        return None if at is None else iso(at)

    def door(state: DoorState) -> dict[str, Any]:
        since = state.since if state.since is not None and state.since >= 0 else None  # it was so at the start
        return {"open": state.is_open, "since": when(since), "until": when(state.until)}

    def portal(session: PortalSession | None) -> dict[str, Any] | None:
        return None if session is None else {"opened": iso(session.opened), "expires": iso(session.expires)}

    def told(each: Try) -> dict[str, Any]:
        doors = each.doors
        return {
            "user": each.user or None,
            "permission_set": each.permission_set or None,
            "answer": answer(each),
            "verdict": str(each.attempt.verdict),
            "until": when(each.attempt.until),
            "doors": {
                "sign_in": {**door(doors.sign_in), "refused": each.refused or None},
                "assignment": door(doors.assignment),
                "session": door(doors.session),
            },
            "portal_session": portal(each.attempt.portal),
            "role_sessions": [
                {"started": iso(r.started), "expires": iso(r.expires), "works": r.works, "residual": r.residual}
                for r in each.roles
            ],
        }

    best = tried.best
    following = world.driver.next_cycle(tried.at) if tried.known_until == tried.at else None
    return {
        "schema": SCHEMA,
        "simulated": True,
        "scenario": world.scenario.scenario,
        "seed": world.seed,
        "at": iso(tried.at),
        "known_until": iso(tried.known_until),
        "next_cycle": None if following is None else iso(Millis(following)),
        "person": tried.person,
        "account": {"name": tried.account.name, "id": tried.account.id},
        "answer": answer(best),
        "verdict": str(best.attempt.verdict),
        "until": when(best.attempt.until),
        "tries": [told(each) for each in tried.tries],
    }


def answer(each: Try) -> str:
    """YES or NO."""
    return "YES" if each.attempt.verdict.is_open else "NO"
