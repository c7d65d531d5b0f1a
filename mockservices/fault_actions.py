"""What can be done to a world's faults by name, with plain JSON arguments: in the command log like every other act.

Invariant: a fault that is added, started or ended over HTTP is so at the same place in a replay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mockservices.faults import Rule
from mockservices.services import Action, Arguments, Services


def add(services: Services, arguments: Arguments) -> list[dict[str, Any]]:
    """The arguments are those of :meth:`mockservices.faults.Rule.of`, and ``start``: whether it begins now.

    A rule without a name gets one.
    """
    faults = services.faults
    rule = Rule.of({key: value for key, value in arguments.items() if key != "start"})
    rule = rule if rule.name else replace(rule, name=faults.free_name())
    faults.add(rule)
    if arguments.get("start"):
        faults.start(rule.name)
    return [row for row in faults.shown() if row["name"] == rule.name]


def start(services: Services, arguments: Arguments) -> list[dict[str, Any]]:
    """``name``."""
    services.faults.start(arguments["name"])
    return services.faults.shown()


def end(services: Services, arguments: Arguments) -> list[dict[str, Any]]:
    """``name``; without it, all of them."""
    services.faults.end(arguments.get("name"))
    return services.faults.shown()


ACTIONS: Mapping[str, Action] = {"faults.add": add, "faults.start": start, "faults.end": end}
