"""What the job sends over the wire in the case study, request for request, held against Entra's documented sequences.

The samples under tests/samples/entra/sequences are those of
https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups and, for the
capitals, the text of a boolean and the removal of a member,
https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility.
Ids are written as whose they are: ``<user NAME>``, ``<group NAME>``, and ``<object NAME>`` for a group's id in Entra; a
name that is nobody's is ``<random>``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import httpx
import pytest

from sim.scenario import load
from sim.scenario.organisation import PersonSpec
from sim.serving import Session
from sim.transport.wire import Caller
from sim.world import World

SEQUENCES: Final = Path(__file__).parents[1] / "samples" / "entra" / "sequences"
GUID: Final = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Whoever is called by one is nobody: a test of the connection looks a random userName up."""
GROUPS: Final = {
    "Engineering": "GRP-AWS-Engineering",
    "DevOps": "GRP-AWS-DevOps",
    "Security": "GRP-AWS-Security",
}


class Recorded:
    """Every SCIM request of a run with its answer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.exchanges: list[tuple[str, str, Any, httpx.Response]] = []
        call = Caller.call

        def recording(
            caller: Caller, method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None
        ) -> httpx.Response:
            response = call(caller, method, url, body, headers)
            _, scim, path = url.partition("/scim/v2")
            if scim:
                self.exchanges.append((method, unquote(path), body, response))
            return response

        monkeypatch.setattr(Caller, "call", recording)

    def told(self, world: World) -> list[dict[str, Any]]:
        """As the samples tell it, ids replaced by whose they are."""
        names = {group.id: f"<object {group.attributes['displayName']}>" for group in world.services.directory.groups}
        for _, path, body, response in self.exchanges:
            if response.status_code == 201:
                kind, name = ("user", "userName") if path == "/Users" else ("group", "displayName")
                names[response.json()["id"]] = f"<{kind} {body[name]}>"

        def named(text: str) -> str:
            for identifier, name in names.items():
                text = text.replace(identifier, name)
            return GUID.sub("<random>", text)

        return [
            {
                "method": method,
                "path": named(path),
                "body": None if body is None else json.loads(named(json.dumps(body))),
                "status": response.status_code,
                "found": _found(response),
            }
            for method, path, body, response in self.exchanges
        ]


def _found(response: httpx.Response) -> int:
    """How many objects an answer carries."""
    if not response.content:
        return 0
    answer = response.json()
    return len(answer["Resources"]) if "Resources" in answer else 1


def sequence(name: str, **filled: str) -> list[dict[str, Any]]:
    """One of Entra's sequences, its blanks filled in."""
    steps: list[dict[str, Any]] = json.loads((SEQUENCES / f"{name}.json").read_text(encoding="utf-8"))
    return [{key: _fill(value, filled) for key, value in step.items()} for step in steps]


def _fill(value: Any, filled: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for blank, text in filled.items():
            value = value.replace(f"{{{blank}}}", text)
        return value
    if isinstance(value, dict):
        return {key: _fill(each, filled) for key, each in value.items()}
    return [_fill(each, filled) for each in value] if isinstance(value, list) else value


def creation(spec: PersonSpec, domain: str) -> list[dict[str, Any]]:
    """The sequence that creates somebody's user."""
    name = user_name(spec, domain)
    return sequence(
        "create-user",
        userName=name,
        mailNickname=name.partition("@")[0],
        givenName=spec.given_name,
        familyName=spec.family_name,
    )


def user_name(spec: PersonSpec, domain: str) -> str:
    """The userPrincipalName that the directory gives somebody whom the scenario gives none."""
    return spec.user_principal_name or f"{spec.given_name}.{spec.family_name}@{domain}".lower()


def expected(name: str) -> Iterator[dict[str, Any]]:
    """What the case study's job has to send, from the scenario file and the samples alone."""
    scenario = load(name).scenario
    domain = scenario.organisation.domain
    pilots = [person for person in scenario.before.people if person.department in GROUPS]
    yield from sequence("test-connection")
    for person in pilots:
        yield from creation(person, domain)
    for group in GROUPS.values():
        yield from sequence("create-group", group=group)
    for department, group in GROUPS.items():
        for person in pilots:
            if person.department == department:
                yield from sequence("add-member", group=group, userName=user_name(person, domain))
    joiner = next(action.person for action in scenario.timeline if action.do == "join")
    chen = user_name(joiner, domain)
    yield from creation(joiner, domain)
    yield from sequence("look-at-group", group="GRP-AWS-Engineering")
    yield from sequence("add-member", group="GRP-AWS-Engineering", userName=chen)
    yield from sequence("look-at-user", userName=chen)
    yield from sequence("look-at-group", group="GRP-AWS-Engineering")
    yield from sequence("look-at-group", group="GRP-AWS-DevOps")
    yield from sequence("remove-member", group="GRP-AWS-Engineering", userName=chen)
    yield from sequence("add-member", group="GRP-AWS-DevOps", userName=chen)
    if name == "case-study":
        yield from sequence("disable-user", userName=chen)
        return
    yield from sequence("delete-user", userName=chen)
    # the group has changed, too: it lost a member, of whom there is nothing left to send
    yield from sequence("look-at-group", group="GRP-AWS-DevOps")


@pytest.mark.parametrize("name", ["case-study", "case-study-as-told"])
def test_the_case_study_sends_what_entra_sends_request_for_request(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = Recorded(monkeypatch)
    session = Session(load(name).scenario, transport="wire", speed=None)
    try:
        session.run(until=session.world.end)
        told = recorded.told(session.world)
    finally:
        session.close()
    wanted = list(expected(name))
    assert [(step["method"], step["path"]) for step in told] == [(step["method"], step["path"]) for step in wanted]
    assert told == wanted


def test_every_request_carries_the_headers_that_entra_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bearer token, SCIM's media type, and no User-Agent (https://github.com/kortix-ai/suna/pull/7297)."""
    recorded = Recorded(monkeypatch)
    session = Session(load("hello").scenario, transport="wire", speed=None)
    try:
        session.run(until=session.world.end)
    finally:
        session.close()
    assert recorded.exchanges
    for _, _, _, response in recorded.exchanges:
        sent = response.request.headers
        assert sent["authorization"].startswith("Bearer ")
        assert sent["content-type"] == "application/scim+json"
        assert "user-agent" not in sent
