"""``/groups``: groups and their members.

Invariant: a body is checked here and acted on in :mod:`mockservices.graph.actions`.
https://learn.microsoft.com/graph/api/resources/group
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockservices.desk import Answer
from mockservices.graph.bodies import group_properties, json_body, odata_id
from mockservices.graph.edge import Edge
from mockservices.graph.envelope import NO_CONTENT, success
from mockservices.graph.listing import Collection, answer_count, answer_list, group_collection, these
from mockservices.graph.options import Options, read_options
from mockservices.graph.properties import GROUP, USER, Kind
from mockservices.graph.query import parse_filter
from mockservices.graph.resources import shown
from mockservices.graph.routes.users import assignment_list, entity, group_assignments


class GroupRoutes:
    """Handlers of one app."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._directory = edge.services.directory

    async def list_groups(self, request: Request) -> Response:
        """A page of groups."""
        options = read_options(request, GROUP, "$select", "$filter", "$orderby", "$top", "$count", "$skiptoken")
        found = None if options.filter is None else parse_filter(options.filter, GROUP, self._directory)
        collection = group_collection(self._directory)
        return await self._edge.read(request, lambda: answer_list(self._edge, options, collection, found))

    async def count_groups(self, request: Request) -> Response:
        """How many groups there are."""
        options = read_options(request, GROUP, "$filter")
        found = None if options.filter is None else parse_filter(options.filter, GROUP, self._directory)
        collection = group_collection(self._directory)
        return await self._edge.read(request, lambda: answer_count(self._edge, options, collection, found))

    async def create_group(self, request: Request) -> Response:
        """201 with the new group."""
        properties, members = group_properties(await json_body(request), creating=True)

        def respond(group: Any) -> Answer:
            return success(entity(self._edge, "groups", shown(self._directory, GROUP, group.row, GROUP.shown)), 201)

        arguments = {"properties": properties, "members": members}
        return await self._edge.write(request, "graph.group.create", arguments, respond)

    async def get_group(self, request: Request) -> Response:
        """One group."""
        options = read_options(request, GROUP, "$select")

        def work() -> Answer:
            group = self._directory.find_group(request.path_params["id"])
            names = GROUP.shown if options.select is None else options.select
            return success(
                entity(self._edge, "groups", shown(self._directory, GROUP, group.row, names), options.select)
            )

        return await self._edge.read(request, work)

    async def update_group(self, request: Request) -> Response:
        """204; up to twenty members can be added on the way, all or none.
        https://learn.microsoft.com/graph/api/group-post-members"""
        properties, members = group_properties(await json_body(request), creating=False)
        arguments = {"group": request.path_params["id"], "properties": properties, "members": members}
        return await self._edge.write(request, "graph.group.update", arguments, _done)

    async def delete_group(self, request: Request) -> Response:
        """204: the group is in the recycle bin."""
        return await self._edge.write(request, "graph.group.delete", {"group": request.path_params["id"]}, _done)

    # --- members -----------------------------------------------------------------------------------------

    async def list_members(self, request: Request) -> Response:
        """A page of members: users, then groups; transitively with the members of those."""
        options = read_options(request, USER, "$select", "$top", "$count", "$skiptoken")
        path = request.url.path
        only: Kind | None = USER if path.endswith(".user") else GROUP if path.endswith(".group") else None
        deep = "/transitiveMembers" in path
        return await self._edge.read(
            request, lambda: self._members(request.path_params["id"], options, only, deep=deep)
        )

    def _members(self, identifier: str, options: Options, only: Kind | None, *, deep: bool) -> Answer:
        directory = self._directory
        group = directory.find_group(identifier)
        path = f"/groups/{group.id}/{'transitiveMembers' if deep else 'members'}"
        nested = directory.nested_deep(group.row) if deep else directory.nested(group.row)
        if only is GROUP:
            return answer_list(self._edge, options, Collection(GROUP, f"{path}/microsoft.graph.group", these(nested)))
        members = directory.members(group.row)
        if deep and nested:
            members = sorted({row for inner in (group.row, *nested) for row in directory.members(inner)})
        rows = these(members)
        if only is USER:
            return answer_list(self._edge, options, Collection(USER, f"{path}/microsoft.graph.user", rows))
        return answer_list(self._edge, options, Collection(USER, path, rows, typed=True, nested=tuple(nested)))

    async def count_members(self, request: Request) -> Response:
        """How many members there are."""
        options = read_options(request, USER)

        def work() -> Answer:
            group = self._directory.find_group(request.path_params["id"])
            rows, nested = self._directory.members(group.row), tuple(self._directory.nested(group.row))
            listed = Collection(USER, "", these(rows), lambda: len(rows), nested=nested)
            return answer_count(self._edge, options, listed, None)

        return await self._edge.read(request, work)

    async def add_member(self, request: Request) -> Response:
        """204; 400 for one that is a member already."""
        arguments = {"group": request.path_params["id"], "member": odata_id(await json_body(request))}
        return await self._edge.write(request, "graph.member.add", arguments, _done)

    async def remove_member(self, request: Request) -> Response:
        """204; 404 for one that is no member. https://learn.microsoft.com/graph/api/group-delete-members"""
        arguments = {"group": request.path_params["id"], "member": request.path_params["member"]}
        return await self._edge.write(request, "graph.member.remove", arguments, _done)

    async def delete_member(self, request: Request) -> Response:
        """204: without ``/$ref`` it is the member itself that is deleted. Same source."""
        arguments = {"group": request.path_params["id"], "member": request.path_params["member"]}
        return await self._edge.write(request, "graph.member.delete", arguments, _done)

    async def app_role_assignments(self, request: Request) -> Response:
        """The group's assignments."""
        read_options(request, GROUP)

        def work() -> Answer:
            group = self._directory.find_group(request.path_params["id"])
            held = group_assignments(self._edge, group.row)
            return assignment_list(self._edge, f"groups('{group.id}')/appRoleAssignments", held)

        return await self._edge.read(request, work)


def _done(result: Any) -> Answer:
    return NO_CONTENT


def routes(edge: Edge) -> list[Route]:
    """The routes of ``/groups``, but for delta queries."""
    groups = GroupRoutes(edge)
    members = ("members", "transitiveMembers")
    casts = ("", "/microsoft.graph.user", "/graph.user", "/microsoft.graph.group", "/graph.group")
    return [
        edge.route("GET", "/groups", groups.list_groups),
        edge.route("POST", "/groups", groups.create_group),
        edge.route("GET", "/groups/$count", groups.count_groups),
        edge.route("GET", "/groups/{id}", groups.get_group),
        edge.route("PATCH", "/groups/{id}", groups.update_group),
        edge.route("DELETE", "/groups/{id}", groups.delete_group),
        *(edge.route("GET", f"/groups/{{id}}/{name}{cast}", groups.list_members) for name in members for cast in casts),
        edge.route("GET", "/groups/{id}/members/$count", groups.count_members),
        edge.route("POST", "/groups/{id}/members/$ref", groups.add_member),
        edge.route("DELETE", "/groups/{id}/members/{member}/$ref", groups.remove_member),
        edge.route("DELETE", "/groups/{id}/members/{member}", groups.delete_member),
        edge.route("GET", "/groups/{id}/appRoleAssignments", groups.app_role_assignments),
    ]
