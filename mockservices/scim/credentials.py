"""Where the SCIM endpoint of a world is, what opens it, and whether it is open at all.

Invariant: address and token follow from the world's seed alone, so a replay has the same.
"""

from __future__ import annotations

from hashlib import blake2b

from mockservices.clock import Millis
from mockservices.identitycenter.console import Console
from mockservices.scim.errors import unauthorized
from mockservices.services import Services
from mockservices.tokens import fingerprint

_TO_STANDARD_BASE64 = str.maketrans("-_", "+/")


def scim_tenant_id(services: Services) -> str:
    """The tenant part of the endpoint's path, in AWS's form of 11-4-4-4-12 characters.
    https://docs.aws.amazon.com/singlesignon/latest/userguide/how-to-with-scim.html"""
    h = blake2b(services.tokens.secret("scim.tenant").encode(), digest_size=18).hexdigest()
    return f"{h[:11]}-{h[11:15]}-{h[15:19]}-{h[19:23]}-{h[23:35]}"


def base_path(services: Services) -> str:
    """The path of the SCIM base URL; the tenant URL that Entra is given is an origin followed by it."""
    return f"/{scim_tenant_id(services)}/scim/v2"


def bearer_token(services: Services) -> str:
    """The access token for automatic provisioning: 560 characters of base64, as long as AWS's are.
    https://docs.aws.amazon.com/singlesignon/latest/userguide/provision-automatically.html"""
    return services.tokens.secret("scim.token", 560).translate(_TO_STANDARD_BASE64)


def token_with(services: Services, token_hash: str) -> str | None:
    """The token that opens the endpoint and has this fingerprint; None when there is none."""
    token = bearer_token(services)
    return token if fingerprint(token) == token_hash else None


def check_open(console: Console, now: Millis) -> None:
    """401 while automatic provisioning is off, for then there is no such tenant, and when the token has expired.
    https://docs.aws.amazon.com/singlesignon/latest/userguide/provision-automatically.html"""
    if now >= console.open_until:
        raise unauthorized("The bearer token has expired" if console.provisioning else "No such tenant")
