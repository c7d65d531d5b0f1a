"""Three stories about the doors, told in minutes from 8:00 on a Monday, with cycles at 8:00, 8:40, 9:20, 10:00, 10:40.

Bob signs in at 9:00 for eight hours, starts PowerUser on dev at 9:55 for one, and is let go at 10:03. Ann signs in at
9:00 and moves to Operations at 10:03.
"""

from __future__ import annotations

from typing import Any

from sim.scenario import Scenario, scenario_from
from tests.semantics.story import act, told


def dismissal(**more: Any) -> Scenario:
    """Bob, who had an open session and credentials when he was let go."""
    values: dict[str, Any] = {"duration": "14h", "target__sessions": {}, **more}
    return scenario_from(
        told(
            act("1h", "sign_in", "bob"),
            act("115m", "start_role", "bob", permission_set="PowerUser", account="dev"),
            act("123m", "leave", "bob"),
            **values,
        )
    )


def move(**more: Any) -> Scenario:
    """Ann, whose sign-in and session go on."""
    values: dict[str, Any] = {"duration": "14h", "target__sessions": {}, **more}
    return scenario_from(
        told(act("1h", "sign_in", "ann"), act("123m", "move", "ann", department="Operations"), **values)
    )
