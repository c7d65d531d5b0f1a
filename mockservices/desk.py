"""Where a route hands its work over: to the world thread, as a read or as a command, counted either way.

Invariant: an answer is made in the same closure as the work, so what is sent is a snapshot of that instant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mockservices.errors import ServiceError
from mockservices.ports import Gate
from mockservices.services import Services
from mockservices.traffic import Exchange

JOB_HEADER = "x-jmlab-job"


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished HTTP answer."""

    status: int
    body: bytes = b""
    media_type: str | None = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """The same for Starlette."""
        return Response(self.body, self.status, dict(self.headers), self.media_type if self.body else None)


class Desk:
    """One service's desk: every route of its app reads and writes through it."""

    def __init__(self, service: str, services: Services, gate: Gate) -> None:
        self.service = service
        self.services = services
        self._gate = gate

    async def read(self, request: Request, work: Callable[[], Answer]) -> Response:
        """Answer from the cores without changing them."""
        answer = await self._gate.read(lambda: self._counted(request, self._is_own(request), work))
        return answer.response()

    async def write(
        self, request: Request, action: str, arguments: Mapping[str, Any], respond: Callable[[Any], Answer]
    ) -> Response:
        """Perform a named action and answer from its result; a command unless the world's own job asks."""
        if self._is_own(request):
            answer = await self._gate.read(
                lambda: self._counted(request, True, lambda: respond(self.services.perform(action, arguments)))
            )
            return answer.response()
        try:
            answer = await self._gate.command(action, arguments, lambda result: self._seen(request, respond(result)))
        except ServiceError as error:
            status = error.status
            await self._gate.read(lambda: self._count(request, status, False))
            raise
        return answer.response()

    def _is_own(self, request: Request) -> bool:
        return request.headers.get(JOB_HEADER) == self._gate.job_key

    def _counted(self, request: Request, own: bool, work: Callable[[], Answer]) -> Answer:
        try:
            answer = work()
        except ServiceError as error:
            self._count(request, error.status, own)
            raise
        self._count(request, answer.status, own)
        return answer

    def _seen(self, request: Request, answer: Answer) -> Answer:
        self._count(request, answer.status, False)
        return answer

    def _count(self, request: Request, status: int, own: bool) -> None:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        exchange = Exchange(self.services.clock.now, self.service, request.method, path, status, own)
        self.services.traffic.add(exchange)
