"""Who may call the AWS JSON services: anybody who signs, whatever the key.

Invariant: signatures are never verified. What is tested with these services is provisioning, and scripts come with
keys of their own; but a request without a credential is refused, because no such script would work on AWS.
https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
"""

from __future__ import annotations

import re
from base64 import b32encode

from mockservices.identitycenter.errors import incomplete_signature, missing_token, unknown_key
from mockservices.services import Services

_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<key>[^/,\s]+)/[0-9]{8}/[^/,\s]+/[^/,\s]+/aws4_request,\s*"
    r"SignedHeaders=[^,\s]+,\s*Signature=[0-9a-f]{64}"
)


def aws_credentials(services: Services) -> dict[str, str]:
    """The access key of this world (``access_key_id``, ``secret_access_key``), for whoever has none."""
    letters = b32encode(services.tokens.secret("aws access key", 16).encode()).decode()
    return {"access_key_id": f"AKIA{letters[:16]}", "secret_access_key": services.tokens.secret("aws secret key", 40)}


def check_signed(authorization: str | None, only_key: str | None = None) -> None:
    """Refuse a request without a Signature Version 4 header, or with another key than ``only_key`` when given."""
    if not authorization:
        raise missing_token()
    signed = _SIGNED.fullmatch(authorization.strip())
    if signed is None:
        raise incomplete_signature()
    if only_key is not None and signed["key"] != only_key:
        raise unknown_key()
