"""``/servicePrincipals``: the gallery application, who is assigned to it, and its synchronization job.

Invariant: a body is checked here and acted on in :mod:`mockservices.graph.actions`.
https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignedto
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockservices.desk import Answer
from mockservices.graph.applications import Assignment, ServicePrincipal
from mockservices.graph.bodies import json_body
from mockservices.graph.edge import VERSION, Edge
from mockservices.graph.envelope import NO_CONTENT, success
from mockservices.graph.errors import bad_request, missing, not_found
from mockservices.graph.links import link, resumed, sealed
from mockservices.graph.options import Options, read_options
from mockservices.graph.properties import SERVICE_PRINCIPAL
from mockservices.graph.query import check_filter, parse_filter
from mockservices.graph.resources import Json, assignment, find_principal, service_principal
from mockservices.graph.routes.users import entity


class ApplicationRoutes:
    """Handlers of one app."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._directory = edge.services.directory
        self._applications = edge.services.applications

    async def list_principals(self, request: Request) -> Response:
        """All service principals."""
        options = read_options(request, SERVICE_PRINCIPAL, "$select", "$filter", "$top", "$count")
        text = options.filter
        found = None if text is None else parse_filter(text, SERVICE_PRINCIPAL, self._directory)

        def work() -> Answer:
            if found is not None:
                check_filter(found, advanced=options.advanced)
            every = [service_principal(principal) for principal in self._applications.all()]
            listed = [resource for resource in every if found is None or found.test(0, resource)]
            of = "servicePrincipals" + ("" if options.select is None else f"({','.join(options.select)})")
            body: Json = {"@odata.context": self._edge.context(of)}
            if options.advanced:
                body["@odata.count"] = len(listed)
            return success({**body, "value": [_selected(resource, options) for resource in listed]})

        return await self._edge.read(request, work)

    async def get_principal(self, request: Request) -> Response:
        """One service principal, by id or ``appId=…``."""
        options = read_options(request, SERVICE_PRINCIPAL, "$select")

        def work() -> Answer:
            resource = service_principal(self._principal(request))
            return success(entity(self._edge, "servicePrincipals", _selected(resource, options), options.select))

        return await self._edge.read(request, work)

    # --- assignments -------------------------------------------------------------------------------------

    async def list_assigned(self, request: Request) -> Response:
        """A page of the users and groups that are assigned."""
        options = read_options(request, SERVICE_PRINCIPAL, "$top", "$skiptoken")

        def work() -> Answer:
            principal = self._principal(request)
            path = f"/servicePrincipals/{principal.id}/appRoleAssignedTo"
            content = resumed(self._edge.services, options.skiptoken, path)
            after = -1 if content is None else content["n"]
            held = [a for a in self._applications.assignments(principal.id) if self._applications.ordinal(a) > after]
            page = held[: options.top]
            body: Json = {"@odata.context": self._context(principal)}
            if len(held) > len(page):
                token = sealed(self._edge.services, {"p": path, "n": self._applications.ordinal(page[-1])})
                query = [*options.given, ("$skiptoken", token)]
                body["@odata.nextLink"] = link(self._edge.base_url, VERSION + path, query)
            return success({**body, "value": [assignment(self._directory, principal, one) for one in page]})

        return await self._edge.read(request, work)

    async def get_assigned(self, request: Request) -> Response:
        """One assignment."""

        def work() -> Answer:
            principal = self._principal(request)
            for held in self._applications.assignments(principal.id):
                if held.id == request.path_params["assignment"]:
                    return success(self._assignment(principal, held))
            raise not_found(request.path_params["assignment"])

        return await self._edge.read(request, work)

    async def assign(self, request: Request) -> Response:
        """201 with the assignment."""
        body = await json_body(request)
        values = {name: body.get(name) for name in ("principalId", "resourceId", "appRoleId")}
        for name, value in values.items():
            if not isinstance(value, str):
                raise missing(name, "AppRoleAssignment")
        key = request.path_params["key"]

        def respond(held: Any) -> Answer:
            return success(self._assignment(self._principal(request), held), 201)

        if not key.startswith("appId=") and str(values["resourceId"]).lower() != key.lower():
            raise bad_request("The resourceId must be the id of the service principal in the request.")
        arguments = {
            "servicePrincipal": key,
            "principal": values["principalId"],
            "role": str(values["appRoleId"]).lower(),
        }
        return await self._edge.write(request, "graph.appRoleAssignment.create", arguments, respond)

    async def unassign(self, request: Request) -> Response:
        """204."""
        arguments = {"servicePrincipal": request.path_params["key"], "id": request.path_params["assignment"]}
        return await self._edge.write(request, "graph.appRoleAssignment.delete", arguments, lambda _: NO_CONTENT)

    def _principal(self, request: Request) -> ServicePrincipal:
        return find_principal(self._applications, request.path_params["key"])

    def _context(self, principal: ServicePrincipal) -> str:
        return self._edge.context(f"servicePrincipals('{principal.id}')/appRoleAssignedTo")

    def _assignment(self, principal: ServicePrincipal, held: Assignment) -> Json:
        context = self._context(principal) + "/$entity"
        return {"@odata.context": context, **assignment(self._directory, principal, held)}


def _selected(resource: Json, options: Options) -> Json:
    return resource if options.select is None else {name: resource[name] for name in options.select}


def routes(edge: Edge) -> list[Route]:
    """The routes of service principals and their assignments."""
    applications = ApplicationRoutes(edge)
    one = "/servicePrincipals/{key}"
    return [
        edge.route("GET", "/servicePrincipals", applications.list_principals),
        edge.route("GET", one, applications.get_principal),
        edge.route("GET", f"{one}/appRoleAssignedTo", applications.list_assigned),
        edge.route("POST", f"{one}/appRoleAssignedTo", applications.assign),
        edge.route("GET", f"{one}/appRoleAssignedTo/{{assignment}}", applications.get_assigned),
        edge.route("DELETE", f"{one}/appRoleAssignedTo/{{assignment}}", applications.unassign),
    ]
