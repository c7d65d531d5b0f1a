"""``/users``: accounts, their managers, groups and app roles.

Invariant: a body is checked here and acted on in :mod:`mockservices.graph.actions`.
https://learn.microsoft.com/graph/api/resources/user
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockservices.desk import Answer
from mockservices.graph.applications import GROUP_PRINCIPAL, USER_PRINCIPAL
from mockservices.graph.bodies import json_body, odata_id, user_properties
from mockservices.graph.edge import Edge
from mockservices.graph.envelope import NO_CONTENT, success
from mockservices.graph.errors import not_found
from mockservices.graph.listing import (
    Collection,
    answer_count,
    answer_list,
    manager,
    these,
    user_collection,
)
from mockservices.graph.options import read_options
from mockservices.graph.properties import GROUP, USER
from mockservices.graph.query import parse_filter
from mockservices.graph.resources import Json, assignment, shown


class UserRoutes:
    """Handlers of one app."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._directory = edge.services.directory

    async def list_users(self, request: Request) -> Response:
        """A page of users."""
        options = read_options(
            request, USER, "$select", "$filter", "$orderby", "$top", "$count", "$expand", "$skiptoken"
        )
        found = None if options.filter is None else parse_filter(options.filter, USER, self._directory)
        collection = user_collection(self._directory, found)
        return await self._edge.read(request, lambda: answer_list(self._edge, options, collection, found))

    async def count_users(self, request: Request) -> Response:
        """How many users there are."""
        options = read_options(request, USER, "$filter")
        found = None if options.filter is None else parse_filter(options.filter, USER, self._directory)
        collection = user_collection(self._directory, found)
        return await self._edge.read(request, lambda: answer_count(self._edge, options, collection, found))

    async def create_user(self, request: Request) -> Response:
        """201 with the new user."""
        properties = user_properties(await json_body(request), creating=True)
        return await self._edge.write(
            request,
            "graph.user.create",
            {"properties": properties},
            lambda user: success(self._entity(shown(self._directory, USER, user.row, USER.shown)), 201),
        )

    async def get_user(self, request: Request) -> Response:
        """One user, by id or userPrincipalName."""
        key = request.path_params["key"]
        options = read_options(request, USER, "$select", "$expand")

        def work() -> Answer:
            row = self._directory.live_row(key)
            user = shown(self._directory, USER, row, USER.shown if options.select is None else options.select)
            if options.expand is not None:
                user["manager"] = manager(self._directory, row, options.expand)
            return success(self._entity(user, options.select))

        return await self._edge.read(request, work)

    async def update_user(self, request: Request) -> Response:
        """204."""
        properties = user_properties(await json_body(request), creating=False)
        arguments = {"user": request.path_params["key"], "properties": properties}
        return await self._edge.write(request, "graph.user.update", arguments, _done)

    async def delete_user(self, request: Request) -> Response:
        """204: the user is in the recycle bin."""
        return await self._edge.write(request, "graph.user.delete", {"user": request.path_params["key"]}, _done)

    # --- manager -----------------------------------------------------------------------------------------

    async def revoke_sessions(self, request: Request) -> Response:
        """200 with true. https://learn.microsoft.com/graph/api/user-revokesigninsessions"""
        return await self._edge.write(
            request,
            "graph.user.revokeSessions",
            {"user": request.path_params["key"]},
            lambda _: success({"@odata.context": self._edge.context("Edm.Boolean"), "value": True}),
        )

    async def get_manager(self, request: Request) -> Response:
        """The manager, or 404."""
        options = read_options(request, USER, "$select")

        def work() -> Answer:
            row = self._directory.live_row(request.path_params["key"])
            above = manager(self._directory, row, USER.shown if options.select is None else options.select)
            if above is None:
                raise not_found("manager")
            return success({"@odata.context": self._edge.context("directoryObjects/$entity"), **above})

        return await self._edge.read(request, work)

    async def get_manager_ref(self, request: Request) -> Response:
        """The manager's address, or 404."""

        def work() -> Answer:
            row = self._directory.live_row(request.path_params["key"])
            above = manager(self._directory, row, ("id",))
            if above is None:
                raise not_found("manager")
            return success(
                {
                    "@odata.context": self._edge.context("$ref"),
                    "@odata.id": f"{self._edge.root}/directoryObjects/{above['id']}/Microsoft.DirectoryServices.User",
                }
            )

        return await self._edge.read(request, work)

    async def set_manager(self, request: Request) -> Response:
        """204. https://learn.microsoft.com/graph/api/user-post-manager"""
        arguments = {"user": request.path_params["key"], "manager": odata_id(await json_body(request))}
        return await self._edge.write(request, "graph.manager.set", arguments, _done)

    async def remove_manager(self, request: Request) -> Response:
        """204, or 404 when there is none."""
        return await self._edge.write(request, "graph.manager.remove", {"user": request.path_params["key"]}, _done)

    # --- groups and app roles ----------------------------------------------------------------------------

    async def member_of(self, request: Request) -> Response:
        """Groups of which the user is a direct member; there is no nesting, so transitively it is the same."""
        key = request.path_params["key"]
        options = read_options(request, GROUP, "$select", "$top", "$count", "$skiptoken")
        typed = not request.url.path.endswith(".group")

        def work() -> Answer:
            row = self._directory.live_row(key)
            path = f"/users/{self._directory.user_id(row)}/memberOf" + ("" if typed else "/microsoft.graph.group")
            rows = self._directory.groups_of(row)
            return answer_list(self._edge, options, Collection(GROUP, path, these(rows), typed=typed))

        return await self._edge.read(request, work)

    async def app_role_assignments(self, request: Request) -> Response:
        """The user's assignments and those of the groups of which it is a direct member.
        https://learn.microsoft.com/graph/api/user-list-approleassignments"""
        read_options(request, USER)

        def work() -> Answer:
            row = self._directory.live_row(request.path_params["key"])
            held = _assignments(self._edge, USER_PRINCIPAL, row)
            for group in self._directory.groups_of(row):
                held.extend(_assignments(self._edge, GROUP_PRINCIPAL, group))
            return assignment_list(self._edge, f"users('{self._directory.user_id(row)}')/appRoleAssignments", held)

        return await self._edge.read(request, work)

    def _entity(self, user: Json, select: tuple[str, ...] | None = None) -> Json:
        return entity(self._edge, "users", user, select)


def _done(result: Any) -> Answer:
    return NO_CONTENT


def entity(edge: Edge, collection: str, resource: Json, select: tuple[str, ...] | None = None) -> Json:
    """A single resource with its context."""
    of = collection if select is None else f"{collection}({','.join(select)})"
    return {"@odata.context": edge.context(f"{of}/$entity"), **resource}


def group_assignments(edge: Edge, row: int) -> list[Json]:
    """The app role assignments of a group."""
    return _assignments(edge, GROUP_PRINCIPAL, row)


def _assignments(edge: Edge, kind: str, row: int) -> list[Json]:
    applications = edge.services.applications
    found = ((principal, applications.assignment_of(principal.id, kind, row)) for principal in applications.all())
    return [assignment(edge.services.directory, principal, held) for principal, held in found if held is not None]


def assignment_list(edge: Edge, of: str, held: list[Json]) -> Answer:
    """App role assignments, all on one page."""
    return success({"@odata.context": edge.context(of), "value": held})


def routes(edge: Edge) -> list[Route]:
    """The routes of ``/users``, but for delta queries."""
    users = UserRoutes(edge)
    groups = ("memberOf", "transitiveMemberOf")
    casts = ("", "/microsoft.graph.group", "/graph.group")
    return [
        edge.route("GET", "/users", users.list_users),
        edge.route("POST", "/users", users.create_user),
        edge.route("GET", "/users/$count", users.count_users),
        edge.route("GET", "/users/{key}", users.get_user),
        edge.route("PATCH", "/users/{key}", users.update_user),
        edge.route("DELETE", "/users/{key}", users.delete_user),
        *(
            edge.route("POST", f"/users/{{key}}/{cast}revokeSignInSessions", users.revoke_sessions)
            for cast in ("", "microsoft.graph.")
        ),
        edge.route("GET", "/users/{key}/manager", users.get_manager),
        edge.route("GET", "/users/{key}/manager/$ref", users.get_manager_ref),
        edge.route("PUT", "/users/{key}/manager/$ref", users.set_manager),
        edge.route("DELETE", "/users/{key}/manager/$ref", users.remove_manager),
        *(edge.route("GET", f"/users/{{key}}/{name}{cast}", users.member_of) for name in groups for cast in casts),
        edge.route("GET", "/users/{key}/appRoleAssignments", users.app_role_assignments),
    ]
