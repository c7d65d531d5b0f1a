"""The edge between HTTP and the desk: identity of requests, authorisation, and refusals in Graph's envelope.

Invariant: what is wrong with a request itself is found here, before the world hears of it; every answer, refusals
too, is made on the world thread and counted once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NoReturn, TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockservices.desk import JOB_HEADER, Answer, Desk
from mockservices.errors import ServiceError
from mockservices.faults import GRAPH
from mockservices.faulty import Faulty
from mockservices.graph.auth import check_bearer
from mockservices.graph.envelope import identified, refusal
from mockservices.graph.faulted import asked, refusal_of
from mockservices.ports import Gate
from mockservices.services import Services

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
VERSION, BETA = "/v1.0", "/beta"


class Edge:
    """What every route of the Graph app works through."""

    def __init__(self, services: Services, gate: Gate, base_url: str) -> None:
        self.services = services
        self.base_url = base_url.rstrip("/")
        self._gate = gate
        self._desk = Desk(GRAPH, services, gate)
        self._faulty = Faulty(GRAPH, services, gate)

    @property
    def root(self) -> str:
        """The absolute address of the API: ``http://127.0.0.1:8081/v1.0``."""
        return self.base_url + VERSION

    def context(self, of: str) -> str:
        """An ``@odata.context``."""
        return f"{self.root}/$metadata#{of}"

    def route(
        self, method: str, path: str, handler: Handler, *, open_to_all: bool = False, version: str = VERSION
    ) -> Route:
        """A route whose refusals are answered in Graph's envelope; under a version and authorised unless open."""

        async def endpoint(request: Request) -> Response:
            try:
                if not open_to_all:
                    check_bearer(request, self.services)
                return await handler(request)
            except ServiceError as error:
                return await self.refuse(request, error)

        async def faulty(request: Request) -> Response:
            return await self._faulty.serve(
                request,
                lambda: asked(request.method, path),
                lambda: endpoint(request),
                lambda verdict: self.refuse(request, refusal_of(verdict)),
            )

        if open_to_all:  # the login service is another one
            return Route(path, endpoint, methods=[method])
        return Route(version + path, faulty, methods=[method])

    async def read(self, request: Request, work: Callable[[], Answer]) -> Response:
        """Answer from the cores without changing them."""
        return await self._desk.read(request, lambda: self._answer(request, work))

    async def write(
        self, request: Request, action: str, arguments: Mapping[str, Any], respond: Callable[[Any], Answer]
    ) -> Response:
        """Perform a named action and answer from its result."""
        try:
            return await self._desk.write(
                request, action, arguments, lambda result: self._answer(request, lambda: respond(result))
            )
        except ServiceError as error:
            caught = error  # the desk has counted it
        answer = await self._gate.read(lambda: self._answer(request, lambda: _fail(caught)))
        return answer.response()

    def is_own(self, request: Request) -> bool:
        """Whether the world's own job asks."""
        return request.headers.get(JOB_HEADER) == self._gate.job_key

    async def refuse(self, request: Request, error: ServiceError) -> Response:
        """Answer a request that is wrong in itself."""
        return await self.read(request, lambda: _fail(error))

    def _answer(self, request: Request, work: Callable[[], Answer]) -> Answer:
        request_id = self.services.tokens.request_id()
        client_request_id = request.headers.get("client-request-id", request_id)
        try:
            answer = work()
        except ServiceError as error:
            answer = refusal(error, self.services.clock, request_id, client_request_id)
        return identified(answer, request_id, client_request_id)


def _fail(error: ServiceError) -> NoReturn:
    raise error
