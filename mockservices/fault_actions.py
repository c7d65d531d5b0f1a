"""What can be done to a world's faults by name, with plain JSON arguments: in the command log like every other act.

Invariant: a fault that is added, started or ended over HTTP is so at the same place in a replay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockservices.faults import Rule
from mockservices.services import Action, Arguments, Services


def add(services: Services, arguments: Arguments) -> list[dict[str, Any]]:
    """The arguments are those of :meth:`mockservices.faults.Rule.of`."""
    services.faults.add(Rule.of(arguments))
    return services.faults.shown()


def start(services: Services, arguments: Arguments) -> list[dict[str, Any]]:
    """``name``."""
    services.faults.start(arguments["name"])
    return services.faults.shown()


def end(services: Services, arguments: Arguments) -> list[dict[str, Any]]:
    """``name``; without it, all of them."""
    services.faults.end(arguments.get("name"))
    return services.faults.shown()


ACTIONS: Mapping[str, Action] = {"faults.add": add, "faults.start": start, "faults.end": end}
