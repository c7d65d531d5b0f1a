"""Tokens in links: where a listing or a delta query goes on, written out in full in the link itself.

Invariant: the service remembers no token. One made in another world, or by hand, is told from its own.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from mockservices.clock import Millis
from mockservices.graph.errors import expired_page_token, invalid_page_token
from mockservices.services import Services

LIFETIME = Millis(7 * 86_400_000)
"""How long a delta token of a directory object is good; page tokens, about which nothing is published, get the same.
https://learn.microsoft.com/en-us/graph/delta-query-overview"""


def sealed(services: Services, content: Mapping[str, Any]) -> str:
    """A token with this content, issued now."""
    text = json.dumps(
        {**content, "w": services.directory.tenant_id[:8], "i": services.clock.now}, separators=(",", ":")
    )
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def opened(services: Services, token: str) -> dict[str, Any] | None:
    """The content of a token of this world; None for any other text. Ages are not looked at: see :func:`is_old`."""
    try:
        content = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or content.get("w") != services.directory.tenant_id[:8]:
        return None
    return content if type(content.get("i")) is int else None


def is_old(services: Services, content: Mapping[str, Any]) -> bool:
    """Whether a token's time is over."""
    return bool(content["i"] + LIFETIME < services.clock.now)


def resumed(services: Services, token: str | None, path: str) -> dict[str, Any] | None:
    """The content of a page token for a path; None when there is no token, 400 for one that is foreign or old."""
    if token is None:
        return None
    content = opened(services, token)
    if content is None or content.get("p") != path or type(content.get("n")) is not int or content["n"] < 0:
        raise invalid_page_token()
    if is_old(services, content):
        raise expired_page_token()
    return content


def link(base: str, path: str, query: list[tuple[str, str]]) -> str:
    """An absolute link; OData's own characters stay readable."""
    return base + path + "?" + urlencode(query, quote_via=quote, safe="$,'()/:")
