"""The login service: token endpoint, OpenID configuration, keys.

Invariant: open to all; everything else of the app wants a token that was issued here.
https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockservices.graph.auth import configuration, keys, token_answer, token_form
from mockservices.graph.edge import Edge


def routes(edge: Edge) -> list[Route]:
    """The routes of the login service, beside ``/v1.0``."""

    async def token(request: Request) -> Response:
        form = await token_form(request)
        tenant = request.path_params["tenant"]
        return await edge.read(request, lambda: token_answer(edge.services, tenant, form))

    async def openid(request: Request) -> Response:
        tenant = request.path_params["tenant"]
        return await edge.read(request, lambda: configuration(edge.services, tenant, edge.base_url))

    async def signing_keys(request: Request) -> Response:
        return await edge.read(request, keys)

    return [
        edge.route("POST", "/{tenant}/oauth2/v2.0/token", token, open_to_all=True),
        edge.route("GET", "/{tenant}/v2.0/.well-known/openid-configuration", openid, open_to_all=True),
        edge.route("GET", "/{tenant}/discovery/v2.0/keys", signing_keys, open_to_all=True),
    ]
