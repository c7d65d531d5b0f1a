"""Exports of groups, people and assignments, as Microsoft's and AWS's own tools write them.

Invariant: a file is told by what is in it, not by its name; one that is none of the known shapes is refused. Nothing is
concluded here: what people are in and what groups give is kept as it stands.

Read are Graph's ``GET /groups/{id}/members`` (the file is called like the group, or a page of it: ``NAME.2.json``) and
``GET /groups?$expand=members`` (https://learn.microsoft.com/graph/api/group-list-members), the CSV of
``Get-MgGroupMember`` with a column for the group, ``aws sso-admin list-account-assignments``, ``aws identitystore
list-groups`` and ``list-users``, ``aws organizations list-accounts``, ``aws sso-admin describe-permission-set``
(https://docs.aws.amazon.com/cli/latest/reference/sso-admin/list-account-assignments.html), and a plain
map of ids to names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sim.owndata.refusals import Origin
from sim.owndata.sheet import Sheet, check
from sim.scenario.errors import listed

LARGEST: Final = 100_000_000
_USER: Final = "#microsoft.graph.user"
_COLUMNS: Final = (
    "id", "userprincipalname", "displayname", "givenname", "surname", "department", "jobtitle", "group",
)  # fmt: skip
_SHAPES: Final = (
    "members of a group or groups from Graph, AccountAssignments, Groups, Users or Accounts from AWS, a PermissionSet, "
    "or a map of ids to names"
)


@dataclass(slots=True)
class Member:
    """A user as an export has them; texts are empty where it says nothing."""

    upn: str
    display_name: str = ""
    given_name: str = ""
    surname: str = ""
    department: str = ""
    role: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission set on an account, for a group or a user, by ids."""

    permission_set: str
    account: str
    principal_type: str
    principal: str
    where: Origin


@dataclass(slots=True)
class Exports:
    """Everything that the files say."""

    people: dict[str, Member] = field(default_factory=dict)
    """By userPrincipalName in lower case."""
    groups: dict[str, dict[str, None]] = field(default_factory=dict)
    """Members of each group, by the same."""
    grants: list[Grant] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    """What ids stand for."""
    others: int = 0
    """Members that are no users: groups, devices, service principals."""

    def join(self, group: str, member: Member) -> None:
        """Somebody is in a group."""
        key = member.upn.lower()
        known = self.people.setdefault(key, member)
        for name in ("display_name", "given_name", "surname", "department", "role"):
            if not getattr(known, name):
                setattr(known, name, getattr(member, name))
        self.groups.setdefault(group, {})[key] = None


def read_exports(origins: list[Origin]) -> Exports:
    """What the files say, those of a directory in the order of their names; raises ScenarioError."""
    found = Exports()
    for origin in origins:
        files = list(_files(origin))
        if not files:
            raise origin.refusal("there is no .json or .csv file in this directory")
        for each in files:
            if each.shown.lower().endswith(".csv"):
                _csv(each, found)
            else:
                _json(each, found)
    return found


def _files(origin: Origin) -> Iterator[Origin]:
    path = origin.path
    if path is None or not path.is_dir():
        yield origin
        return
    for each in sorted(path.iterdir()):
        if each.suffix.lower() in {".json", ".csv"} and not each.name.startswith("."):
            yield Origin(f"{origin.shown.rstrip('/')}/{each.name}", each)


# --- CSV -------------------------------------------------------------------------------------------------


def _csv(origin: Origin, found: Exports) -> None:
    for block in Sheet(origin, _COLUMNS, ("userprincipalname", "group")).blocks():
        cells = block.columns
        blank = [""] * len(block.lines)
        columns = [cells.get(name, blank) for name in _COLUMNS]
        for line, (identifier, upn, display, given, surname, department, role, group) in zip(
            block.lines, zip(*columns, strict=True), strict=True
        ):
            if not group.strip():
                raise origin.refusal("the cell is empty; a row names its group", line, "group")
            if "@" not in upn:
                raise origin.refusal("this is no userPrincipalName", line, "userprincipalname")
            if identifier:
                found.names.setdefault(identifier, upn)
            texts = [text.strip() for text in (upn, display, given, surname, department, role)]
            found.join(group.strip(), Member(*texts))


# --- JSON ------------------------------------------------------------------------------------------------


def _json(origin: Origin, found: Exports) -> None:
    check(origin, "an export (JSON or CSV)")
    assert origin.path is not None
    if origin.path.stat().st_size > LARGEST:
        raise origin.refusal("the file is larger than 100 MB; export fewer groups at a time")
    try:
        text = origin.path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise origin.refusal("this is not UTF-8 text; save the file as UTF-8") from None
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise origin.refusal("this is not valid JSON", error.lineno) from None
    except RecursionError:
        raise origin.refusal("this is nested too deeply for an export") from None
    for page in value if isinstance(value, list) and value and all(_is_page(each) for each in value) else [value]:
        _page(origin, page, found)


def _is_page(value: object) -> bool:
    return isinstance(value, dict) and bool(
        {"value", "AccountAssignments", "Groups", "Users", "Accounts"} & value.keys()
    )


def _page(origin: Origin, page: Any, found: Exports) -> None:
    if isinstance(page, list):
        page = {"value": page}
    if not isinstance(page, dict):
        raise origin.refusal(f"this is none of the exports that are read: {_SHAPES}")
    if "value" in page:
        _graph(origin, _objects(origin, page, "value"), found)
    elif "AccountAssignments" in page:
        for each in _objects(origin, page, "AccountAssignments"):
            held, account, kind, principal = (
                _text(origin, each, key) for key in ("PermissionSetArn", "AccountId", "PrincipalType", "PrincipalId")
            )
            if kind not in {"GROUP", "USER"}:
                raise origin.refusal("a PrincipalType is none that is known; allowed: GROUP or USER")
            found.grants.append(Grant(held, account, kind, principal, origin))
    elif "PermissionSet" in page and isinstance(page["PermissionSet"], dict):
        one = page["PermissionSet"]
        found.names[_text(origin, one, "PermissionSetArn")] = _text(origin, one, "Name")
    elif not _names(origin, page, found):
        raise origin.refusal(f"this is none of the exports that are read: {_SHAPES}")


def _names(origin: Origin, page: dict[str, Any], found: Exports) -> bool:
    """Whether a page says what ids stand for; if so, it is kept."""
    for key, identifier, name in (
        ("Groups", "GroupId", "DisplayName"), ("Users", "UserId", "UserName"), ("Accounts", "Id", "Name"),
    ):  # fmt: skip
        if key in page:
            for each in _objects(origin, page, key):
                found.names[_text(origin, each, identifier)] = _text(origin, each, name)
            return True
    if page and all(isinstance(value, str) for value in page.values()):
        found.names.update(page)
        return True
    return False


def _graph(origin: Origin, objects: list[dict[str, Any]], found: Exports) -> None:
    if objects and all("userPrincipalName" not in each and "displayName" in each for each in objects):
        typed = {each.get("@odata.type", "") for each in objects}
        if typed <= {"", "#microsoft.graph.group"} and any("members" in each for each in objects):
            for each in objects:
                name = _text(origin, each, "displayName")
                found.names[str(each.get("id", name))] = name
                found.groups.setdefault(name, {})
                _members(origin, name, _objects(origin, each, "members") if "members" in each else [], found)
            return
    assert origin.path is not None
    group = re.sub(r"\.[0-9]{1,4}$", "", origin.path.stem)  # pages of one group
    found.groups.setdefault(group, {})
    _members(origin, group, objects, found)


def _members(origin: Origin, group: str, objects: list[dict[str, Any]], found: Exports) -> None:
    for each in objects:
        if each.get("@odata.type", _USER) != _USER:
            found.others += 1
            continue
        upn = _text(origin, each, "userPrincipalName")
        if "@" not in upn:
            raise origin.refusal("a userPrincipalName is none; write one such as t.chen@contoso.example")
        display, given, surname, department, role = (
            str(each.get(key) or "").strip()
            for key in ("displayName", "givenName", "surname", "department", "jobTitle")
        )
        enabled = each.get("accountEnabled") is not False
        found.join(group, Member(upn, display, given, surname, department, role, enabled))


def _objects(origin: Origin, page: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = page[key]
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise origin.refusal(f"{key} is no list of objects, as the export has it")
    return found


def _text(origin: Origin, one: Mapping[str, Any], key: str) -> str:
    value = one.get(key)
    if not isinstance(value, str) or not value.strip():
        near = listed(sorted(str(each) for each in one)[:12], "and") if one else "nothing"
        raise origin.refusal(f"an entry has no {key}; it has {near}")
    return value.strip()


def origins_of(paths: list[str], folder: Path) -> list[Origin]:
    """The files and directories that a scenario names, seen from a folder."""
    return [Origin(str(folder / each), folder / each) for each in paths]
