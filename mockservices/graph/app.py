"""The Graph app: routes put together, addresses in all their spellings, and what is answered where there is no route.

Invariant: no handler here touches a core; all of them go through :class:`mockservices.graph.edge.Edge`.
"""

from __future__ import annotations

import re

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mockservices.graph.auth import credentials
from mockservices.graph.edge import Edge
from mockservices.graph.errors import GraphError
from mockservices.graph.routes import (
    applications,
    audit,
    deleted,
    deltas,
    groups,
    job_schema,
    jobs,
    login,
    templates,
    users,
)
from mockservices.ports import Gate
from mockservices.services import Services

__all__ = ["build", "credentials"]

_KEYED = re.compile(
    r"/(users|groups|servicePrincipals|applicationTemplates|objectConnections)\((appId=)?'((?:[^']|'')*)'\)",
    re.IGNORECASE,
)


class KeyedAddresses:
    """Reads ``/users('id')`` and ``/servicePrincipals(appId='…')`` as ``/users/id`` and ``…/appId=…``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http" and "')" in scope["path"]:
            scope = {**scope, "path": _KEYED.sub(_as_segments, scope["path"])}
        await self._app(scope, receive, send)


def _as_segments(found: re.Match[str]) -> str:
    key = found[3].replace("''", "'")
    return f"/{found[1]}/{found[2] or ''}{key}"


def build(services: Services, gate: Gate, base_url: str) -> FastAPI:
    """The app of one world; ``base_url`` is what links begin with (``http://127.0.0.1:8081``)."""
    edge = Edge(services, gate, base_url)
    app = FastAPI(title="Microsoft Graph (simulated)", openapi_url=None, redirect_slashes=False)
    for module in (login, deltas, users, groups, deleted, templates, applications, jobs, job_schema, audit):
        app.router.routes.extend(module.routes(edge))

    async def no_route(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        if status == 405:
            message = "Specified HTTP method is not allowed for the request target."
            allowed = error.headers if isinstance(error, HTTPException) else None
            return await edge.refuse(request, GraphError(405, "Request_BadRequest", message, headers=allowed))
        segment = request.url.path.rstrip("/").rpartition("/")[2]
        message = f"Resource not found for the segment '{segment}'."
        return await edge.refuse(request, GraphError(404, "Request_ResourceNotFound", message))

    app.add_exception_handler(HTTPException, no_route)
    app.add_middleware(KeyedAddresses)
    return app
