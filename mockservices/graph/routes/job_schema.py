"""``…/synchronization/jobs/{job}/schema`` and ``…/templates/{template}/schema``: mappings and scope, read and replaced.

Invariant: what a schema may say is the job's business (:class:`mockservices.ports.SchemaControl`).
https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationschema
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockservices.desk import Answer
from mockservices.graph.bodies import json_body
from mockservices.graph.edge import Edge
from mockservices.graph.envelope import NO_CONTENT, success
from mockservices.graph.errors import not_found
from mockservices.graph.jobs import TEMPLATE_ID
from mockservices.graph.options import raw_options
from mockservices.graph.resources import find_principal
from mockservices.graph.synchronization import find_job
from mockservices.ports import SchemaControl


class JobSchemaRoutes:
    """Handlers of one app."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def get_schema(self, request: Request) -> Response:
        """The whole schema: directories with their attributes, and the rule with its mappings."""
        raw_options(request, ())
        return await self._edge.read(request, lambda: success(self._document(request)))

    async def put_schema(self, request: Request) -> Response:
        """204; a change starts a new initial cycle."""
        body = await json_body(request)
        kept = {name: body[name] for name in ("directories", "synchronizationRules") if name in body}
        arguments = {
            "servicePrincipal": request.path_params["key"],
            "job": request.path_params["job"],
            "schema": kept,
        }
        return await self._edge.write(request, "graph.job.schema.set", arguments, lambda _: NO_CONTENT)

    async def functions(self, request: Request) -> Response:
        """What expressions can call."""
        raw_options(request, ())

        def work() -> Answer:
            context = self._edge.context("Collection(microsoft.graph.attributeMappingFunctionSchema)")
            return success({"@odata.context": context, "value": list(self._control(request).functions())})

        return await self._edge.read(request, work)

    async def operators(self, request: Request) -> Response:
        """What scoping filters can compare with."""
        raw_options(request, ())

        def work() -> Answer:
            context = self._edge.context("Collection(microsoft.graph.filterOperatorSchema)")
            return success({"@odata.context": context, "value": list(self._control(request).operators())})

        return await self._edge.read(request, work)

    async def parse(self, request: Request) -> Response:
        """200 whether or not the expression is one: the answer says so."""
        body = await json_body(request)

        def work() -> Answer:
            context = self._edge.context("microsoft.graph.parseExpressionResponse")
            return success({"@odata.context": context, **self._control(request).parse(body)})

        return await self._edge.read(request, work)

    def _control(self, request: Request) -> SchemaControl:
        """The job's own, or for a template and a job that is not run here that of the job that is."""
        services, names = self._edge.services, request.path_params
        if "template" in names:
            find_principal(services.applications, names["key"])
            if names["template"] != TEMPLATE_ID:
                raise not_found(names["template"])
            job = services.job
        else:
            job = find_job(services, names["key"], names["job"])
        control = (None if job is None else job.schema) or (None if services.job is None else services.job.schema)
        if control is None:
            raise not_found("schema")
        return control

    def _document(self, request: Request) -> Mapping[str, Any]:
        services, names = self._edge.services, request.path_params
        control = self._control(request)
        principal = find_principal(services.applications, names["key"]).id
        root = f"servicePrincipals('{principal}')/synchronization"
        if "template" in names:
            context = self._edge.context(f"{root}/templates('{names['template']}')/schema/$entity")
            return {"@odata.context": context, **control.template()}
        context = self._edge.context(f"{root}/jobs('{names['job']}')/schema/$entity")
        own = find_job(services, names["key"], names["job"]).schema
        document = control.template() if own is None else own.document()
        return {"@odata.context": context, **document}


def routes(edge: Edge) -> list[Route]:
    """The routes of the schema, of a job's and of a template's."""
    schema = JobSchemaRoutes(edge)
    root = "/servicePrincipals/{key}/synchronization"
    job, template = f"{root}/jobs/{{job}}/schema", f"{root}/templates/{{template}}/schema"
    calls = []
    for place in (job, template):
        calls.append(edge.route("GET", place, schema.get_schema))
        for prefix in ("", "microsoft.graph."):
            calls.append(edge.route("GET", f"{place}/{prefix}functions()", schema.functions))
            calls.append(edge.route("GET", f"{place}/{prefix}filterOperators()", schema.operators))
            calls.append(edge.route("POST", f"{place}/{prefix}parseExpression", schema.parse))
    return [*calls, edge.route("PUT", job, schema.put_schema)]
