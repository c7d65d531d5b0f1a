"""``/_testbed/faults``: what goes wrong, how often it has, and another thing that is to go wrong from now on.

Invariant: whatever is switched here enters the world as a command, so that a replay switches it at the same place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mockservices.errors import ServiceError
from mockservices.ports import Gate, WorldControl
from mockservices.services import Services
from mockservices.testbed_body import json_object

PATH = "/_testbed/faults"
_TAKES = 'this takes a fault as a scenario file writes it, such as {"kind": "outage", "for": "2h"}'


def fault_routes(
    app: FastAPI, services: Services, gate: Gate, control: WorldControl, check: Callable[[Request], None]
) -> None:
    """Add the routes; ``check`` refuses a request without the testbed's token."""

    async def act(action: str, arguments: Mapping[str, Any], status: int = 200) -> Response:
        try:
            rows = await gate.command(action, arguments, list)
        except ServiceError as error:
            raise HTTPException(error.status, error.message) from None
        return JSONResponse({"faults": rows}, status)

    @app.get(PATH)
    async def every(request: Request) -> Response:
        check(request)
        return JSONResponse({"faults": await gate.read(services.faults.shown)})

    @app.post(PATH)
    async def add(request: Request) -> Response:
        check(request)
        try:
            arguments = control.read_fault(json_object(await request.body(), _TAKES))
        except ValueError as error:
            raise HTTPException(400, str(error)) from None
        return await act("faults.add", arguments, 201)

    @app.delete(PATH)
    async def end_all(request: Request) -> Response:
        check(request)
        return await act("faults.end", {})

    @app.post(f"{PATH}/{{name}}")
    async def start(request: Request, name: str) -> Response:
        check(request)
        if (await request.body()).strip() not in {b"", b"{}"}:
            raise HTTPException(400, f"this takes no body: it starts the fault; DELETE {PATH}/{name} ends it")
        return await act("faults.start", {"name": name})

    @app.delete(f"{PATH}/{{name}}")
    async def end(request: Request, name: str) -> Response:
        check(request)
        return await act("faults.end", {"name": name})
