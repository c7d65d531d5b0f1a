"""Which operation a request asks for and what its object is called, over HTTP as in process."""

from __future__ import annotations

import json

import httpx
import pytest

from mockservices.faults import Rule
from mockservices.scim.asked import asked
from mockservices.services import Services
from sim.ports import GROUP, USER, Create, Delete, Find, Get, Patch, Request
from sim.transport.direct import _asked
from tests.mockservices.scim.conftest import ORIGIN, Wire, person

ANN = "ann@contoso.example"
NOBODY = "00000000-0000-4000-8000-000000000000"


def over_http(services: Services, request: Request, body: object = None) -> tuple[str, str]:
    """What the SCIM app makes of the request that the wire port would send."""
    url = httpx.URL(ORIGIN + request.path)
    raw = b"" if body is None else json.dumps(body).encode()
    return asked(services.provider, request.method, url.path, url.params.get("filter"), raw)


def test_both_transports_ask_for_the_same(services: Services) -> None:
    provider = services.provider
    user = provider.create_user({**person("ann"), "externalId": "x-1"})
    group = provider.create_group({"displayName": "Leads", "externalId": "x-2"})
    quoted = 'a "b" \\c'
    cases: list[tuple[Request, object, tuple[str, str]]] = [
        (Find(USER, "userName", "ANN@contoso.example"), None, ("find_user", "ANN@contoso.example")),
        (Find(USER, "externalId", "x-1"), None, ("find_user", ANN)),
        (Find(USER, "externalId", "x-9"), None, ("find_user", "x-9")),
        (Find(GROUP, "displayName", quoted), None, ("find_group", quoted)),
        (Find(GROUP, "externalId", "x-2"), None, ("find_group", "Leads")),
        (Find(GROUP, "externalId", "x-9"), None, ("find_group", "x-9")),
        (Get(USER, user.id), None, ("get_user", ANN)),
        (Get(GROUP, group.id), None, ("get_group", "Leads")),
        (Get(USER, NOBODY), None, ("get_user", NOBODY)),
        (Get(GROUP, NOBODY), None, ("get_group", NOBODY)),
        (Patch(USER, user.id, ()), {}, ("update_user", ANN)),
        (Patch(GROUP, group.id, ()), {}, ("update_group", "Leads")),
        (Delete(USER, user.id), None, ("delete_user", ANN)),
        (Delete(GROUP, group.id), None, ("delete_group", "Leads")),
        (Create(USER, {"userName": "b@x.example"}), {"userName": "b@x.example"}, ("create_user", "b@x.example")),
        (Create(GROUP, {"displayName": "New"}), {"displayName": "New"}, ("create_group", "New")),
    ]
    for request, body, expected in cases:
        assert over_http(services, request, body) == _asked(provider, request) == expected


def test_deleted_objects_are_called_by_their_ids(services: Services) -> None:
    provider = services.provider
    user, group = provider.create_user(person("ann")), provider.create_group({"displayName": "Leads"})
    provider.delete_user(user.row)
    provider.delete_group(group.row)
    for request in (Get(USER, user.id), Get(GROUP, group.id)):
        assert over_http(services, request) == _asked(provider, request)
        assert over_http(services, request)[1] == request.id


@pytest.mark.parametrize(
    ("method", "path", "wanted", "body", "expected"),
    [
        ("GET", "/Users", None, b"", ("find_user", "")),
        ("GET", "/Users", 'id eq "1" and manager eq "2"', b"", ("find_user", "1")),
        ("POST", "/Users", None, b"{", ("create_user", "")),
        ("POST", "/Users", None, b"[1]", ("create_user", "")),
        ("PUT", "/Users/x", None, b"", ("update_user", "x")),
        ("TRACE", "/Users/x", None, b"", ("other", "x")),
        ("GET", "/ServiceProviderConfig", None, b"", ("other", "")),
        ("GET", "/nowhere", None, b"", ("other", "")),
    ],
)
def test_what_less_usual_requests_ask_for(
    services: Services, method: str, path: str, wanted: str | None, body: bytes, expected: tuple[str, str]
) -> None:
    assert asked(services.provider, method, path, wanted, body) == expected


def test_what_is_no_request_is_a_fault_of_the_program(services: Services) -> None:
    with pytest.raises(TypeError, match="no such request"):
        _asked(services.provider, Request())


def test_in_process_a_connection_cannot_be_cut_and_says_so(wire: Wire) -> None:
    wire.services.faults.add(Rule("down", "outage"))
    with pytest.raises(ConnectionAbortedError, match="cut without an answer"):
        wire.get("/Users")


def test_urls_that_name_nothing_are_down_too(wire: Wire) -> None:
    wire.services.faults.add(Rule("down", "outage", status=503, retry_after=30))
    answer = wire.get("/Nothing")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
