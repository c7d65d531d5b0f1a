"""Faults on sockets: what a request over HTTP meets before, and after, its route has answered.

Invariant: the verdict is made on the world thread. The world's own job is told of what happened to its request by
private headers; anybody else's connection is cut, or waits on the servers' loop, never on the world's thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mockservices.desk import JOB_HEADER
from mockservices.faults import JOB, OUTSIDE, PROBE, SCIM, Verdict
from mockservices.ports import Gate
from mockservices.server import CUT
from mockservices.services import Services

PROBE_HEADER: Final = "x-jmlab-probe"
"""Carried, with the job's key, by the job's test of its connection."""
UNHEARD: Final = "x-jmlab-unheard"
"""To the job only: take this for no answer at all."""
LASTED: Final = "x-jmlab-lasted"
"""To the job only: simulated milliseconds beyond what a request usually takes."""
LONGEST_WAIT: Final = 2.0
"""Seconds on the wall that an outside client is kept waiting at most, however slow the simulated service is."""


class Cut(Response):
    """No answer: the connection is cut."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See :class:`starlette.responses.Response`."""
        cut: Callable[[], None] | None = scope.get(CUT)
        if cut is None:
            raise ConnectionAbortedError("the connection is cut without an answer")
        cut()
        while (await receive())["type"] != "http.disconnect":
            pass


class Faulty:
    """One service's way of letting faults happen to requests over HTTP."""

    def __init__(self, service: str, services: Services, gate: Gate) -> None:
        self._service = service
        self._faults = services.faults
        self._gate = gate

    async def serve(
        self,
        request: Request,
        asked: Callable[[], tuple[str, str]],
        respond: Callable[[], Awaitable[Response]],
        refuse: Callable[[Verdict], Awaitable[Response]],
    ) -> Response:
        """Let a request pass, or not. ``asked``, called on the world thread, says which operation it is and on what."""
        client = self._client(request)
        if self._faults.idle or (client == JOB and self._service != SCIM):
            return await respond()  # what the job reads of the directory it reads from inside
        agent = bool(request.headers.get("user-agent"))
        verdict = await self._gate.read(lambda: self._faults.decide(client, self._service, *asked(), agent=agent))
        if verdict.dropped:  # it never arrives, so no service counts it
            return Cut() if client == OUTSIDE else _told(Response(status_code=504), verdict)
        response = await (refuse(verdict) if verdict.refused else respond())
        if verdict.retry_after is not None:
            response.headers["retry-after"] = str(verdict.retry_after)
        if client != OUTSIDE:
            return _told(response, verdict)
        if verdict.delay:
            await asyncio.sleep(min(verdict.delay / 1000, LONGEST_WAIT))
        return Cut() if verdict.lost else response

    def _client(self, request: Request) -> str:
        if request.headers.get(JOB_HEADER) == self._gate.job_key:
            return JOB
        return PROBE if request.headers.get(PROBE_HEADER) == self._gate.job_key else OUTSIDE


def _told(response: Response, verdict: Verdict) -> Response:
    if verdict.delay:
        response.headers[LASTED] = str(verdict.delay)
    if verdict.dropped or verdict.lost:
        response.headers[UNHEARD] = "true"
    return response
