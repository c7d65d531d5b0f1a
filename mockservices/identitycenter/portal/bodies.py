"""Bodies of the portal's REST JSON: written compactly, read with a refusal in one sentence.

Invariant: a body that is read is a JSON object.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def encoded(members: Mapping[str, Any]) -> bytes:
    """The bytes of a body."""
    return json.dumps(members, separators=(",", ":")).encode("ascii")


def members_of(raw: bytes) -> dict[str, Any]:
    """A request's body; ``ValueError`` with a sentence for what is no JSON object."""
    try:
        body = json.loads(raw or b"{}")
    except (ValueError, RecursionError):
        raise ValueError("The body is not JSON") from None
    if not isinstance(body, dict):
        raise ValueError("The body is no JSON object")
    return body
