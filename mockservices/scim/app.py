"""The SCIM endpoint as AWS IAM Identity Center offers it: ``/{tenant id}/scim/v2``.

Invariant: a route reads grammar and nothing else; rules live in the core and its profile, and the core is touched
only inside what is handed to the desk. Operations and statuses:
https://docs.aws.amazon.com/singlesignon/latest/developerguide/supported-apis.html
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockservices.desk import Answer, Desk
from mockservices.errors import ServiceError
from mockservices.faults import SCIM, Verdict
from mockservices.faulty import Faulty
from mockservices.ports import Gate
from mockservices.scim import discovery
from mockservices.scim.answers import Answers
from mockservices.scim.asked import NO_SCIM, asked, refusal_of
from mockservices.scim.bodies import read_group, read_json, read_user
from mockservices.scim.codec import attributes_to_json, operations_to_json
from mockservices.scim.credentials import base_path, bearer_token, check_open, scim_tenant_id
from mockservices.scim.errors import (
    ScimError,
    invalid,
    no_endpoint,
    no_user,
    not_implemented,
    unauthorized,
    wrong_method,
)
from mockservices.scim.filters import matching_groups, matching_users, read_group_filter, read_user_filter
from mockservices.scim.paging import Page, cut, read_page
from mockservices.scim.patch import group_operations, user_operations
from mockservices.services import Services

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


def build(services: Services, gate: Gate, base_url: str) -> FastAPI:
    """The app. ``base_url`` is the SCIM base URL that clients are given, or the origin before it."""
    base = base_url.rstrip("/")
    if not base.endswith("/scim/v2"):
        base += base_path(services)
    endpoint = Endpoint(services, gate, base)
    return FastAPI(
        title="AWS IAM Identity Center SCIM (simulated)",
        openapi_url=None,
        redirect_slashes=False,
        routes=[*endpoint.routes()],
        exception_handlers={HTTPException: endpoint.elsewhere},
    )


class Endpoint:
    """The handlers of one tenant's endpoint."""

    def __init__(self, services: Services, gate: Gate, base_url: str) -> None:
        self._services = services
        self._gate = gate
        self._desk = Desk(SCIM, services, gate)
        self._faulty = Faulty(SCIM, services, gate)
        self._answers = Answers(services)
        self._tenant = scim_tenant_id(services)
        self._token = bearer_token(services).encode()
        self._profile = services.provider.profile
        self._config = discovery.service_provider_config(self._profile)
        self._types = discovery.resource_types(base_url)
        self._schemas = discovery.schemas(self._profile)

    def routes(self) -> list[Route]:
        """Every path under ``/{tenant}/scim/v2``, the same way guarded."""
        handlers: Mapping[str, Mapping[str, Handler]] = {
            "/Users": {"POST": self.create_user, "GET": self.list_users},
            "/Users/{id}": {
                "GET": self.get_user,
                "PATCH": self.patch_user,
                "PUT": self.put_user,
                "DELETE": self.delete_user,
            },
            "/Groups": {"POST": self.create_group, "GET": self.list_groups},
            "/Groups/{id}": {
                "GET": self.get_group,
                "PATCH": self.patch_group,
                "PUT": self.put_group,
                "DELETE": self.delete_group,
            },
            "/ServiceProviderConfig": {"GET": self.get_config},
            "/ResourceTypes": {"GET": self.list_types},
            "/ResourceTypes/{id}": {"GET": self.get_type},
            "/Schemas": {"GET": self.list_schemas},
            "/Schemas/{id}": {"GET": self.get_schema},
        }
        return [
            Route(f"/{{tenant}}/scim/v2{path}", self._guarded(by_method), methods=list(by_method))
            for path, by_method in handlers.items()
        ]

    def _guarded(self, by_method: Mapping[str, Handler]) -> Handler:
        async def answered(request: Request) -> Response:
            try:
                self._authorize(request, request.path_params["tenant"])
                return await by_method["GET" if request.method == "HEAD" else request.method](request)
            except ScimError as error:
                return await self._refuse(request, error)

        async def handle(request: Request) -> Response:
            return await self._served(request, lambda: answered(request))

        return handle

    async def _served(self, request: Request, respond: Callable[[], Awaitable[Response]]) -> Response:
        """The answer, unless a fault has its way with the request."""
        if self._services.faults.idle:
            return await respond()
        body, path = await request.body(), request.url.path.partition("/scim/v2")[2]
        provider, wanted = self._services.provider, request.query_params.get("filter")
        return await self._faulty.serve(
            request,
            lambda: asked(provider, request.method, path, wanted, body),
            respond,
            lambda verdict: self._desk.read(request, lambda: self._faulted(verdict)),
        )

    def _faulted(self, verdict: Verdict) -> Answer:
        refused = refusal_of(verdict)
        if refused is None:
            return Answer(verdict.status, NO_SCIM, "text/html; charset=utf-8")
        return self._answers.refusal(refused)

    def _authorize(self, request: Request, tenant: str) -> None:
        """401 for another tenant's path as well as for a missing or wrong token."""
        if tenant != self._tenant:
            raise unauthorized(f"No tenant {tenant}")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), self._token):
            raise unauthorized("Missing or invalid bearer token")
        check_open(self._services.instance.console, self._services.clock.now)

    async def elsewhere(self, request: Request, error: Exception) -> Response:
        """A URL that names nothing, or a method that it does not know: AWS's body under the same status."""
        assert isinstance(error, HTTPException)
        known = error
        return await self._served(request, lambda: self._nowhere(request, known))

    async def _nowhere(self, request: Request, error: HTTPException) -> Response:
        tenant, slash, _ = request.url.path.removeprefix("/").partition("/scim/v2/")
        try:
            if slash and "/" not in tenant:
                self._authorize(request, tenant)
            raise wrong_method() if error.status_code == 405 else no_endpoint()
        except ScimError as refused:
            response = await self._refuse(request, refused)
            if refused.status == 405 and error.headers:
                response.headers.update(error.headers)
            return response

    # --- users -------------------------------------------------------------------------------------------

    async def create_user(self, request: Request) -> Response:
        """``POST /Users``: 201 and the user."""
        body = read_user(read_json(await request.body()), self._profile)
        arguments = {"attributes": attributes_to_json(body.attributes), "active": body.active is not False}
        return await self._write(request, "scim.user.create", arguments, lambda user: self._answers.user(201, user))

    async def get_user(self, request: Request) -> Response:
        """``GET /Users/{id}``."""
        provider = self._services.provider

        def work() -> Answer:
            row = provider.user_row(request.path_params["id"])
            if row is None or not provider.exists(row):
                raise no_user()
            return self._answers.user(200, provider.peek(row))

        return await self._read(request, work)

    async def list_users(self, request: Request) -> Response:
        """``GET /Users?filter=&count=&cursor=``; other parameters are ignored, as Entra sends some."""
        provider = self._services.provider
        text = request.query_params.get("filter")
        chosen = None if text is None else read_user_filter(text)
        page = self._page(request, "Users")

        def work() -> Answer:
            if chosen is None:
                rows, following = cut(provider.user_rows(page.start), page)
                total = provider.users_count
            else:
                matches = matching_users(provider, chosen)
                rows, following = cut(matches, page)
                total = len(matches)
            return self._answers.users(rows, total, page, following)

        return await self._read(request, work)

    async def patch_user(self, request: Request) -> Response:
        """``PATCH /Users/{id}``: 200 and the whole user."""
        operations = user_operations(read_json(await request.body()), self._profile)
        arguments = {"id": request.path_params["id"], "operations": operations_to_json(operations)}
        return await self._write(request, "scim.user.patch", arguments, lambda user: self._answers.user(200, user))

    async def put_user(self, request: Request) -> Response:
        """``PUT /Users/{id}``: 200 and the whole user."""
        body = read_user(read_json(await request.body()), self._profile)
        identifier = request.path_params["id"]
        if body.id is not None and body.id.lower() != identifier.lower():
            raise invalid("The id in the body is another one")
        arguments = {
            "id": identifier,
            "attributes": attributes_to_json(body.attributes),
            "active": body.active,
        }
        return await self._write(request, "scim.user.replace", arguments, lambda user: self._answers.user(200, user))

    async def delete_user(self, request: Request) -> Response:
        """``DELETE /Users/{id}``: 204; 404 the second time (https://github.com/slashdevops/idp-scim-sync/issues/61)."""
        return await self._write(
            request, "scim.user.delete", {"id": request.path_params["id"]}, lambda _: self._answers.nothing()
        )

    # --- groups ------------------------------------------------------------------------------------------

    async def create_group(self, request: Request) -> Response:
        """``POST /Groups``: 201 and the group, without members."""
        body = read_group(read_json(await request.body()))
        arguments = {"attributes": attributes_to_json(body.attributes), "members": list(body.members)}
        return await self._write(
            request, "scim.group.create", arguments, lambda group: self._answers.group(201, group, members=False)
        )

    async def get_group(self, request: Request) -> Response:
        """``GET /Groups/{id}``; members are never shown."""
        provider = self._services.provider
        return await self._read(
            request, lambda: self._answers.group(200, provider.find_group(request.path_params["id"]))
        )

    async def list_groups(self, request: Request) -> Response:
        """``GET /Groups?filter=&count=&cursor=``; other parameters are ignored."""
        provider = self._services.provider
        text = request.query_params.get("filter")
        chosen = None if text is None else read_group_filter(text)
        page = self._page(request, "Groups")

        def work() -> Answer:
            if chosen is None:
                rows, following = cut((group.row for group in provider.groups if group.exists), page)
                total = provider.groups_count
            else:
                matches = matching_groups(provider, chosen)
                rows, following = cut(matches, page)
                total = len(matches)
            return self._answers.groups(rows, total, page, following)

        return await self._read(request, work)

    async def patch_group(self, request: Request) -> Response:
        """``PATCH /Groups/{id}``: 204, where a user's answers 200."""
        operations = group_operations(read_json(await request.body()), self._profile)
        arguments = {"id": request.path_params["id"], "operations": operations_to_json(operations)}
        return await self._write(request, "scim.group.patch", arguments, lambda _: self._answers.nothing())

    async def put_group(self, request: Request) -> Response:
        """``PUT /Groups/{id}`` is no operation."""
        raise not_implemented("PutGroup")

    async def delete_group(self, request: Request) -> Response:
        """``DELETE /Groups/{id}``: 204."""
        return await self._write(
            request, "scim.group.delete", {"id": request.path_params["id"]}, lambda _: self._answers.nothing()
        )

    # --- about the service -------------------------------------------------------------------------------

    async def get_config(self, request: Request) -> Response:
        """``GET /ServiceProviderConfig``."""
        return await self._document(request, self._config)

    async def list_types(self, request: Request) -> Response:
        """``GET /ResourceTypes``."""
        return await self._document(request, discovery.listed(self._types.values()))

    async def get_type(self, request: Request) -> Response:
        """``GET /ResourceTypes/{name}``."""
        return await self._document(request, self._types.get(request.path_params["id"]))

    async def list_schemas(self, request: Request) -> Response:
        """``GET /Schemas``."""
        return await self._document(request, discovery.listed(self._schemas.values()))

    async def get_schema(self, request: Request) -> Response:
        """``GET /Schemas/{urn}``."""
        return await self._document(request, self._schemas.get(request.path_params["id"]))

    # --- answers -----------------------------------------------------------------------------------------

    def _page(self, request: Request, kind: str) -> Page:
        query = request.query_params
        return read_page(kind, query.get("count"), query.get("cursor"), self._profile.page_size)

    async def _document(self, request: Request, document: Mapping[str, Any] | None) -> Response:
        if document is None:
            raise no_endpoint()
        return await self._read(request, lambda: self._answers.document(200, document))

    async def _read(self, request: Request, work: Callable[[], Answer]) -> Response:
        def answered() -> Answer:
            try:
                return work()
            except ScimError as error:
                return self._answers.refusal(error)

        return await self._desk.read(request, answered)

    async def _write(
        self, request: Request, action: str, arguments: Mapping[str, Any], respond: Callable[[Any], Answer]
    ) -> Response:
        try:
            return await self._desk.write(request, action, arguments, respond)
        except ServiceError as error:
            refused = error if isinstance(error, ScimError) else invalid(error.message)
            answer = await self._gate.read(lambda: self._answers.refusal(refused))  # the desk has counted it
            return answer.response()

    async def _refuse(self, request: Request, error: ScimError) -> Response:
        return await self._desk.read(request, lambda: self._answers.refusal(error))
