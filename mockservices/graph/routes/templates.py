"""``/applicationTemplates``: the gallery, and how an application gets from it into the tenant.

Invariant: what is instantiated can be read at once; the service takes a while and has clients ask again.
https://learn.microsoft.com/graph/api/applicationtemplate-instantiate
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockservices.desk import Answer
from mockservices.graph.bodies import json_body
from mockservices.graph.edge import Edge
from mockservices.graph.envelope import success
from mockservices.graph.errors import invalid, missing
from mockservices.graph.options import Options, read_options
from mockservices.graph.properties import APPLICATION_TEMPLATE
from mockservices.graph.query import check_filter, parse_filter
from mockservices.graph.resources import TEMPLATES, Json, application, find_template, service_principal
from mockservices.graph.routes.users import entity

LONGEST = 120
"""Characters in the name of an application."""


class TemplateRoutes:
    """Handlers of one app."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def list_templates(self, request: Request) -> Response:
        """The gallery's templates."""
        options = read_options(request, APPLICATION_TEMPLATE, "$select", "$filter", "$top")
        directory, text = self._edge.services.directory, options.filter
        found = None if text is None else parse_filter(text, APPLICATION_TEMPLATE, directory)

        def work() -> Answer:
            if found is not None:
                check_filter(found, advanced=options.advanced)
            listed = [each for each in TEMPLATES if found is None or found.test(0, each)]
            of = "applicationTemplates" + ("" if options.select is None else f"({','.join(options.select)})")
            return success(
                {"@odata.context": self._edge.context(of), "value": [_selected(each, options) for each in listed]}
            )

        return await self._edge.read(request, work)

    async def get_template(self, request: Request) -> Response:
        """One template."""
        options = read_options(request, APPLICATION_TEMPLATE, "$select")

        def work() -> Answer:
            shown = _selected(find_template(request.path_params["template"]), options)
            return success(entity(self._edge, "applicationTemplates", shown, options.select))

        return await self._edge.read(request, work)

    async def instantiate(self, request: Request) -> Response:
        """201 with the application and its service principal."""
        name = (await json_body(request)).get("displayName")
        if name is None or name == "":
            raise missing("displayName", "applicationTemplate")
        if not isinstance(name, str) or len(name) > LONGEST or not _is_text(name):
            raise invalid("displayName", "applicationTemplate")
        context = self._edge.context("microsoft.graph.applicationServicePrincipal")

        def respond(principal: Any) -> Answer:
            body = {
                "application": application(self._edge.services.directory, principal),
                "servicePrincipal": service_principal(principal),
            }
            return success({"@odata.context": context, **body}, 201)

        arguments = {"template": request.path_params["template"], "displayName": name}
        return await self._edge.write(request, "graph.applicationTemplate.instantiate", arguments, respond)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _selected(resource: Json, options: Options) -> Json:
    return resource if options.select is None else {name: resource[name] for name in options.select}


def routes(edge: Edge) -> list[Route]:
    """The routes of the gallery."""
    templates = TemplateRoutes(edge)
    one = "/applicationTemplates/{template}"
    return [
        edge.route("GET", "/applicationTemplates", templates.list_templates),
        edge.route("GET", one, templates.get_template),
        edge.route("POST", f"{one}/instantiate", templates.instantiate),
        edge.route("POST", f"{one}/microsoft.graph.instantiate", templates.instantiate),
    ]
