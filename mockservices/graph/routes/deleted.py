"""``/directory/deletedItems``: the recycle bin.

Invariant: what is listed here can be restored; nothing else can.
https://learn.microsoft.com/graph/api/directory-deleteditems-list
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockservices.desk import Answer
from mockservices.graph.edge import Edge
from mockservices.graph.envelope import NO_CONTENT, success
from mockservices.graph.errors import unsupported_query
from mockservices.graph.listing import Collection, answer_list, deleted
from mockservices.graph.options import read_options
from mockservices.graph.properties import GROUP, USER, Kind
from mockservices.graph.resources import Json, directory_object, find_deleted


class DeletedRoutes:
    """Handlers of one app."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._directory = edge.services.directory

    async def refuse_all(self, request: Request) -> Response:
        """The collection needs a type: github.com/microsoftgraph/microsoft-graph-docs/issues/10080"""
        raise unsupported_query(
            "Searches against this resource are not supported. Only specific instances can be queried."
        )

    async def list_users(self, request: Request) -> Response:
        """Deleted users."""
        return await self._list(request, USER)

    async def list_groups(self, request: Request) -> Response:
        """Deleted groups."""
        return await self._list(request, GROUP)

    async def _list(self, request: Request, kind: Kind) -> Response:
        options = read_options(request, kind, "$select", "$orderby", "$top", "$count", "$skiptoken")
        path = f"/directory/deletedItems/microsoft.graph.{kind.name.lower()}"
        collection = Collection(kind, path, deleted(self._directory, kind))
        return await self._edge.read(request, lambda: answer_list(self._edge, options, collection))

    async def get_item(self, request: Request) -> Response:
        """One deleted object."""
        options = read_options(request, USER, "$select")

        def work() -> Answer:
            kind, row = find_deleted(self._directory, request.path_params["id"])
            names = None if options.select is None else [name for name in options.select if kind.has(name)]
            return success(self._entity(directory_object(self._directory, kind, row, names)))

        return await self._edge.read(request, work)

    async def restore(self, request: Request) -> Response:
        """200 with the object. https://learn.microsoft.com/graph/api/directory-deleteditems-restore"""

        def respond(result: Any) -> Answer:
            kind, row = result
            return success(self._entity(directory_object(self._directory, kind, row)))

        arguments = {"id": request.path_params["id"]}
        return await self._edge.write(request, "graph.deletedItem.restore", arguments, respond)

    async def purge(self, request: Request) -> Response:
        """204: gone for good."""
        arguments = {"id": request.path_params["id"]}
        return await self._edge.write(request, "graph.deletedItem.purge", arguments, lambda _: NO_CONTENT)

    def _entity(self, resource: Json) -> Json:
        return {"@odata.context": self._edge.context("directoryObjects/$entity"), **resource}


def routes(edge: Edge) -> list[Route]:
    """The routes of the recycle bin."""
    items = DeletedRoutes(edge)
    root = "/directory/deletedItems"
    return [
        edge.route("GET", root, items.refuse_all),
        *(edge.route("GET", f"{root}/{name}", items.list_users) for name in ("microsoft.graph.user", "graph.user")),
        *(edge.route("GET", f"{root}/{name}", items.list_groups) for name in ("microsoft.graph.group", "graph.group")),
        edge.route("GET", f"{root}/{{id}}", items.get_item),
        edge.route("DELETE", f"{root}/{{id}}", items.purge),
        edge.route("POST", f"{root}/{{id}}/restore", items.restore),
    ]
