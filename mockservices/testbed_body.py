"""Bodies of requests to the testbed's own endpoints.

Invariant: a body that cannot be read is told in one sentence that says what is taken instead.
"""

from __future__ import annotations

import json
from typing import Any


def json_object(raw: bytes, takes: str, example: str = "") -> dict[str, Any]:
    """A body as a JSON object; ``ValueError`` with a sentence, in which ``takes`` says what is allowed."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise ValueError(f"the body is not JSON; {takes}{example}") from None
    if not isinstance(body, dict):
        raise ValueError(f"the body is no JSON object; {takes}")
    return body
