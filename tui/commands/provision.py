"""`jmlab provision`: somebody, or a group with a few members, provisioned on demand in the world that is being served.

Invariant: shows what the services answered and computes nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tui import streams
from tui.commands.options import TableOrJson, examples

if TYPE_CHECKING:
    from sim.remote import DemandResult

EXAMPLES = examples(
    "jmlab provision ann.example@contoso.example",
    "jmlab provision GRP-AWS-Finance --member ada.novak --member t.chen",
    "jmlab provision ada --format json",
)
STAGES: Final = {
    "TestConnection": "test connection",
    "Import": "import",
    "Scoping": "scope",
    "Matching": "match",
    "Processing": "action",
    "ReferenceResolution": "member",
    "Export": "action",
}
"""What the stages are called, by the type of the step."""
SYMBOLS: Final = {"Success": "●", "Skipped": "○", "Warning": "▲", "Failure": "■"}
_WIDTH: Final = max(map(len, STAGES.values()))


def provision(
    who: Annotated[
        str,
        typer.Argument(metavar="PERSON|GROUP", help="A userPrincipalName, a name, the beginning of one, or an id."),
    ],
    member: Annotated[
        list[str] | None,
        typer.Option("--member", metavar="M", help="A member to provision with the group; at most five."),
    ] = None,
    form: TableOrJson = "table",
) -> None:
    """Provision one person, or one group with up to five members, now.

    In the world that is being served, over Graph, as the portal's "Provision on demand" does: the stages that were
    gone through, and what was changed. When no world is being served, the exit code is 3.
    """
    from sim import places
    from sim.errors import UnreachableError

    state = places.served()
    if state is None:
        raise UnreachableError("no world is being served; start one with: jmlab serve hello")
    from sim.remote import ServedWorld, result_json

    world = ServedWorld(state)
    try:
        found = world.provision(who, member or ())
    finally:
        world.close()
    if form == "json":
        streams.emit_json(result_json(str(state["scenario"]), found))
    else:
        streams.emit(page(str(state["scenario"]), found))


def page(scenario: str, found: DemandResult) -> str:
    """A result for people."""
    run = found.value
    lines = [f"SIMULATED: {scenario}, {found.subject.label} on demand at {run['startTime']}", ""]
    for step in run["provisioningSteps"]:
        status = step["status"]
        lines.append(f"  {SYMBOLS.get(status, '·')} {STAGES.get(step['type'], step['type']):{_WIDTH}}  {status}")
        lines += [f"      {text}" for text in _told(step)]
    lines += ["", f"Result: {found.key['result']}, {_action(run)}"]
    changed = [] if found.key["result"] == "Skipped" else run["modifiedProperties"]
    if changed:
        lines.append("Changed:")
        lines += [f"  {c['displayName']}: {_value(c['oldValue'])} -> {_value(c['newValue'])}" for c in changed]
    status = run["statusInfo"]
    for key, word in (("reason", "Why"), ("additionalDetails", "The target"), ("recommendedAction", "Next")):
        if status[key]:
            lines.append(f"{word}: {status[key]}")
    return "\n".join([*lines, ""])


def _told(step: dict[str, Any]) -> list[str]:
    """What a stage says, and the details that decide something."""
    details = step["details"] or {}
    told = [step["description"]]
    if step["type"] == "Scoping":
        told += [f"{name}: {value}" for name, value in details.items() if value != "{}"]
    elif step["type"] == "Matching" and "userName" in details:
        told.append(f"{details['userName']}, active {details.get('active', '?')}, id {details['id']}")
    return told


def _action(run: Mapping[str, Any]) -> str:
    action = str(run["action"])
    return "nothing was changed" if action == "Other" else action.lower()


def _value(value: str | None) -> str:
    return "nothing" if value is None else value
