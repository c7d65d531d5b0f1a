"""`jmlab try`: whether somebody gets into an account, door by door, in a served world or in a recorded run.

Invariant: shows what the doors have answered and computes nothing of it. Nothing is opened, so trying changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tui import streams
from tui.commands.options import TableOrJson, examples
from tui.commands.runs import folder_of

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = examples(
    "jmlab try ann.example@contoso.example --account production",
    "jmlab try dana --account production --at 2h20m last",
    "jmlab try dana --account production --permission-set Administrator",
)
OPEN, SHUT = "●", "○"
DOORS: Final = (("sign_in", "sign-in"), ("assignment", "assignment"), ("session", "session"))
_WIDTH: Final = max(len(name) for _, name in DOORS)
_MARGIN: Final = " " * (_WIDTH + 6)


def try_(
    who: Annotated[
        str,
        typer.Argument(
            metavar="PERSON", help="A userPrincipalName, a name, the beginning of one, or a userName in AWS."
        ),
    ],
    account: Annotated[str, typer.Option("--account", metavar="A", help="The AWS account, by name or id.")],
    run: Annotated[
        str | None,
        typer.Argument(metavar="RUN", help="A run directory, or last. Default: the served world, else last."),
    ] = None,
    permission_set: Annotated[
        str | None, typer.Option("--permission-set", metavar="P", help="Only this one. Default: each that was held.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="T",
            help="So long after the start, such as 2h20m, or an instant. Default: now, or the end of the run.",
        ),
    ] = None,
    form: TableOrJson = "table",
) -> None:
    """Try to sign in, to open the portal and to start a role there: every door, then YES or NO.

    In the world that is being served, as it is now; with --at or RUN in a recorded run, which is made again from its
    journal up to that time, and followed further to see when the doors close.
    """
    from sim import places

    state = places.served() if run is None else None
    if state is None or at is not None:
        told = _recorded(folder_of(run, state), who, account, permission_set, at)
    else:
        told = _served(state, who, account, permission_set)
    if form == "json":
        streams.emit_json(told)
    else:
        streams.emit(page(told))


def _served(state: Mapping[str, Any], who: str, account: str, permission_set: str | None) -> dict[str, Any]:
    from sim.remote import try_served

    return try_served(state, who, account, permission_set)


def _recorded(folder: Path, who: str, account: str, permission_set: str | None, at: str | None) -> dict[str, Any]:
    from sim.observation.journal.again import made_again
    from sim.trying import attempt, look_ahead, tried_json

    again = made_again(folder, at)
    found = attempt(again.world, who, account, permission_set, again.at)
    return tried_json(again.world, look_ahead(again.world, found, again.later, again.end))


# --- for people ------------------------------------------------------------------------------------------


def page(told: Mapping[str, Any]) -> str:
    """An attempt as text; a time of the same day is told without its date."""
    where = f"{told['account']['name']} ({told['account']['id']})"
    lines = [f"SIMULATED: {told['scenario']}, {told['person']} on {where} at {told['at']}"]
    clock = _Clock(str(told["at"]))
    for each in told["tries"]:
        lines += ["", *_try(each, clock)]
        if len(told["tries"]) > 1:
            lines.append(f"  {_answer(each, clock)}")
    lines += ["", _answer(told["tries"][0], clock), *_outlook(told, clock)]
    return "\n".join([*lines, ""])


class _Clock:
    """Writes instants beside a day that is understood."""

    def __init__(self, at: str) -> None:
        self._day = at.partition("T")[0]

    def __call__(self, instant: str) -> str:
        day, _, time = instant.removesuffix("Z").partition("T")
        return time if day == self._day else f"{day} {time}"


def _try(each: Mapping[str, Any], clock: _Clock) -> list[str]:
    role = each["permission_set"] or "Nothing was ever assigned here"
    lines = [f"{role}, as the user {each['user']}" if each["user"] else f"{role}; there is no such user in AWS"]
    for key, name in DOORS:
        door = each["doors"][key]
        lines.append(f"  {OPEN if door['open'] else SHUT} {name:{_WIDTH}}  {_door(door, clock)}")
        if door.get("refused"):
            lines.append(f"{_MARGIN}{door['refused']}")
    for role_session in each["role_sessions"]:
        until = f"role session of {clock(role_session['started'])}, until {clock(role_session['expires'])}"
        lines.append(f"{_MARGIN}{until}{_worth(role_session)}")
    return lines


def _worth(role_session: Mapping[str, Any]) -> str:
    if not role_session["works"]:
        return ": denied everything, so worth nothing"
    return ": outlives its grant (residual)" if role_session["residual"] else ""


def _door(door: Mapping[str, Any], clock: _Clock) -> str:
    since = f" since {clock(door['since'])}" if door["since"] else ""
    change = f", {'closes' if door['open'] else 'opens'} at {clock(door['until'])}" if door["until"] else ""
    return f"{'open' if door['open'] else 'closed'}{since}{change}"


def _answer(each: Mapping[str, Any], clock: _Clock) -> str:
    until = f" until {clock(each['until'])}" if each["until"] else ""
    return f"{each['answer']}{until}: {_why(each, clock)}."


def _why(each: Mapping[str, Any], clock: _Clock) -> str:
    verdict, portal = each["verdict"], each["portal_session"]
    way = f"from the portal session of {clock(portal['opened'])}" if portal else "by signing in"
    if verdict == "usable":
        return f"usable, {way}"
    if verdict == "residual":
        return f"residual, {way}; the assignment has ended, and that session still starts the role"
    if verdict == "denied":
        return f"denied; credentials are handed out {way}, and an explicit Deny makes them worthless"
    doors = each["doors"]
    if doors["assignment"]["open"]:
        return "no new sign-in succeeds, and no portal session is open"
    return "the assignment is closed" if each["permission_set"] else "there is nothing to start"


def _outlook(told: Mapping[str, Any], clock: _Clock) -> list[str]:
    """How far the answer can be trusted."""
    lines = []
    working = [r["expires"] for each in told["tries"] for r in each["role_sessions"] if r["works"]]
    if working and told["answer"] == "NO":
        lines.append(f"What was started before works until {clock(max(working))}.")
    if told["known_until"] != told["at"]:
        lines.append(f"The run was followed until {clock(told['known_until'])}.")
    elif told["next_cycle"]:
        lines.append(f"As far as is known now; the next cycle begins at {clock(told['next_cycle'])}.")
    return lines
