"""Apps on loopback sockets: up when started, gone within two seconds, quick in between."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
import time
import warnings
from collections.abc import Iterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from mockservices.server import HOST, PortTaken, Servers


def saying(text: str) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(text)(scope, receive, send)

    return app


class Stuck:
    """An app that never answers by itself."""

    def __init__(self) -> None:
        self.entered = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.entered.set()
        await asyncio.get_running_loop().create_future()


@pytest.fixture
def servers() -> Iterator[Servers]:
    with Servers() as made:
        yield made


def get(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False)


def port_of(url: str) -> int:
    port = httpx.URL(url).port
    assert port is not None
    return port


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What uvicorn has said; asyncio's own remarks about slowness are none."""
    return [record.getMessage() for record in caplog.records if record.name.startswith("uvicorn")]


# --- starting --------------------------------------------------------------------------------------------


def test_every_app_answers_once_start_returns(servers: Servers) -> None:
    addresses = servers.bind({"graph": 0, "scim": 0, "aws": 0})
    servers.start({name: saying(name) for name in addresses})
    assert {name: get(url).text for name, url in addresses.items()} == {name: name for name in addresses}


def test_addresses_are_known_before_the_apps_are_built(servers: Servers) -> None:
    addresses = servers.bind({"graph": 0})
    assert addresses["graph"] == servers.base_url("graph")
    servers.start({"graph": saying(f"I live at {addresses['graph']}")})
    assert get(addresses["graph"]).text == f"I live at {addresses['graph']}"


def test_a_given_port_is_the_one_that_is_taken(servers: Servers) -> None:
    with Servers() as first:
        free = port_of(first.bind({"graph": 0})["graph"])
    assert servers.bind({"graph": free}) == {"graph": f"http://127.0.0.1:{free}"}


def test_one_thread_serves_all_apps_and_ends_with_the_program(servers: Servers) -> None:
    before = set(threading.enumerate())
    servers.start({name: saying(name) for name in servers.bind({"graph": 0, "scim": 0})})
    (thread,) = set(threading.enumerate()) - before
    assert thread.daemon


def test_a_client_that_comes_before_the_start_waits_for_it(servers: Servers) -> None:
    url = servers.bind({"graph": 0})["graph"]
    with socket.create_connection((HOST, port_of(url)), timeout=5) as early:
        early.sendall(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        servers.start({"graph": saying("here")})
        assert b"here" in early.makefile("rb").read()


def test_apps_and_ports_have_to_match(servers: Servers) -> None:
    servers.bind({"graph": 0})
    with pytest.raises(ValueError, match=r"apps for \['scim'\] but ports for \['graph'\]"):
        servers.start({"scim": saying("scim")})


def test_servers_are_started_once(servers: Servers) -> None:
    servers.bind({"graph": 0})
    servers.start({"graph": saying("graph")})
    with pytest.raises(RuntimeError, match="before"):
        servers.start({"graph": saying("graph")})


def test_what_keeps_a_server_from_starting_is_told_at_once(servers: Servers) -> None:
    url = servers.bind({"graph": 0, "scim": 0})["scim"]
    servers._sockets["graph"].close()
    with pytest.raises((OSError, ValueError)):
        servers.start({"graph": saying("graph"), "scim": saying("scim")})
    with Servers() as again:
        again.bind({"scim": port_of(url)})


# --- ports and sockets -----------------------------------------------------------------------------------


def test_a_port_that_is_taken_is_named_in_one_sentence(servers: Servers) -> None:
    with Servers() as first:
        taken = port_of(first.bind({"graph": 0})["graph"])
        with pytest.raises(PortTaken) as refused:
            servers.bind({"scim": 0, "graph": taken})
    assert isinstance(refused.value, OSError)
    assert refused.value.port == taken
    assert str(refused.value) == f"port {taken} on 127.0.0.1 is already in use; choose another, or 0 for any free one"


def test_when_one_port_is_taken_no_other_is_kept() -> None:
    with Servers() as first, Servers() as second, Servers() as third:
        taken = port_of(first.bind({"graph": 0})["graph"])
        free = port_of(third.bind({"graph": 0})["graph"])
        third.stop()
        with pytest.raises(PortTaken):
            second.bind({"scim": free, "graph": taken})
        with Servers() as fourth:
            fourth.bind({"scim": free})


def test_nothing_but_loopback_is_served(servers: Servers) -> None:
    url = servers.bind({"graph": 0})["graph"]
    servers.start({"graph": saying("graph")})
    assert httpx.URL(url).host == "127.0.0.1"
    with socket.socket() as elsewhere:
        elsewhere.settimeout(1)
        # another address of the same machine: a socket bound to all addresses would answer here
        assert elsewhere.connect_ex(("127.0.0.2", port_of(url))) != 0


def test_answers_are_sent_without_waiting_for_more(servers: Servers) -> None:
    """Nagle's algorithm together with delayed acknowledgement costs 40 ms an answer."""
    url = servers.bind({"graph": 0})["graph"]
    servers.start({"graph": saying("graph")})
    with httpx.Client(base_url=url, trust_env=False) as client:
        client.get("/")
        (connection,) = servers._servers["graph"].server_state.connections
        accepted = connection.transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_forwarded_headers_are_nobodys_word(servers: Servers) -> None:
    async def scheme(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(Request(scope).url.scheme)(scope, receive, send)

    url = servers.bind({"graph": 0})["graph"]
    servers.start({"graph": scheme})
    assert httpx.get(url, headers={"x-forwarded-proto": "https"}, trust_env=False).text == "http"


# --- stopping --------------------------------------------------------------------------------------------


def seconds_to_stop(servers: Servers) -> float:
    began = time.perf_counter()
    servers.stop()
    return time.perf_counter() - began


def test_stopping_gives_the_port_back(servers: Servers) -> None:
    url = servers.bind({"graph": 0})["graph"]
    servers.start({"graph": saying("graph")})
    get(url)
    servers.stop()
    with Servers() as again:
        again.bind({"graph": port_of(url)})


def test_stopping_twice_and_stopping_what_never_started_does_no_harm() -> None:
    servers = Servers()
    servers.stop()
    servers.bind({"graph": 0})
    servers.stop()
    servers.stop()


def test_an_idle_connection_does_not_hold_the_servers_up(servers: Servers) -> None:
    url = servers.bind({"graph": 0})["graph"]
    servers.start({"graph": saying("graph")})
    with httpx.Client(base_url=url, trust_env=False) as client:
        client.get("/")
        assert seconds_to_stop(servers) < 2


def test_a_request_in_flight_is_answered_with_503_and_does_not_hold_the_servers_up(servers: Servers) -> None:
    stuck = Stuck()
    url = servers.bind({"graph": 0, "scim": 0})["graph"]
    servers.start({"graph": stuck, "scim": saying("scim")})
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(get(url).status_code))
    asking.start()
    assert stuck.entered.wait(5)
    assert seconds_to_stop(servers) < 2
    asking.join(5)
    assert answers == [503]


def test_half_a_request_does_not_hold_the_servers_up(servers: Servers) -> None:
    async def reading(scope: Scope, receive: Receive, send: Send) -> None:
        entered.set()
        await PlainTextResponse(await Request(scope, receive).body())(scope, receive, send)

    entered = threading.Event()
    url = servers.bind({"graph": 0})["graph"]
    servers.start({"graph": reading})
    with socket.create_connection((HOST, port_of(url)), timeout=5) as client:
        client.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf")
        assert entered.wait(5)
        assert seconds_to_stop(servers) < 2


def test_a_client_that_does_not_read_does_not_hold_the_servers_up(
    servers: Servers, caplog: pytest.LogCaptureFixture
) -> None:
    async def flooding(scope: Scope, receive: Receive, send: Send) -> None:
        entered.set()
        await PlainTextResponse(b"x" * 20_000_000)(scope, receive, send)

    entered = threading.Event()
    url = servers.bind({"graph": 0})["graph"]
    servers.start({"graph": flooding})
    with socket.create_connection((HOST, port_of(url)), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert entered.wait(5)
        assert seconds_to_stop(servers) < 2
    assert complaints(caplog) == []


def test_a_client_that_hangs_up_early_leaves_no_error_behind(
    servers: Servers, caplog: pytest.LogCaptureFixture
) -> None:
    async def reading(scope: Scope, receive: Receive, send: Send) -> None:
        entered.set()
        try:
            await Request(scope, receive).body()
        finally:
            left.set()

    entered, left = threading.Event(), threading.Event()
    url = servers.bind({"graph": 0})["graph"]
    servers.start({"graph": reading})
    with socket.create_connection((HOST, port_of(url)), timeout=5) as client:
        client.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf")
        assert entered.wait(5)
    assert left.wait(5)
    servers.stop()
    assert complaints(caplog) == []


def test_nothing_is_left_open() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with Servers() as servers:
            url = servers.bind({"graph": 0})["graph"]
            servers.start({"graph": saying("graph")})
            get(url)
        del servers
        gc.collect()
    assert [str(warning.message) for warning in caught] == []


def test_the_errors_of_an_app_stay_in_its_answer(servers: Servers, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    addresses = servers.bind({"graph": 0, "scim": 0})
    servers.start({"graph": broken, "scim": saying("scim")})
    assert get(addresses["graph"]).status_code == 500
    assert get(addresses["scim"]).text == "scim"
    assert "ZeroDivisionError" in caplog.text
