"""The front of Identity Center: one address for ``sso-admin`` and ``identitystore`` (AWS JSON 1.1), and for the portal.

Invariant: an operation is parsed and checked here and done on the world thread; every answer, a refusal too, is
counted and carries ``x-amzn-RequestId``. A missing credential is a 403 and everything else that is wrong a 400, as
on AWS, where nothing of this is a 401.
https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from mockservices.desk import Answer, Desk
from mockservices.identitycenter import identitystore, ssoadmin
from mockservices.identitycenter.credentials import aws_credentials, check_signed
from mockservices.identitycenter.errors import AwsError, CommonError, unknown_operation
from mockservices.identitycenter.operations import Read, Write
from mockservices.identitycenter.portal import authorize, oidc, pages, sso
from mockservices.identitycenter.portal.authorize import Codes
from mockservices.identitycenter.portal.devices import Devices
from mockservices.identitycenter.render import Members
from mockservices.ports import Gate
from mockservices.services import Services

MEDIA_TYPE = "application/x-amz-json-1.1"

OPERATIONS: Mapping[str, Read[Any] | Write[Any]] = {
    **{ssoadmin.PREFIX + name: operation for name, operation in ssoadmin.OPERATIONS.items()},
    **{identitystore.PREFIX + name: operation for name, operation in identitystore.OPERATIONS.items()},
}
"""Every operation by its ``X-Amz-Target``."""


def build(services: Services, gate: Gate, *, any_key: bool = True) -> FastAPI:
    """The app. ``any_key``: accept whatever access key a request is signed with, or only this world's own."""
    app = FastAPI(title="AWS IAM Identity Center (simulated)", openapi_url=None)
    desk = Desk("aws", services, gate)
    only_key = None if any_key else aws_credentials(services)["access_key_id"]

    async def answered(request: Request, target: str) -> Response:
        try:
            check_signed(request.headers.get("authorization"), only_key)
            operation = OPERATIONS.get(target)
            if operation is None:
                raise unknown_operation(target)
            body = operation.body.parse(await request.body())
            body.check(services.instance)  # compares names that never change, so any thread may
            arguments = operation.arguments(body) if isinstance(operation, Write) else {}
        except AwsError as error:
            return await desk.read(request, partial(refuse, error))
        if isinstance(operation, Read):
            return await desk.read(request, lambda: _answer(operation.answer(services, body)))
        return await desk.write(
            request, operation.action, arguments, lambda result: _answer(operation.answer(services, result))
        )

    @app.post("/")
    async def call(request: Request) -> Response:
        request_id = services.tokens.request_id()
        target = request.headers.get("x-amz-target", "")
        try:
            response = await answered(request, target)
        except AwsError as error:
            response = _refusal(error, target, request_id)
        response.headers["x-amzn-RequestId"] = request_id
        return response

    devices, codes = Devices(services.tokens), Codes(services)
    app.router.routes += sso.routes(services, desk) + oidc.routes(services, desk, devices, codes)
    app.router.routes += pages.routes(services, desk, devices) + authorize.routes(services, desk, codes)

    @app.exception_handler(HTTPException)
    async def elsewhere(request: Request, error: HTTPException) -> Response:
        """Other paths and methods: but for the portal's there is only ``POST /``."""
        refused = _refusal(unknown_operation(f"{request.method} {request.url.path}"), "", "")
        refused.status_code = error.status_code
        return refused

    return app


def refuse(error: AwsError) -> Answer:
    """Refuse inside a closure, where the refusal is counted."""
    raise error


def _answer(members: Members) -> Answer:
    return Answer(200, _json(members), MEDIA_TYPE)


def _json(members: Members) -> bytes:
    return json.dumps(members, separators=(",", ":")).encode("ascii")


def _refusal(error: AwsError, target: str, request_id: str) -> Response:
    members: Members = {"__type": error.exception, error.message_member: error.message, **error.members}
    if target.startswith(identitystore.PREFIX) and not isinstance(error, CommonError):
        members["RequestId"] = request_id
    return Answer(error.status, _json(members), MEDIA_TYPE).response()
