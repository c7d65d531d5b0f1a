"""``/users/delta`` and ``/groups/delta``: links and tokens around :mod:`mockservices.graph.delta`.

Invariant: the options of the first request travel in the token, and nowhere else.
https://learn.microsoft.com/en-us/graph/delta-query-overview
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockservices.desk import Answer
from mockservices.graph.delta import MEMBERS, PAGE, Cursor, GroupItem, Page, UserItem, delta_groups, delta_users
from mockservices.graph.edge import VERSION, Edge
from mockservices.graph.envelope import success
from mockservices.graph.errors import GraphError, unsupported_query
from mockservices.graph.links import is_old, link, opened, sealed
from mockservices.graph.options import LARGEST_PAGE, raw_options, selected
from mockservices.graph.properties import GROUP, USER, Kind
from mockservices.graph.resources import Json

MOST_IDS = 50
_NAMES = ("delta", "delta()", "microsoft.graph.delta", "microsoft.graph.delta()")
_IDS = re.compile(r"\s*id\s+eq\s+'([^']*)'(?:\s+or\s+(.*))?", re.IGNORECASE | re.DOTALL)
_SIZE = re.compile(r"\bodata\.maxpagesize\s*=\s*(\d{1,6})\b", re.IGNORECASE)
_MINIMAL = re.compile(r"\breturn\s*=\s*minimal\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, before its token is opened."""

    token: str
    """The token of a link, or nothing."""
    inside: bool
    """Whether it is the token of a next page."""
    first: Round
    limit: int
    minimal: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Round:
    """What a request asks for."""

    select: tuple[str, ...] | None
    ids: tuple[str, ...] | None
    position: int | None = None
    cursor: Cursor | None = None
    latest: bool = False


class DeltaRoutes:
    """The handler for one kind of object."""

    def __init__(self, edge: Edge, kind: Kind) -> None:
        self._edge = edge
        self._kind = kind
        self._path = f"/{kind.collection}/delta"

    async def get(self, request: Request) -> Response:
        """A page of changes."""
        raw = raw_options(request, ("$select", "$filter", "$deltatoken", "$skiptoken"))
        prefer = request.headers.get("prefer", "")
        size = _SIZE.search(prefer)
        limit = PAGE if size is None else min(max(int(size[1]), 1), LARGEST_PAGE)
        skip, delta = raw.get("$skiptoken", ""), raw.get("$deltatoken", "")
        asked = Asked(
            token=skip or ("" if delta.lower() == "latest" else delta),
            inside=bool(skip),
            first=self._first(raw),
            limit=limit,
            minimal=_MINIMAL.search(prefer) is not None,
            own=self._edge.is_own(request),
        )
        return await self._edge.read(request, lambda: self._answer(asked))

    def _first(self, raw: Mapping[str, str]) -> Round:
        """What a request asks for, as far as no token says it."""
        relations = (MEMBERS,) if self._kind is GROUP else ("manager",)
        select = selected(raw["$select"], self._kind, *relations) if raw.get("$select") else None
        latest = raw.get("$deltatoken", "").lower() == "latest"
        return Round(select, _ids(raw.get("$filter")), latest=latest)

    def _answer(self, asked: Asked) -> Answer:
        directory = self._edge.services.directory
        wanted = asked.first
        if asked.token:
            content = self._opened(asked)
            wanted = self._continued(content) if asked.inside else self._next_round(content, asked.first)
        only = None if wanted.ids is None else frozenset(self._rows(wanted.ids))
        position, select, cursor = wanted.position, wanted.select, wanted.cursor
        page: Page[UserItem] | Page[GroupItem]
        if wanted.latest:
            page = Page((), None, directory.feed.position)
        elif self._kind is USER:
            page = delta_users(directory, position, select, only=only, limit=asked.limit, cursor=cursor)
        else:
            page = delta_groups(
                directory, position, select, only=only, limit=asked.limit, cursor=cursor, minimal=asked.minimal
            )
        return self._page(wanted, page, minimal=asked.minimal)

    def _rows(self, ids: tuple[str, ...]) -> list[int]:
        directory = self._edge.services.directory
        find = directory.user_row if self._kind is USER else directory.group_row
        return [row for identifier in ids if (row := find(identifier)) is not None]

    # --- tokens ------------------------------------------------------------------------------------------

    def _opened(self, asked: Asked) -> dict[str, Any]:
        """The content of a token of this list, no older than the world allows.

        The world's own job stands for Entra's provisioning service, which keeps its watermark as long as it likes.
        """
        content = opened(self._edge.services, asked.token)
        if content is None or content.get("p") != self._path:
            raise self._no_state()
        if is_old(self._edge.services, content) and not asked.own:
            location = link(self._edge.base_url, VERSION + self._path, [("$deltatoken", "")])
            message = "The delta token has expired. Start with a full synchronization."
            raise GraphError(410, "syncStateNotFound", message, headers={"Location": location})
        return content

    def _no_state(self) -> GraphError:
        return GraphError(400, "syncStateNotFound", "The delta token is not valid. Start with a full synchronization.")

    def _continued(self, content: Mapping[str, Any]) -> Round:
        """The rest of a reading, from the link to its next page."""
        try:
            since, until, rows, at, within = content["c"]
            cursor = Cursor(None if since is None else int(since), int(until), int(rows), int(at), int(within))
            wanted = _round(content, cursor=cursor)
        except (KeyError, TypeError, ValueError):
            raise self._no_state() from None
        self._check_position(cursor.until)
        self._check_position(cursor.since or 0)
        directory = self._edge.services.directory
        rows = directory.users_count if self._kind is USER else len(directory.groups)
        if min(cursor.at, cursor.within) < 0 or cursor.rows > rows:
            raise self._no_state()
        return wanted

    def _next_round(self, content: Mapping[str, Any], first: Round) -> Round:
        """What has changed since a delta link was given out; ``$select`` may be given anew."""
        try:
            wanted = _round(content, position=int(content["c"]))
        except (KeyError, TypeError, ValueError):
            raise self._no_state() from None
        self._check_position(wanted.position or 0)
        return wanted if first.select is None else Round(first.select, wanted.ids, wanted.position)

    def _check_position(self, position: int) -> None:
        if not 0 <= position <= self._edge.services.directory.feed.position:
            raise self._no_state()

    def _page(self, wanted: Round, page: Page[UserItem] | Page[GroupItem], *, minimal: bool) -> Answer:
        content: Json = {"p": self._path, "s": wanted.select, "o": wanted.ids}
        of = self._kind.collection
        if wanted.select is not None:
            of += f"({','.join(wanted.select)})"
        body: Json = {"@odata.context": self._edge.context(of)}
        if page.following is not None:
            cursor = page.following
            content["c"] = [cursor.since, cursor.until, cursor.rows, cursor.at, cursor.within]
            body["@odata.nextLink"] = self._link("$skiptoken", content)
        else:
            content["c"] = page.position
            body["@odata.deltaLink"] = self._link("$deltatoken", content)
        body["value"] = [item.json() for item in page.items]
        return success(
            body, headers={"Preference-Applied": "return=minimal"} if minimal and self._kind is GROUP else {}
        )

    def _link(self, option: str, content: Json) -> str:
        token = sealed(self._edge.services, content)
        return link(self._edge.base_url, VERSION + self._path, [(option, token)])


def _round(content: Mapping[str, Any], *, position: int | None = None, cursor: Cursor | None = None) -> Round:
    return Round(_names(content["s"]), _names(content["o"]), position, cursor)


def _names(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise TypeError("names are texts")
    return tuple(value)


def _ids(text: str | None) -> tuple[str, ...] | None:
    """The ids in ``id eq '…' or id eq '…'``, the only filter that a delta query understands."""
    if text is None:
        return None
    ids: list[str] = []
    rest: str | None = text
    while rest is not None:
        found = _IDS.fullmatch(rest)
        if found is None or len(ids) == MOST_IDS:
            raise unsupported_query("Only a filter on up to 50 ids is supported with delta queries.")
        ids.append(found[1])
        rest = found[2]
    return tuple(ids)


def routes(edge: Edge) -> list[Route]:
    """Delta queries under all the names that clients use for them."""
    return [
        edge.route("GET", f"/{kind.collection}/{name}", DeltaRoutes(edge, kind).get)
        for kind in (USER, GROUP)
        for name in _NAMES
    ]
