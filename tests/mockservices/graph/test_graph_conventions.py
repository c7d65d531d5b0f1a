"""What every answer of the Graph app has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockservices.graph.resources import security_identifier

if TYPE_CHECKING:
    from tests.mockservices.graph.conftest import Wire


def test_every_answer_names_its_request_and_the_version_of_odata(wire: Wire) -> None:
    first, second = wire.ask("GET", "/users"), wire.ask("GET", "/users")
    assert first.headers["request-id"] != second.headers["request-id"]
    assert first.headers["client-request-id"] == first.headers["request-id"]
    assert first.headers["odata-version"] == "4.0"
    assert first.headers["content-type"].startswith("application/json;odata.metadata=minimal")


def test_a_clients_own_request_id_comes_back_in_header_and_error(wire: Wire) -> None:
    response = wire.ask("GET", "/users/nobody", headers={"client-request-id": "mine"})
    inner = response.json()["error"]["innerError"]
    assert response.headers["client-request-id"] == inner["client-request-id"] == "mine"
    assert inner["request-id"] == response.headers["request-id"]
    assert inner["date"] == "2026-03-02T08:00:00"


def test_an_answer_without_content_has_neither_body_nor_type(wire: Wire) -> None:
    user = wire.user("anna")
    response = wire.ask("DELETE", f"/users/{user}")
    assert response.status_code == 204
    assert response.content == b""
    assert "content-type" not in response.headers


def test_what_does_not_exist_is_404_in_graphs_envelope(wire: Wire) -> None:
    assert wire.error("GET", "/unicorns") == (
        404,
        "Request_ResourceNotFound",
        "Resource not found for the segment 'unicorns'.",
    )


@pytest.mark.parametrize(("method", "path"), [("PUT", "/users"), ("POST", "/users/x"), ("PATCH", "/users/x/manager")])
def test_a_wrong_method_is_405(wire: Wire, method: str, path: str) -> None:
    assert wire.error(method, path) == (
        405,
        "Request_BadRequest",
        "Specified HTTP method is not allowed for the request target.",
    )


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff", b"[" * 200_000])
def test_a_body_that_is_no_json_object_is_refused_before_the_world_hears_of_it(wire: Wire, body: bytes) -> None:
    status, code, message = wire.error("POST", "/users", content=body)
    assert (status, code) == (400, "BadRequest")
    assert message.startswith("Unable to read JSON request payload.")
    assert wire.gate.commands == []


def test_keys_may_be_written_in_brackets(wire: Wire) -> None:
    user, group = wire.user("o'brien"), wire.group("Engineering")
    assert wire.get(f"/users('{user}')?$select=id")["id"] == user
    assert wire.get("/users('o''brien@contoso.example')?$select=id")["id"] == user
    assert wire.get(f"/groups('{group}')/members")["value"] == []


def test_every_request_is_counted_once_whatever_came_of_it(wire: Wire) -> None:
    wire.user("anna")  # a command
    wire.ask("GET", "/users/nobody")  # a read that is refused
    wire.ask("POST", "/users", json={})  # refused at the edge
    wire.ask("DELETE", "/users/nobody")  # a command that is refused
    wire.ask("GET", "/unicorns")  # no route
    wire.raw("GET", "/v1.0/users")  # no token
    assert wire.services.traffic.counts == {"graph": 6}
    assert [exchange.status for exchange in wire.services.traffic.ring] == [201, 404, 400, 404, 404, 401]


def test_what_the_worlds_own_job_asks_is_no_command(wire: Wire) -> None:
    user = wire.user("anna")
    commands = len(wire.gate.commands)
    response = wire.ask("DELETE", f"/users/{user}", headers={"x-jmlab-job": wire.gate.job_key})
    assert response.status_code == 204
    assert len(wire.gate.commands) == commands
    assert wire.services.traffic.own_counts == {"graph": 1}


def test_reading_changes_no_state(crowd: Wire) -> None:
    before = crowd.services.trace.digest(), crowd.directory.feed.position
    for path in ("/users", "/users/p7@contoso.example", "/users/delta", "/users?$filter=department eq 'D3'"):
        crowd.get(path)
    assert (crowd.services.trace.digest(), crowd.directory.feed.position) == before
    assert crowd.directory._users == {}


def test_half_a_surrogate_pair_does_no_harm(wire: Wire) -> None:
    assert wire.error("POST", "/users", content=b'{"\\ud800": 1, "accountEnabled": true}')[0] == 400
    user = wire.user("anna")
    status, _, message = wire.error("PATCH", f"/users/{user}", content=b'{"jobTitle": "\\ud800"}')
    assert (status, message) == (400, "Invalid value specified for property 'jobTitle' of resource 'User'.")
    assert wire.error("PATCH", f"/users/{user}", content=b'{"\\ud800": 1}')[2] == "Invalid property '?'."


def test_a_groups_sid_is_made_of_its_id() -> None:
    # worked out by hand: 0x00000001, 0x00030002, little-endian bytes 04..07 and 08..0b
    assert security_identifier("00000001-0002-0003-0405-060708090a0b") == "S-1-12-1-1-196610-117835012-185207048"
