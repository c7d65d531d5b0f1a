"""A served world, asked over Graph as anybody's script would ask it: who is called so, and provision them on demand.

Invariant: everything goes over HTTP with the credentials that `jmlab env` prints; nothing here knows the world itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

import httpx

from mockservices.clock import Millis
from mockservices.graph.jobs import RULE_ID
from mockservices.graph.synchronization import MOST_MEMBERS
from sim.errors import JmlabError, UnreachableError

USER, GROUP = "User", "Group"
PATIENCE_S: Final = 30.0
"""Seconds that a served world has for an answer."""
LISTED: Final = 999
"""So many people and groups are looked through for one of a similar name."""


@dataclass(frozen=True, slots=True)
class Named:
    """A user or group of the directory."""

    kind: str
    id: str
    name: str
    """The displayName."""
    login: str = ""
    """The userPrincipalName; empty for a group."""

    @property
    def label(self) -> str:
        """As it is told."""
        return f"{self.name} ({self.login})" if self.login else f"the group {self.name}"


@dataclass(frozen=True, slots=True)
class DemandResult:
    """What came of provisioning on demand."""

    subject: Named
    members: tuple[Named, ...]
    key: Mapping[str, Any]
    """``result`` and ``details``."""
    value: Mapping[str, Any]
    """The whole story, with its steps."""


class ServedWorld:
    """The Graph of one served world."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        """``state``: what :func:`sim.places.served` found."""
        graph = state["graph"]
        self._base = str(graph["base_url"])
        self._client = httpx.Client(trust_env=False, timeout=PATIENCE_S)
        form = {
            "grant_type": "client_credentials",
            "client_id": graph["client_id"],
            "client_secret": graph["client_secret"],
            "scope": "https://graph.microsoft.com/.default",
        }
        token = self._read(self._send("POST", str(graph["token_url"]), data=form))["access_token"]
        self._client.headers["authorization"] = f"Bearer {token}"

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    # --- who is meant ------------------------------------------------------------------------------------

    def find(self, text: str) -> Named:
        """The one user or group that a text names: an id, a userPrincipalName, a name, or the beginning of one.

        JmlabError, with the nearest names, when there is none or more than one.
        """
        exact = [*self._users(_EXACTLY, text), *self._groups("displayName eq {0}", text)]
        found = exact or [*self._users(_BEGINNING, text), *self._groups("startswith(displayName,{0})", text)]
        return self._only(text, found, "person or group")

    def find_user(self, text: str) -> Named:
        """The same, of users alone."""
        return self._only(text, self._users(_EXACTLY, text) or self._users(_BEGINNING, text), "person")

    def _only(self, text: str, found: Sequence[Named], what: str) -> Named:
        unique = list({each.id: each for each in found}.values())
        if len(unique) == 1:
            return unique[0]
        if unique:
            names = ", ".join(each.login or each.name for each in unique[:5])
            more = " and others" if len(unique) > 5 else ""
            raise JmlabError(f"'{text}' could be {names}{more}; write the whole userPrincipalName or group name")
        raise JmlabError(f"there is no {what} '{text}' in the directory{self._nearest(text, what)}")

    def _nearest(self, text: str, what: str) -> str:
        known: dict[str, str] = {}
        for each in self._list(f"/users?$select=id,displayName,userPrincipalName&$top={LISTED}"):
            login = str(each["userPrincipalName"])
            for spelling in (login, login.partition("@")[0], str(each["displayName"])):
                known.setdefault(spelling.lower(), login)
        if "group" in what:
            for each in self._list(f"/groups?$select=id,displayName&$top={LISTED}"):
                known.setdefault(str(each["displayName"]).lower(), str(each["displayName"]))
        near = list(dict.fromkeys(known[spelling] for spelling in get_close_matches(text.lower(), known, 3, 0.75)))
        return f" (did you mean {' or '.join(near)}?)" if near else ""

    def _users(self, test: str, text: str) -> list[Named]:
        quoted = _quoted(text)
        found = self._list("/users?$select=id,displayName,userPrincipalName&$top=20&$filter=", test.format(*quoted))
        return [Named(USER, each["id"], each["displayName"], each["userPrincipalName"]) for each in found]

    def _groups(self, test: str, text: str) -> list[Named]:
        test = test.format(*_quoted(text))
        found = self._list("/groups?$select=id,displayName&$top=20&$filter=", test)
        return [Named(GROUP, each["id"], each["displayName"]) for each in found]

    def _list(self, path: str, test: str = "") -> list[dict[str, Any]]:
        url = self._base + path + str(httpx.QueryParams({"x": test}))[2:]
        answer = self._send("GET", url)
        if answer.status_code in {400, 501}:
            return []  # a text that no name can be
        found: list[dict[str, Any]] = self._read(answer)["value"]
        return found

    # --- what is done ------------------------------------------------------------------------------------

    def provision(self, text: str, members: Sequence[str] = ()) -> DemandResult:
        """Provision a user, or a group with at most five of its members, now."""
        if len(members) > MOST_MEMBERS:
            raise JmlabError(f"{len(members)} members are too many: at most {MOST_MEMBERS} go with a group")
        subject = self.find(text)
        if members and subject.kind == USER:
            raise JmlabError(f"{subject.label} is a person; only a group is provisioned with members")
        chosen = tuple({each.id: each for each in map(self.find_user, members)}.values())
        wanted: dict[str, Any] = {"objectId": subject.id, "objectTypeName": subject.kind}
        if chosen:
            wanted["links"] = {"members": [{"objectId": each.id, "objectTypeName": USER} for each in chosen]}
        body = {"parameters": [{"ruleId": RULE_ID, "subjects": [wanted]}]}
        told = self._read(self._send("POST", f"{self._job()}/provisionOnDemand", json=body))
        return DemandResult(subject, chosen, json.loads(told["key"]), json.loads(told["value"]))

    def _job(self) -> str:
        """The address of the job that runs, which is that of the first application."""
        for principal in self._read(self._send("GET", f"{self._base}/servicePrincipals"))["value"]:
            jobs = f"{self._base}/servicePrincipals/{principal['id']}/synchronization/jobs"
            for job in self._read(self._send("GET", jobs))["value"]:
                return f"{jobs}/{job['id']}"
        raise JmlabError("this world has no synchronization job")

    def _send(self, method: str, url: str, **options: Any) -> httpx.Response:
        try:
            return self._client.request(method, url, **options)
        except httpx.HTTPError as error:
            raise UnreachableError(f"the served world does not answer ({error}); start one with: jmlab serve") from None

    def _read(self, answer: httpx.Response) -> dict[str, Any]:
        """The body of an answer that is no refusal; a refusal in one sentence otherwise."""
        if answer.status_code < 300:
            body: dict[str, Any] = answer.json()
            return body
        said = answer.text[:200]
        with suppress(ValueError, KeyError, TypeError):
            said = str(answer.json()["error"]["message"])
        if answer.status_code == 429:
            seconds = answer.headers.get("retry-after", "some")
            raise JmlabError(
                f"asked too often: try again in {seconds} seconds of simulated time, or raise "
                "provisioning.on_demand.calls"
            )
        raise JmlabError(f"the served world refused it ({answer.status_code}): {said}")


_EXACTLY: Final = "id eq {0} or userPrincipalName eq {0} or displayName eq {0} or mailNickname eq {0} or mail eq {0}"
_BEGINNING: Final = (
    "startswith(userPrincipalName,{0}) or startswith(displayName,{0}) or startswith(givenName,{0}) "
    "or startswith(surname,{0})"
)


def _quoted(text: str) -> tuple[str]:
    doubled = text.replace("'", "''")
    return (f"'{doubled}'",)


def try_served(
    state: Mapping[str, Any], person: str, account: str, permission_set: str | None = None
) -> dict[str, Any]:
    """Whether somebody gets into an account now, as ``/_testbed/try`` of a served world tells it.

    JmlabError in its words for what is not there.
    """
    asked = {"person": person, "account": account}
    if permission_set is not None:
        asked["permission_set"] = permission_set
    return _ask_testbed(state, "try", asked)


def time_served(state: Mapping[str, Any]) -> Millis:
    """The simulated time of a served world, in milliseconds since its start."""
    return Millis(int(_ask_testbed(state, "clock", {})["now_ms"]))


def _ask_testbed(state: Mapping[str, Any], path: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """What ``/_testbed`` of a served world answers; JmlabError in its words where it refuses."""
    testbed = state["testbed"]
    headers = {"authorization": f"Bearer {testbed['token']}"}
    try:
        answer = httpx.get(
            f"{testbed['base_url']}/{path}", params=asked, headers=headers, timeout=PATIENCE_S, trust_env=False
        )
    except httpx.HTTPError as error:
        raise UnreachableError(f"the served world does not answer ({error}); start one with: jmlab serve") from None
    if answer.status_code >= 300:
        said = answer.text[:200]
        with suppress(ValueError, KeyError, TypeError):
            said = str(answer.json()["error"])
        raise JmlabError(said)
    told: dict[str, Any] = answer.json()
    return told


def result_json(scenario: str, found: DemandResult) -> dict[str, Any]:
    """A result as other programs read it."""
    return {
        "schema": "jmlab.provision/1",
        "simulated": True,
        "scenario": scenario,
        "subject": _named_json(found.subject),
        "members": [_named_json(each) for each in found.members],
        **found.key,
        "run": found.value,
    }


def _named_json(named: Named) -> dict[str, str]:
    return {
        "kind": named.kind,
        "id": named.id,
        "displayName": named.name,
        **({"userPrincipalName": named.login} if named.login else {}),
    }
