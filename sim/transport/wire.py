"""The job's two ports over HTTP: what goes to the apps is what Entra would send.

Invariant: gives the same values as the direct ports. While the world thread waits for an answer it goes on emptying
its mailbox. A wall-clock time-out ends the run; it is never taken for a fault of the simulated services.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from queue import SimpleQueue
from typing import Any
from urllib.parse import quote

import httpx

from mockservices.desk import JOB_HEADER
from mockservices.faulty import LASTED, PROBE_HEADER, UNHEARD
from mockservices.graph.delta import read_group_item, read_user_item
from mockservices.graph.synchronization import NO_ADDRESS
from mockservices.scim.dialects import decode_group, decode_user, encode_group, encode_patch, encode_user
from sim.errors import UnreachableError
from sim.mailbox import Mailbox, Reply
from sim.ports import (
    GROUP,
    NO_ANSWER,
    USER,
    Answer,
    Create,
    Delta,
    Find,
    Patch,
    Refers,
    Request,
    SourceGroup,
    SourceUser,
    SourceValue,
    TargetGroup,
    TargetUser,
)
from sim.provisioning.guests import told_apart
from sim.provisioning.mapping import AttributeMap
from sim.transport.tenant_url import Spoken, without_flags
from sim.transport.words import NO_SCIM, unexpected

ANSWER_SECONDS = 60.0
"""A server that takes longer on the wall's clock has stopped; simulated servers answer in simulated time."""
_NOTHING: dict[str, SourceValue] = {}
_LARGE_PAGES = {"prefer": "odata.maxpagesize=999"}


class Caller:
    """Makes one HTTP call at a time on a thread of its own, so that the world thread can serve its mailbox."""

    def __init__(self, mailbox: Mailbox, headers: Mapping[str, str]) -> None:
        self._mailbox = mailbox
        self.headers = headers
        self._client = httpx.Client(trust_env=False, timeout=ANSWER_SECONDS, headers=dict(headers))
        del self._client.headers["user-agent"]  # Entra sends none: https://github.com/kortix-ai/suna/pull/7297
        self._calls: SimpleQueue[httpx.Request | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="jmlab-caller", daemon=True)
        self._thread.start()

    def call(self, method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Send a request and wait for its answer; :class:`UnreachableError` when there is none."""
        content = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        request = self._client.build_request(method, url, content=content, headers=headers)
        self._calls.put(request)
        reply = self._mailbox.wait_for_reply()
        if reply.error is not None:
            raise UnreachableError(f"{method} {url} got no answer: {reply.error}") from reply.error
        response: httpx.Response = reply.result
        return response

    def close(self) -> None:
        """Let go of the connections."""
        self._calls.put(None)
        self._thread.join(5)
        self._client.close()

    def _run(self) -> None:
        while (request := self._calls.get()) is not None:
            try:
                reply = Reply(self._client.send(request), None)
            except httpx.HTTPError as error:
                reply = Reply(None, error)
            self._mailbox.post(reply)


class WireSource:
    """Graph as the job reads it."""

    def __init__(
        self,
        caller: Caller,
        base_url: str,
        application: str,
        user_map: AttributeMap,
        group_map: AttributeMap,
        entitling: frozenset[str] = frozenset(),
    ) -> None:
        """``entitling``: ids of the app roles that count; none: all do."""
        self._caller = caller
        self._base = f"{base_url}/v1.0"
        self._application = application
        self._entitling = entitling
        self._user_map = user_map
        self._group_map = group_map

    @property
    def _user_select(self) -> str:
        return _select("id", "accountEnabled", *self._user_map.properties)

    @property
    def _user_delta(self) -> str:
        return f"{self._user_select},manager" if self._user_map.references else self._user_select

    @property
    def _group_select(self) -> str:
        return _select("id", *self._group_map.properties)

    def changes(self, watermark: str | None) -> Delta:
        """See :class:`sim.ports.Source`."""
        if watermark is None:
            users_link = f"{self._base}/users/delta?$select={self._user_delta}"
            groups_link = f"{self._base}/groups/delta?$select={self._group_select},members"
        else:
            users_link, groups_link = json.loads(watermark)
        user_items, users_next = self._delta(users_link)
        group_items, groups_next = self._delta(groups_link)
        users = tuple(self._user(item) for item in user_items)
        groups: dict[str, SourceGroup] = {}
        for item in group_items:
            read = read_group_item(item)
            known = groups.get(read.id)
            members = read.members if known is None else (*known.members, *read.members)
            groups[read.id] = SourceGroup(read.id, read.properties, members, read.removed)
        return Delta(users, tuple(groups.values()), json.dumps([users_next, groups_next]))

    def latest(self) -> str:
        """See :class:`sim.ports.Source`."""
        links = [
            self._delta(f"{self._base}/users/delta?$deltatoken=latest&$select={self._user_delta}")[1],
            self._delta(f"{self._base}/groups/delta?$deltatoken=latest&$select={self._group_select},members")[1],
        ]
        return json.dumps(links)

    def assigned(self) -> tuple[tuple[str, str], ...]:
        """See :class:`sim.ports.Source`."""
        url = f"{self._base}/servicePrincipals/{self._application}/appRoleAssignedTo?$top=999"
        return tuple(
            (USER if item["principalType"] == "User" else GROUP, item["principalId"])
            for item in self._pages(url)
            if not self._entitling or item["appRoleId"] in self._entitling
        )

    def binned(self) -> tuple[str, ...]:
        """See :class:`sim.ports.Source`."""
        url = f"{self._base}/directory/deletedItems/microsoft.graph.user?$select=id&$top=999"
        return tuple(sorted(item["id"] for item in self._pages(url)))

    def user(self, identifier: str) -> SourceUser:
        """See :class:`sim.ports.Source`."""
        expand = "&$expand=manager($select=id)" if self._user_map.references else ""
        response = self._caller.call("GET", f"{self._base}/users/{identifier}?$select={self._user_select}{expand}")
        if response.status_code == 200:
            item = response.json()
            return self._user(item, (item.pop("manager", None) or {}).get("id"))
        bin_answer = self._caller.call("GET", f"{self._base}/directory/deletedItems/{identifier}")
        return SourceUser(identifier, False, _NOTHING, "changed" if bin_answer.status_code == 200 else "deleted")

    def group(self, identifier: str) -> SourceGroup:
        """See :class:`sim.ports.Source`."""
        response = self._caller.call("GET", f"{self._base}/groups/{identifier}?$select={self._group_select}")
        if response.status_code == 200:
            item = read_group_item(response.json())
            return SourceGroup(identifier, item.properties)
        bin_answer = self._caller.call("GET", f"{self._base}/directory/deletedItems/{identifier}")
        return SourceGroup(identifier, _NOTHING, (), "changed" if bin_answer.status_code == 200 else "deleted")

    def members(self, group: str) -> tuple[str, ...]:
        """See :class:`sim.ports.Source`."""
        url = f"{self._base}/groups/{group}/members/microsoft.graph.user?$select=id&$top=999"
        return tuple(item["id"] for item in self._pages(url))

    def groups_of(self, user: str) -> tuple[str, ...]:
        """See :class:`sim.ports.Source`."""
        return tuple(item["id"] for item in self._pages(f"{self._base}/users/{user}/memberOf?$select=id&$top=999"))

    def _delta(self, link: str) -> tuple[list[dict[str, Any]], str]:
        items: list[dict[str, Any]] = []
        while True:
            page = self._get(link)
            items.extend(page["value"])
            following = page.get("@odata.nextLink")
            if following is None:
                return items, str(page["@odata.deltaLink"])
            link = following

    def _pages(self, link: str | None) -> Iterator[dict[str, Any]]:
        """Items of a collection; none for an object that is not there (any more)."""
        while link is not None:
            response = self._caller.call("GET", link)
            if response.status_code == 404:
                return
            page = _object(response)
            yield from page["value"]
            link = page.get("@odata.nextLink")

    def _get(self, link: str) -> dict[str, Any]:
        return _object(self._caller.call("GET", link, headers=_LARGE_PAGES))

    def _user(self, item: Mapping[str, Any], manager: str | None = None) -> SourceUser:
        read = read_user_item({name: value for name, value in item.items() if value is not None})
        if read.removed is not None:
            return SourceUser(read.id, False, _NOTHING, read.removed)
        columns, held = self._user_map.columns, {"id": read.id, **told_apart(_flat(read.properties))}
        shown = {name: value for name, value in held.items() if name in columns}
        return SourceUser(read.id, bool(held.get("accountEnabled", False)), shown, None, manager or read.manager)


def _select(*names: str) -> str:
    """The value of ``$select``: of a complex property the whole."""
    return ",".join(dict.fromkeys(name.partition("/")[0] for name in names))


def _flat(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Complex properties taken apart, as the directory keeps them: ``employeeOrgData/division``."""
    flat: dict[str, Any] = {}
    for name, value in properties.items():
        if isinstance(value, dict):
            flat.update({f"{name}/{part}": inner for part, inner in value.items() if inner is not None})
        elif value != ():  # a list is never null on the wire
            flat[name] = value
    return flat


def _object(response: httpx.Response) -> dict[str, Any]:
    if response.status_code != 200:
        raise UnreachableError(f"GET {response.request.url} answered {response.status_code}: {response.text[:200]}")
    page: dict[str, Any] = response.json()
    return page


class WireTarget:
    """The SCIM server as the job writes to it."""

    def __init__(self, caller: Caller, base_url: str, token: str, dialect: Spoken) -> None:
        self._caller = caller
        self._base = base_url
        self._token = token
        self._dialect = dialect

    def send(self, request: Request) -> Answer:
        """See :class:`sim.ports.Target`."""
        response = self._caller.call(request.method, f"{self._base}{request.path}", self._body(request), _SCIM)
        if response.status_code >= 300 or UNHEARD in response.headers or _no_scim(response):
            return _refused(response)
        return Answer(response.status_code, _found(request, response), lasted=_lasted(response))

    def _body(self, request: Request) -> Any:
        if isinstance(request, Create):
            attributes = request.attributes
            return encode_user(attributes, request.active) if request.kind == USER else encode_group(attributes)
        if isinstance(request, Patch):
            dialect = "legacy" if request.legacy else self._dialect()
            return encode_patch(request.operations, dialect, request.added, self._base)
        return None

    def check(self, base_address: str, secret_token: str, probe: str) -> str | None:
        """See :class:`sim.ports.Target`; no address but this world's own is ever called."""
        if without_flags(base_address) not in {"", self._base}:
            return NO_ADDRESS
        wanted = quote(f'userName eq "{probe}"', safe="")
        # like an outside client's: a test of the connection is no request of a cycle
        headers = {
            **_SCIM,
            "authorization": f"Bearer {secret_token}",
            JOB_HEADER: "",
            PROBE_HEADER: self._caller.headers.get(JOB_HEADER, ""),
        }
        response = self._caller.call("GET", f"{self._base}/Users?filter={wanted}", None, headers)
        if response.status_code == 200 and UNHEARD not in response.headers and not _no_scim(response):
            return None
        return unexpected(_refused(response))


_SCIM = {"content-type": "application/scim+json", "accept": "application/scim+json"}


def _no_scim(response: httpx.Response) -> bool:
    return bool(response.content) and "json" not in response.headers.get("content-type", "")


def _lasted(response: httpx.Response) -> int:
    return int(response.headers.get(LASTED, 0))


def _refused(response: httpx.Response) -> Answer:
    """What is no success, be it that nothing came back, as the server says to the job in private."""
    if UNHEARD in response.headers:
        return Answer(NO_ANSWER, lasted=_lasted(response))
    if _no_scim(response):
        return Answer(response.status_code, (), NO_SCIM, lasted=_lasted(response), scim=False)
    retry_after = response.headers.get("retry-after")
    return Answer(
        response.status_code,
        (),
        str(response.json().get("detail", "")),
        None if retry_after is None else int(retry_after),
        _lasted(response),
    )


def _found(request: Request, response: httpx.Response) -> tuple[TargetUser | TargetGroup, ...]:
    if not response.content:
        return ()
    resource = response.json()
    if isinstance(request, Find | Refers):
        return tuple(_resource(request.kind, each) for each in resource["Resources"])
    return (_resource(getattr(request, "kind", USER), resource),)


def _resource(kind: str, resource: Mapping[str, Any]) -> TargetUser | TargetGroup:
    if kind == USER:
        return TargetUser(*decode_user(resource))
    return TargetGroup(*decode_group(resource))


def scim_headers(token: str, job_key: str) -> dict[str, str]:
    """What every SCIM request of the job carries."""
    return {"authorization": f"Bearer {token}", JOB_HEADER: job_key}
