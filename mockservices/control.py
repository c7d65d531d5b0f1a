"""``/_testbed``: where a served world is, its clock, its figures, and what AWS offers only in its console.

Invariant: it has a token of its own, because who may call the services need not be able to move time. What is done in
the console enters the world as a command; everything else here moves time or changes nothing.
"""

from __future__ import annotations

import hmac
from difflib import get_close_matches
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mockservices.clock import Millis
from mockservices.console import DEEDS, read_arguments, settings
from mockservices.errors import ServiceError
from mockservices.fault_control import fault_routes
from mockservices.identitycenter.errors import AwsError
from mockservices.ports import Gate, WorldControl
from mockservices.services import Services
from mockservices.testbed_body import json_object

PREFIX = "/_testbed"
FASTEST = 1_000_000
"""Largest speed that can be asked for: a year in half a minute. What is to go faster is to be advanced."""


def build(services: Services, gate: Gate, control: WorldControl, token: str, scim_base: str) -> FastAPI:
    """The app; ``token`` is the bearer token that every request has to carry, ``scim_base`` the SCIM base URL."""
    app = FastAPI(title="jmlab testbed", openapi_url=None)
    expected = f"Bearer {token}".encode()

    def check(request: Request) -> None:
        given = request.headers.get("authorization")
        if given is None:
            raise HTTPException(401, "this needs the testbed's own token: Authorization: Bearer TOKEN")
        if not hmac.compare_digest(given.encode("latin-1"), expected):
            raise HTTPException(401, "that is not the testbed's token")

    def where() -> dict[str, Any]:
        clock = services.clock
        return {"now": clock.iso(clock.now), "now_ms": clock.now, "start": clock.iso(Millis(0))}

    def mails() -> list[dict[str, Any]]:
        sent = () if services.job is None else services.job.notifications()
        return [
            {
                "at": services.clock.iso(mail.at),
                "at_ms": mail.at,
                "kind": mail.kind,
                "from": mail.sender,
                "to": mail.to,
                "subject": mail.subject,
                "text": mail.text,
            }
            for mail in sent
        ]

    @app.get(f"{PREFIX}/status")
    async def status(request: Request) -> Response:
        check(request)
        return JSONResponse(dict(await control.status()))

    @app.get(f"{PREFIX}/clock")
    async def clock(request: Request) -> Response:
        check(request)
        return JSONResponse(await gate.read(where))

    @app.post(f"{PREFIX}/clock")
    async def set_clock(request: Request) -> Response:
        check(request)
        try:
            reached = await _done(await request.body(), control)
        except ValueError as error:
            raise HTTPException(400, str(error)) from None
        return JSONResponse({"now": reached} if reached is not None else await gate.read(where))

    @app.get(f"{PREFIX}/summary")
    async def summary(request: Request) -> Response:
        check(request)
        return JSONResponse(dict(await control.summary()))

    @app.get(f"{PREFIX}/try")
    async def attempt(request: Request) -> Response:
        check(request)
        try:
            return JSONResponse(dict(await control.attempt(**_tried(request))))
        except ValueError as error:
            raise HTTPException(400, str(error)) from None

    @app.get(f"{PREFIX}/notifications")
    async def notifications(request: Request) -> Response:
        check(request)
        return JSONResponse(await gate.read(mails))

    @app.get(f"{PREFIX}/console")
    async def show_console(request: Request) -> Response:
        check(request)
        return JSONResponse(await gate.read(lambda: settings(services)))

    @app.post(f"{PREFIX}/console/{{name}}")
    async def console(request: Request, name: str) -> Response:
        check(request)
        deed = DEEDS.get(name)
        if deed is None:
            raise HTTPException(404, f'the console has no "{name}"; it has {", ".join(DEEDS)}')
        try:
            arguments = read_arguments(deed, await request.body())
            answer = await gate.command(deed.action, arguments, lambda done: deed.answer(services, done, scim_base))
        except ValueError as error:
            raise HTTPException(400, str(error)) from None
        except ServiceError as error:
            conflict = isinstance(error, AwsError) and error.exception == "ConflictException"
            raise HTTPException(409 if conflict else error.status, error.message) from None
        return JSONResponse(answer)

    fault_routes(app, services, gate, control, check)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        headers = dict(error.headers or {})
        if error.status_code == 401:
            headers["www-authenticate"] = "Bearer"
        told = _NOWHERE if error.detail == "Not Found" else error.detail  # Starlette's own word for no route
        return JSONResponse({"error": told}, error.status_code, headers)

    return app


_NOWHERE = (
    f"there is nothing here; {PREFIX} has GET status, clock, summary, try, notifications, console, faults; "
    "POST clock, faults, console/NAME; DELETE faults"
)


# --- whose doors are asked about -------------------------------------------------------------------------

_TRIED = ("person", "account", "permission_set")


def _tried(request: Request) -> dict[str, str]:
    """The query of an attempt; ``ValueError`` with a sentence for the caller."""
    given = dict(request.query_params)
    for name in given:
        if name not in _TRIED:
            near = get_close_matches(name, _TRIED, 1)
            raise ValueError(f'unknown parameter "{name}"{f" (did you mean {near[0]}?)" if near else ""}')
    missing = next((name for name in _TRIED[:2] if not given.get(name)), None)
    if missing is not None:
        raise ValueError(f"{missing} is missing: this takes person and account, and a permission_set if you like")
    return given


# --- what can be asked of the clock ----------------------------------------------------------------------

_WISHES = ("to", "by", "cycles", "pause", "resume", "speed")
_EXAMPLES = {"to": '"2026-03-02T12:00:00Z"', "by": '"40m"'}


async def _done(raw: bytes, control: WorldControl) -> str | None:
    """Do what the body asks for; the new time where time was moved. ``ValueError`` with a sentence for the caller."""
    name, value = _wish(raw)
    if name in _EXAMPLES:
        if not isinstance(value, str):
            raise ValueError(f'"{name}" takes a text, such as {_EXAMPLES[name]}')
        return await (control.advance(to=value) if name == "to" else control.advance(by=value))
    if name == "cycles":
        if type(value) is not int or value < 1:
            raise ValueError('"cycles" takes a whole number from 1 on')
        return await control.advance(cycles=value)
    if name == "speed":
        if type(value) not in {int, float} or not 0 < value <= FASTEST:
            raise ValueError(f'"speed" takes a number above 0 and up to {FASTEST}: how many times as fast as the wall')
        await control.resume(float(value))
        return None
    if value is not True:
        raise ValueError(f'"{name}" takes only true')
    await (control.pause() if name == "pause" else control.resume())
    return None


def _wish(raw: bytes) -> tuple[str, Any]:
    one_of = f"give exactly one of {', '.join(_WISHES)}"
    body = json_object(raw, one_of, ', such as {"by": "40m"}')
    for name in body:
        if name not in _WISHES:
            near = get_close_matches(name, _WISHES, 1)
            raise ValueError(f'unknown key "{name}"{f" (did you mean {near[0]}?)" if near else ""}; {one_of}')
    if len(body) != 1:
        raise ValueError(one_of if body else f"the body is empty; {one_of}")
    return next(iter(body.items()))
