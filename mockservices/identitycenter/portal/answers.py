"""How the portal writes what it says, in the shapes that its clients parse.

Invariant: ``sso`` refuses with ``__type`` and ``message``, ``sso-oidc`` with OAuth's ``error`` and
``error_description``; both name the exception in the header ``x-amzn-ErrorType``, from which botocore takes it.
https://github.com/61418/aws-sso-util/issues/74 and https://github.com/aws/aws-cli/issues/5878 show one of each.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockservices.desk import Answer, Desk
from mockservices.errors import ServiceError
from mockservices.identitycenter.portal.bodies import encoded
from mockservices.identitycenter.portal.errors import OidcError, PortalError
from mockservices.services import Services

_SSO = "com.amazonaws.switchboard.portal#"
_OIDC = "http://internal.amazon.com/coral/com.amazonaws.sso.oidc/"

Handler = Callable[[Request], Awaitable[Response]]


def success(members: Mapping[str, Any]) -> Answer:
    """200 with members."""
    return Answer(200, encoded(members))


def refusal(error: ServiceError) -> Answer:
    """What a client of either API is told."""
    if isinstance(error, OidcError):
        body = {"error": error.error, "error_description": error.message}
        return Answer(error.status, encoded(body), headers={"x-amzn-ErrorType": f"{error.exception}:{_OIDC}"})
    exception = error.exception if isinstance(error, PortalError) else "InvalidRequestException"
    body = {"message": error.message, "__type": f"{_SSO}{exception}"}
    return Answer(error.status, encoded(body), headers={"x-amzn-ErrorType": exception})


def route(services: Services, method: str, path: str, handler: Handler) -> Route:
    """A route whose refusals are counted and answered, and whose answers carry a request id."""

    async def endpoint(request: Request) -> Response:
        request_id = services.tokens.request_id()
        try:
            response = await handler(request)
        except ServiceError as error:
            response = refusal(error).response()
        response.headers["x-amzn-RequestId"] = request_id
        return response

    return Route(path, endpoint, methods=[method])


async def refused(desk: Desk, request: Request, error: ServiceError) -> Response:
    """Refuse a request that is wrong in itself: counted, then raised."""

    def fail() -> Answer:
        raise error

    return await desk.read(request, fail)
