"""Who may ask: the token endpoint and the check of bearer tokens.

Invariant: a token is checked by arithmetic alone, so that a request is refused before it reaches the world.

Tokens do not expire with simulated time. A client counts ``expires_in`` (3599 s) on its own, real clock; in a world
that runs 600 times as fast a simulated hour is over after six real seconds, and no client would come to an end with
anything. A token that says that it expires is refused after that simulated instant all the same.
https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qs, unquote

from starlette.requests import Request

from mockservices.clock import Millis
from mockservices.desk import Answer
from mockservices.graph.envelope import encoded, success
from mockservices.graph.errors import GraphError
from mockservices.ids import IdSpace
from mockservices.services import Services

AUDIENCE = "https://graph.microsoft.com"
LIFETIME = 3599
"""Seconds that a client may keep a token, on its own clock."""
NEVER = Millis(1 << 53)

_CHALLENGE = {
    "WWW-Authenticate": 'Bearer realm="", '
    'authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
    'client_id="00000003-0000-0000-c000-000000000000"'
}
"""As captured: https://github.com/microsofthackathons/tdi/issues/24"""


def credentials(services: Services) -> dict[str, str]:
    """``tenant_id``, ``client_id`` and ``client_secret`` of the one client that this tenant knows."""
    tenant = services.directory.tenant_id
    return {
        "tenant_id": tenant,
        "client_id": IdSpace(int(tenant.replace("-", ""), 16), "graph.client").of(0),
        "client_secret": services.tokens.secret("graph.client_secret"),
    }


def access_token(services: Services, expires: Millis = NEVER) -> str:
    """A bearer token of that client."""
    client = credentials(services)
    return services.tokens.access_token(client["tenant_id"], client["client_id"], AUDIENCE, expires)


def check_bearer(request: Request, services: Services) -> None:
    """401 unless the request carries a token that this world issued; of the world, only the time is looked at.

    Sentences: https://github.com/besscroft/diyfile/issues/1 and https://github.com/merrycodes/Office-E5/issues/6
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise _unauthenticated("Access token is empty.")
    expires = services.tokens.expiry(token) if token.isascii() else None
    if expires is None:
        raise _unauthenticated("CompactToken parsing failed with error code: 80049217")
    if expires <= services.clock.now:
        raise expired()


def expired() -> GraphError:
    """401 for a token whose time is over."""
    return _unauthenticated("Access token has expired or is not yet valid.")


def _unauthenticated(message: str) -> GraphError:
    return GraphError(401, "InvalidAuthenticationToken", message, headers=_CHALLENGE)


class OAuthError(Exception):
    """A refusal of the token endpoint: HTTP status, OAuth error and Entra's number with its sentence."""

    def __init__(self, status: int, error: str, number: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.error = error
        self.number = number
        self.sentence = sentence


def token_answer(services: Services, tenant: str, form: Mapping[str, str]) -> Answer:
    """What ``POST /{tenant}/oauth2/v2.0/token`` answers."""
    try:
        _check_client(services, tenant, form)
    except OAuthError as error:
        return _oauth_refusal(services, error)
    token = {"token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME}
    return _login({**token, "access_token": access_token(services)})


def _check_client(services: Services, tenant: str, form: Mapping[str, str]) -> None:
    _check_tenant(services, tenant)
    for name in ("grant_type", "client_id"):
        if not form.get(name):
            sentence = f"The request body must contain the following parameter: '{name}'."
            raise OAuthError(400, "invalid_request", 900144, sentence)
    if form["grant_type"] != "client_credentials":
        sentence = f"The app requested an unsupported grant type '{form['grant_type']}'."
        raise OAuthError(400, "unsupported_grant_type", 70003, sentence)
    client = credentials(services)
    if form["client_id"].lower() != client["client_id"]:
        sentence = (
            f"Application with identifier '{form['client_id']}' was not found in the directory '{tenant}'. This can "
            "happen if the application has not been installed by the administrator of the tenant or consented to by "
            "any user in the tenant. You may have sent your authentication request to the wrong tenant."
        )
        raise OAuthError(400, "unauthorized_client", 700016, sentence)
    scope = form.get("scope", "")
    if not scope.endswith("/.default") or " " in scope:
        sentence = (
            f"The provided value for scope {scope} is not valid. Client credential flows must have a scope value "
            "with /.default suffixed to the resource identifier (application ID URI)."
        )
        raise OAuthError(400, "invalid_scope", 1002012, sentence)
    secret = form.get("client_secret", "")
    if not secret:
        # https://github.com/MicrosoftDocs/azure-docs/issues/30777
        sentence = (
            "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type."
        )
        raise OAuthError(401, "invalid_client", 7000216, sentence)
    if not hmac.compare_digest(secret.encode("utf-8", "replace"), client["client_secret"].encode()):
        # https://github.com/databricks/databricks-sdk-go/issues/240
        sentence = (
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
            f"not the client secret ID, for a secret added to app '{client['client_id']}'."
        )
        raise OAuthError(401, "invalid_client", 7000215, sentence)


def _check_tenant(services: Services, tenant: str) -> None:
    if tenant.lower() not in (services.directory.tenant_id, *services.directory.domains):
        sentence = (
            f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the "
            "correct cloud. Check with your subscription administrator, this may happen if there are no active "
            "subscriptions for the tenant."
        )
        raise OAuthError(400, "invalid_request", 90002, sentence)


def configuration(services: Services, tenant: str, base_url: str) -> Answer:
    """The OpenID configuration, which azure-identity reads before it asks for a token."""
    try:
        _check_tenant(services, tenant)
    except OAuthError as error:
        return _oauth_refusal(services, error)
    root = f"{base_url}/{tenant}"
    return _login(
        {
            "token_endpoint": f"{root}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "jwks_uri": f"{root}/discovery/v2.0/keys",
            "response_types_supported": ["token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "issuer": f"{root}/v2.0",
            "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
        }
    )


def _oauth_refusal(services: Services, error: OAuthError) -> Answer:
    trace, correlation = services.tokens.request_id(), services.tokens.request_id()
    timestamp = services.clock.instant(services.clock.now).strftime("%Y-%m-%d %H:%M:%SZ")
    description = (
        f"AADSTS{error.number}: {error.sentence} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}"
    )
    body = {
        "error": error.error,
        "error_description": description,
        "error_codes": [error.number],
        "timestamp": timestamp,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={error.number}",
    }
    return _login(body, error.status)


def _login(body: Mapping[str, object], status: int = 200) -> Answer:
    return Answer(status, encoded(body), "application/json; charset=utf-8", {"Cache-Control": "no-store, no-cache"})


def keys() -> Answer:
    """The signing keys: none, because nobody but this world can check its tokens."""
    return success({"keys": []})


async def token_form(request: Request) -> dict[str, str]:
    """The fields of a token request; a client that sends its secret as HTTP Basic is understood too."""
    try:
        parsed = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=50)
    except ValueError:
        parsed = {}
    form = {name: values[0] for name, values in parsed.items()}
    scheme, _, encoded_pair = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            pair = base64.b64decode(encoded_pair, validate=True).decode()
        except (binascii.Error, ValueError):
            pair = ""
        client, _, secret = pair.partition(":")
        form.setdefault("client_id", unquote(client))
        form.setdefault("client_secret", unquote(secret))
    return form
