"""``/servicePrincipals/{id}/synchronization``: the provisioning job, its template, its secrets and its controls.

Invariant: what concerns the job goes through :class:`mockservices.ports.JobControl`; this module knows only words.
https://learn.microsoft.com/graph/api/resources/synchronization-overview
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockservices.desk import Answer
from mockservices.graph.bodies import json_body
from mockservices.graph.edge import BETA, VERSION, Edge
from mockservices.graph.envelope import NO_CONTENT, success
from mockservices.graph.errors import bad_credentials, bad_request, not_found
from mockservices.graph.jobs import TEMPLATE_ID, template
from mockservices.graph.options import raw_options
from mockservices.graph.resources import find_principal
from mockservices.graph.synchronization import (
    connection_resource,
    credentials_in,
    find_job,
    find_jobs,
    on_demand,
    restart_in,
    secrets_in,
    subject_in,
    template_in,
)


class JobRoutes:
    """Handlers of one app."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def list_templates(self, request: Request) -> Response:
        """The template of the gallery application."""
        raw_options(request, ())

        def work() -> Answer:
            context, resource = self._templates(request)
            return success({"@odata.context": context, "value": [resource]})

        return await self._edge.read(request, work)

    async def get_template(self, request: Request) -> Response:
        """The same alone."""
        raw_options(request, ())

        def work() -> Answer:
            context, resource = self._templates(request)
            if request.path_params["template"] != TEMPLATE_ID:
                raise not_found(request.path_params["template"])
            return success({"@odata.context": f"{context}/$entity", **resource})

        return await self._edge.read(request, work)

    def _templates(self, request: Request) -> tuple[str, dict[str, Any]]:
        principal = find_principal(self._edge.services.applications, request.path_params["key"])
        context = self._edge.context(f"servicePrincipals('{principal.id}')/synchronization/templates")
        return context, template(f"{context}('{TEMPLATE_ID}')/schema/$entity")

    async def save_secrets(self, request: Request) -> Response:
        """204. Nobody is ever shown what has been saved; of a secret the world keeps its fingerprint only."""
        values = secrets_in(await json_body(request))
        arguments = {"servicePrincipal": request.path_params["key"], "values": values}
        return await self._edge.write(request, "graph.secrets.set", arguments, lambda _: NO_CONTENT)

    async def create_job(self, request: Request) -> Response:
        """201 with the job, which does not run yet."""
        arguments = {
            "servicePrincipal": request.path_params["key"],
            "templateId": template_in(await json_body(request)),
        }
        context = self._context(request.path_params["key"]) + "/$entity"
        return await self._edge.write(
            request,
            "graph.job.create",
            arguments,
            lambda job: success({"@odata.context": context, **job.resource()}, 201),
        )

    async def list_jobs(self, request: Request) -> Response:
        """The job, if the service principal has one."""
        raw_options(request, ())
        key = request.path_params["key"]

        def work() -> Answer:
            jobs = find_jobs(self._edge.services, key)
            return success({"@odata.context": self._context(key), "value": [dict(job.resource()) for job in jobs]})

        return await self._edge.read(request, work)

    async def get_job(self, request: Request) -> Response:
        """The job's state."""
        raw_options(request, ())
        key = request.path_params["key"]

        def work() -> Answer:
            job = find_job(self._edge.services, key, request.path_params["job"])
            return success({"@odata.context": f"{self._context(key)}/$entity", **job.resource()})

        return await self._edge.read(request, work)

    async def validate(self, request: Request) -> Response:
        """204, or 400 with the reason."""
        arguments = credentials_in(await json_body(request))

        def respond(reason: Any) -> Answer:
            if reason is not None:
                raise bad_credentials(reason)
            return NO_CONTENT

        return await self._act(request, "graph.job.validate", arguments, respond)

    async def provision_on_demand(self, request: Request) -> Response:
        """200 with two texts of JSON."""
        subject = subject_in(await json_body(request))
        context = self._edge.context("microsoft.graph.stringKeyStringValuePair")
        arguments: dict[str, Any] = {"object_id": subject.object_id, "object_type": subject.object_type}
        if subject.members:
            arguments["members"] = list(subject.members)
        return await self._act(
            request,
            "graph.job.provision_on_demand",
            arguments,
            lambda inner: success({"@odata.context": context, **on_demand(inner)}),
        )

    async def list_connections(self, request: Request) -> Response:
        """400: a link is asked for by the id of one of its ends.
        https://learn.microsoft.com/graph/api/resources/synchronization-objectconnection?view=graph-rest-beta"""
        raise bad_request("Listing object connections is not supported. Specify the objectId of one connection.")

    async def get_connection(self, request: Request) -> Response:
        """The link of one object, by its id in the source or else in the target."""
        raw_options(request, ("$select",))
        services, path = self._edge.services, request.path_params

        def work() -> Answer:
            found = find_job(services, path["key"], path["job"]).connection(path["id"])
            if found is None:
                raise not_found(path["id"])
            context = self._edge.context("objectConnection/$entity").replace(VERSION, BETA)
            return success({"@odata.context": context, **connection_resource(services, found, path["id"])})

        return await self._edge.read(request, work)

    async def delete_connection(self, request: Request) -> Response:
        """204, also when there is no such link; 409 while cycles run."""
        arguments = {"id": request.path_params["id"]}
        return await self._act(request, "graph.job.connection.drop", arguments, lambda _: NO_CONTENT)

    async def start(self, request: Request) -> Response:
        """204."""
        return await self._act(request, "graph.job.start", {}, lambda _: NO_CONTENT)

    async def pause(self, request: Request) -> Response:
        """204."""
        return await self._act(request, "graph.job.pause", {}, lambda _: NO_CONTENT)

    async def restart(self, request: Request) -> Response:
        """204; without a body it resets what the portal resets."""
        body: Mapping[str, Any] = {}
        if await request.body():
            body = await json_body(request)
        arguments = {"scopes": restart_in(body)}
        return await self._act(request, "graph.job.restart", arguments, lambda _: NO_CONTENT)

    async def _act(self, request: Request, action: str, arguments: Mapping[str, Any], respond: Any) -> Response:
        """Perform an action on the job in the path, if it is there."""
        named = {"servicePrincipal": request.path_params["key"], "job": request.path_params["job"]}
        return await self._edge.write(request, action, {**named, **arguments}, respond)

    def _context(self, key: str) -> str:
        return self._edge.context(f"servicePrincipals({json.dumps(key)})/synchronization/jobs".replace('"', "'"))


def routes(edge: Edge) -> list[Route]:
    """The routes of the synchronization job."""
    jobs = JobRoutes(edge)
    root = "/servicePrincipals/{key}/synchronization"
    every = f"{root}/jobs"
    one = every + "/{job}"
    acts = {
        "validateCredentials": jobs.validate,
        "provisionOnDemand": jobs.provision_on_demand,
        "start": jobs.start,
        "pause": jobs.pause,
        "restart": jobs.restart,
    }
    return [
        edge.route("GET", f"{root}/templates", jobs.list_templates),
        edge.route("GET", f"{root}/templates/{{template}}", jobs.get_template),
        edge.route("PUT", f"{root}/secrets", jobs.save_secrets),
        edge.route("POST", every, jobs.create_job),
        edge.route("GET", every, jobs.list_jobs),
        edge.route("GET", one, jobs.get_job),
        edge.route("GET", f"{one}/objectConnections", jobs.list_connections, version=BETA),
        edge.route("GET", f"{one}/objectConnections/{{id}}", jobs.get_connection, version=BETA),
        edge.route("DELETE", f"{one}/objectConnections/{{id}}", jobs.delete_connection, version=BETA),
        *(edge.route("POST", f"{one}/{name}", act) for name, act in acts.items()),
        *(edge.route("POST", f"{one}/microsoft.graph.{name}", act) for name, act in acts.items()),
    ]
