"""The desk: work goes to the world as a read or as a command, and is counted either way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

import pytest
from starlette.requests import Request

from mockservices.desk import JOB_HEADER, Answer, Desk
from mockservices.errors import ServiceError
from mockservices.testing import ImmediateGate, make_services

T = TypeVar("T")
NEW_SET = {"name": "Developer"}


def asked(*, own: bool = False, query: str = "") -> Request:
    headers = [(JOB_HEADER.encode(), b"the-job")] if own else []
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "path": "/things",
        "query_string": query.encode(),
        "headers": headers,
    }
    return Request(scope)


def finished(work: Awaitable[T]) -> T:
    async def wait() -> T:
        return await work

    return asyncio.run(wait())


def desk() -> tuple[Desk, ImmediateGate]:
    services = make_services()
    gate = ImmediateGate(services)
    return Desk("aws", services, gate), gate


def created(result: Any) -> Answer:
    return Answer(201, result.name.encode())


def test_a_read_is_answered_and_is_no_command() -> None:
    at, gate = desk()
    response = finished(at.read(asked(), lambda: Answer(200, b"{}", headers={"etag": "1"})))
    assert (response.status_code, response.body, response.headers["etag"]) == (200, b"{}", "1")
    assert gate.commands == []
    assert at.services.traffic.counts == {"aws": 1}


def test_a_write_is_a_command_and_answers_from_its_result() -> None:
    at, gate = desk()
    response = finished(at.write(asked(), "sso.permissionSet.create", NEW_SET, created))
    assert (response.status_code, response.body) == (201, b"Developer")
    assert gate.commands == [("sso.permissionSet.create", NEW_SET)]
    assert at.services.traffic.counts == {"aws": 1}


def test_the_jobs_own_write_is_no_command() -> None:
    at, gate = desk()
    response = finished(at.write(asked(own=True), "sso.permissionSet.create", NEW_SET, created))
    assert response.status_code == 201
    assert gate.commands == []
    assert at.services.traffic.own_counts == {"aws": 1}
    assert at.services.traffic.counts == {}


@pytest.mark.parametrize("own", [False, True])
def test_a_refused_write_is_counted_with_its_status(own: bool) -> None:
    at, _ = desk()
    finished(at.write(asked(own=own), "sso.permissionSet.create", NEW_SET, created))
    with pytest.raises(ServiceError, match="already exists"):
        finished(at.write(asked(own=own), "sso.permissionSet.create", NEW_SET, created))
    assert [kept.status for kept in at.services.traffic.ring] == [201, 400]


def test_a_refused_read_is_counted_with_its_status() -> None:
    at, _ = desk()

    def refuse() -> Answer:
        raise ServiceError("no", status=404)

    with pytest.raises(ServiceError):
        finished(at.read(asked(query="a=1"), refuse))
    (kept,) = at.services.traffic.ring
    assert (kept.method, kept.path, kept.status, kept.own) == ("POST", "/things?a=1", 404, False)


def test_an_answer_without_a_body_has_no_content_type() -> None:
    assert "content-type" not in Answer(204).response().headers
    assert Answer(200, b"{}").response().headers["content-type"] == "application/json"
