from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from mockservices.clock import Millis
from mockservices.scim.app import build
from mockservices.scim.credentials import base_path, bearer_token, scim_tenant_id
from mockservices.testing import ImmediateGate, make_services

if TYPE_CHECKING:
    from tests.mockservices.scim.conftest import Wire

UUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
KEYS = ["schema", "schemas", "detail", "status", "exceptionRequestId", "timeStamp"]
ERROR = ["urn:ietf:params:scim:api:messages:2.0:Error"]
ANN = {"userName": "ann", "name": {"givenName": "A", "familyName": "B"}, "displayName": "AB"}


# --- refusals ------------------------------------------------------------------------------------------------


def test_a_refusal_has_awss_six_keys_and_no_scim_type(wire: Wire) -> None:
    wire.services.clock.now = Millis(52_160)
    answer = wire.get("/Users/nobody")
    body = answer.json()
    assert list(body) == KEYS
    assert body["schema"] == body["schemas"] == ERROR
    assert body["detail"] == "USER does not exist."
    assert body["status"] == "404"
    assert UUID.fullmatch(body["exceptionRequestId"])
    assert body["timeStamp"] == "2026-03-02 08:00:52.16"
    assert answer.headers["x-amzn-requestid"] == body["exceptionRequestId"]
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("now", "fraction"), [(0, "00.0"), (1_000, "01.0"), (5, "00.005"), (120, "00.12"), (123, "00.123")]
)
def test_the_fraction_of_a_time_stamp_is_as_long_as_it_needs_to_be(wire: Wire, now: int, fraction: str) -> None:
    wire.services.clock.now = Millis(now)
    assert wire.get("/Users/nobody").json()["timeStamp"] == f"2026-03-02 08:00:{fraction}"


def test_every_answer_carries_a_request_id_of_its_own(wire: Wire) -> None:
    answers = [wire.get("/Users"), wire.get("/Users"), wire.post("/Users", ANN), wire.get("/Schemas")]
    assert len({answer.headers["x-amzn-requestid"] for answer in answers}) == 4


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b'"a"',
        b"null",
        b'{"a": NaN}',
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"userName": "\\ud800"}',
        b'{"userName": "a", "username": "b"}',
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/Users"), ("POST", "/Groups"), ("PATCH", "/Users/x")])
def test_a_body_that_is_no_json_object_is_refused(wire: Wire, method: str, path: str, raw: bytes) -> None:
    answer = wire.raw(method, base_path(wire.services) + path, content=raw, headers=wire.headers)
    assert answer.status_code == 400
    assert answer.json()["detail"] == "Request is unparsable, syntactically incorrect, or violates schema."


# --- who may ask, and where ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic {token}", "{token}", "Bearer {token}x", "Bearer é"],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/Users"), ("POST", "/Groups"), ("GET", "/Nothing")])
def test_without_the_token_every_answer_is_a_401(wire: Wire, header: str | None, method: str, path: str) -> None:
    headers = {}
    if header is not None:
        headers["authorization"] = header.replace("{token}", bearer_token(wire.services)).encode("latin-1")
    answer = wire.raw(method, base_path(wire.services) + path, headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (401, "401")
    assert list(answer.json()) == KEYS


def test_another_tenant_is_a_401_even_with_the_token(wire: Wire) -> None:
    other = make_services(seed=2)
    assert scim_tenant_id(other) != scim_tenant_id(wire.services)
    assert wire.raw("GET", f"{base_path(other)}/Users", headers=wire.headers).status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_read_in_any_letter_case(wire: Wire, scheme: str) -> None:
    headers = {"authorization": f"{scheme} {bearer_token(wire.services)}"}
    assert wire.raw("GET", f"{base_path(wire.services)}/Users", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "{base}Groups",
        "{base}",
        "{base}/",
        "{base}//Users",
        "{base}/Users/",
        "{base}/users",
        "{base}/Users/a/b",
        "{base}/Me",
        "{base}/Bulk",
        "{base}/Schemas/none",
        "/scim/v2/Users",
        "/docs",
        "/openapi.json",
        "/",
    ],
)
def test_a_url_that_names_nothing_is_a_404_in_awss_shape(wire: Wire, path: str) -> None:
    answer = wire.raw("GET", path.replace("{base}", base_path(wire.services)), headers=wire.headers)
    assert (answer.status_code, answer.json()["status"]) == (404, "404")
    assert list(answer.json()) == KEYS


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/Users"), ("POST", "/Users/x"), ("POST", "/ServiceProviderConfig"), ("DELETE", "/Schemas")],
)
def test_a_method_that_a_url_does_not_know_is_a_405(wire: Wire, method: str, path: str) -> None:
    answer = wire.send(method, path)
    assert (answer.status_code, answer.json()["status"]) == (405, "405")
    assert answer.headers["allow"]


def test_no_user_agent_and_either_content_type_are_fine(wire: Wire) -> None:
    path = f"{base_path(wire.services)}/Users"
    for number, kind in enumerate(("application/scim+json", "application/json", "text/plain")):
        headers = {**wire.headers, "content-type": kind, "user-agent": ""}
        body = json.dumps({**ANN, "userName": f"u{number}"}).encode()
        assert wire.raw("POST", path, content=body, headers=headers).status_code == 201


# --- commands and counts -------------------------------------------------------------------------------------


def test_a_write_is_a_command_with_plain_json_arguments_that_replays(wire: Wire) -> None:
    user = wire.post("/Users", {**ANN, "emails": [{"value": "a@x.example", "type": "work", "primary": True}]}).json()
    group = wire.post("/Groups", {"displayName": "G"}).json()
    wire.patch(f"/Groups/{group['id']}", {"op": "Add", "path": "members", "value": [{"value": user["id"]}]})
    wire.patch(
        f"/Users/{user['id']}", {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "b@x.example"}
    )
    wire.send("PUT", f"/Users/{user['id']}", {**ANN, "title": "Lead"})
    wire.send("DELETE", f"/Groups/{group['id']}")
    wire.send("DELETE", f"/Users/{user['id']}")
    again = make_services()
    for action, arguments in json.loads(json.dumps(wire.gate.commands)):
        again.perform(action, arguments)
    assert len(wire.gate.commands) == 7
    assert again.trace.digest() == wire.services.trace.digest()


def test_a_write_of_the_worlds_own_job_is_no_command(wire: Wire) -> None:
    wire.headers["x-jmlab-job"] = wire.gate.job_key
    assert wire.post("/Users", ANN).status_code == 201
    assert wire.post("/Users", ANN).status_code == 409
    assert wire.gate.commands == []
    assert wire.services.traffic.own_counts == {"scim": 2}
    assert wire.services.traffic.counts == {}


def test_every_request_is_counted_once_whatever_its_answer(wire: Wire) -> None:
    wire.post("/Users", ANN)
    wire.post("/Users", ANN)
    wire.post("/Users", {})
    wire.get("/Users", filter="nonsense")
    wire.get("/Users/nobody")
    wire.get("/Nothing")
    wire.send("PUT", "/Groups/x", {})
    wire.raw("GET", f"{base_path(wire.services)}/Users")
    assert [e.status for e in wire.services.traffic.ring] == [201, 409, 400, 400, 404, 404, 501, 401]
    assert wire.services.traffic.counts == {"scim": 8}


def test_reading_changes_nothing(wire: Wire) -> None:
    user, group = wire.user(), wire.group()
    before = wire.state()
    for path in (f"/Users/{user.id}", "/Users", f"/Groups/{group.id}", "/Groups", "/Schemas"):
        assert wire.get(path).status_code == 200
    assert wire.state() == before


# --- about the service ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("base_url", ["http://h:1", "http://h:1/", "http://h:1/t/scim/v2", "http://h:1/t/scim/v2/"])
def test_locations_begin_with_the_base_url_that_clients_are_given(wire: Wire, base_url: str) -> None:
    wire.app = build(wire.services, ImmediateGate(wire.services), base_url)
    expected = "http://h:1/t/scim/v2" if "/t/" in base_url else f"http://h:1{base_path(wire.services)}"
    body = wire.get("/ResourceTypes/User").json()
    assert body["meta"]["location"] == f"{expected}/ResourceTypes/User"


def test_the_tenant_and_the_token_look_like_awss() -> None:
    services = make_services()
    assert re.fullmatch(r"[A-Za-z0-9]{8,11}(-[A-Za-z0-9]{4}){3}-[A-Za-z0-9]{12}", scim_tenant_id(services))
    assert re.fullmatch(r"[0-9a-zA-Z/=+\-\\]{500,620}", bearer_token(services))
    assert bearer_token(services) != bearer_token(make_services(seed=2))
