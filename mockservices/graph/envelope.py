"""Graph's answers: JSON bodies, the error envelope, and the headers that every answer has.

Invariant: a body is encoded once, to bytes. https://learn.microsoft.com/en-us/graph/errors
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mockservices.clock import Clock
from mockservices.desk import Answer
from mockservices.errors import ServiceError
from mockservices.graph.errors import GraphError

JSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
NO_CONTENT = Answer(204, media_type=None)

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def success(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with a JSON body."""
    return Answer(status, encoded(body), JSON, headers or {})


def encoded(body: Mapping[str, Any]) -> bytes:
    """JSON in UTF-8; half a surrogate pair, which a request may have smuggled in, becomes a question mark."""
    return _encode(body).encode("utf-8", "replace")


def plain(text: str) -> Answer:
    """An answer in plain text (``/$count``)."""
    return Answer(200, text.encode(), "text/plain")


def refusal(error: ServiceError, clock: Clock, request_id: str, client_request_id: str) -> Answer:
    """The error envelope."""
    graph = error if isinstance(error, GraphError) else GraphError(error.status, "Request_BadRequest", error.message)
    inner = {
        "date": clock.iso(clock.now).removesuffix("Z"),
        "request-id": request_id,
        "client-request-id": client_request_id,
    }
    body: dict[str, Any] = {"code": graph.code, "message": graph.message}
    if graph.details:
        body["details"] = graph.details
    return success({"error": {**body, "innerError": inner}}, graph.status, graph.headers)


def identified(answer: Answer, request_id: str, client_request_id: str) -> Answer:
    """The same answer with the headers that tell which request it belongs to."""
    headers = {
        "request-id": request_id,
        "client-request-id": client_request_id,
        "OData-Version": "4.0",
        "Cache-Control": "no-cache",
        **answer.headers,
    }
    return replace(answer, headers=headers)
