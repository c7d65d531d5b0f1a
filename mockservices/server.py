"""The apps on sockets: one daemon thread, one event loop, as many uvicorn servers as there are apps.

Invariant: every socket is bound to 127.0.0.1 and to nothing else, and is created as a TCP socket by protocol number:
asyncio switches Nagle's algorithm off only then, and with it on an answer takes 44 ms instead of 1.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOST = "127.0.0.1"
IN_FLIGHT = 0.5
"""Seconds that requests get to finish when the servers stop; then they are answered with 503."""
GIVE_UP = 0.5
"""Seconds that connections get to close after that; then they are cut."""
START = 10.0
"""Seconds in which the servers have to come up."""
CUT = "jmlab.cut"
"""In a request's scope: what cuts its connection without another byte."""


class PortTaken(OSError):  # noqa: N818 - it reads as what has happened, and OSError says that it is an error
    """A port that was asked for belongs to somebody else, or to the system."""

    def __init__(self, port: int, error: OSError) -> None:
        reason = "needs more rights than this user has" if error.errno == errno.EACCES else "is already in use"
        super().__init__(error.errno, f"port {port} on {HOST} {reason}; choose another, or 0 for any free one")
        self.port = port

    def __str__(self) -> str:
        return str(self.strerror)


class Servers:
    """Named apps on loopback ports: bind, build the apps with the addresses, start, stop."""

    def __init__(self) -> None:
        self._sockets: dict[str, socket.socket] = {}
        self._addresses: dict[str, str] = {}
        self._servers: dict[str, uvicorn.Server] = {}
        self._in_flight: set[asyncio.Task[Any]] = set()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    def bind(self, ports: Mapping[str, int]) -> dict[str, str]:
        """Take the ports (0: any free one); the base URL of each name. :class:`PortTaken` when one is not to be had,
        and then none is taken. From here on a client can connect, and waits until the servers start."""
        try:
            for name, port in ports.items():
                self._sockets[name] = _listening(port)
        except OSError:
            self._close_sockets()
            raise
        for name, taken in self._sockets.items():
            self._addresses[name] = f"http://{HOST}:{taken.getsockname()[1]}"
        return dict(self._addresses)

    def base_url(self, name: str) -> str:
        """``http://127.0.0.1:PORT`` of a bound name, without a slash at its end."""
        return self._addresses[name]

    def start(self, apps: Mapping[str, ASGIApp]) -> None:
        """Serve an app on every bound socket; returns when all of them answer."""
        if self._thread is not None:
            raise RuntimeError("these servers have been started before")
        if apps.keys() != self._sockets.keys():
            raise ValueError(f"apps for {sorted(apps)} but ports for {sorted(self._sockets)}")
        guards = {name: _Guard(app, self._in_flight) for name, app in apps.items()}
        self._servers = {name: uvicorn.Server(_config(guard)) for name, guard in guards.items()}
        for name, guard in guards.items():
            guard.server = self._servers[name]
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="jmlab-servers", daemon=True)
        self._thread.start()
        try:
            ready.result(START)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End all servers within two seconds, whatever is in flight, and give the ports back; once is enough."""
        if self._loop is not None and self._stopping is not None:
            with suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._stopping.set)
        if self._thread is not None:
            self._thread.join(START)
        self._close_sockets()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _close_sockets(self) -> None:
        for taken in self._sockets.values():
            taken.close()
        self._sockets = {}

    # --- on the servers' own thread ----------------------------------------------------------------------

    def _run(self, ready: Future[None]) -> None:
        try:
            asyncio.run(self._serve(ready))
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    async def _serve(self, ready: Future[None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        running = {
            asyncio.create_task(server.serve(sockets=[self._sockets[name]])) for name, server in self._servers.items()
        }
        while not all(server.started for server in self._servers.values()):
            await asyncio.sleep(0.001)
            for task in running:
                if task.done():
                    task.result()  # what kept it from starting
                    raise RuntimeError("a server has ended before it was ready")
        ready.set_result(None)
        await self._stopping.wait()
        await self._end(running)

    async def _end(self, running: set[asyncio.Task[None]]) -> None:
        for server in self._servers.values():
            server.should_exit = True
        _, left = await asyncio.wait(running, timeout=IN_FLIGHT)
        if left:
            for task in tuple(self._in_flight):
                task.cancel()
            _, left = await asyncio.wait(left, timeout=GIVE_UP)
        if left:
            # somebody neither reads nor hangs up
            for server in self._servers.values():
                server.force_exit = True
                for connection in tuple(server.server_state.connections):
                    connection.transport.abort()
            await asyncio.wait(left)


class _Guard:
    """Keeps track of an app's requests, lets the app cut their connections, and answers with 503 what is cancelled at
    the end."""

    def __init__(self, app: ASGIApp, in_flight: set[asyncio.Task[Any]]) -> None:
        self._app = app
        self._in_flight = in_flight
        self.server: uvicorn.Server | None = None

    def _cut(self, client: object) -> None:
        """Close a connection without another byte; from the servers' own loop only."""
        if self.server is None:
            return
        for connection in tuple(self.server.server_state.connections):
            # uvicorn names a connection's peer in the scope as it does in the connection
            if getattr(connection, "client", None) == client and connection.transport is not None:
                connection.transport.abort()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        assert task is not None
        answered = False

        async def noting(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        self._in_flight.add(task)
        try:
            await self._app({**scope, CUT: lambda: self._cut(scope.get("client"))}, receive, noting)
        except ClientDisconnect:  # nobody is left to answer
            pass
        except asyncio.CancelledError:
            if not answered:
                headers = [(b"connection", b"close"), (b"content-length", b"0")]
                await send({"type": "http.response.start", "status": 503, "headers": headers})
                await send({"type": "http.response.body", "body": b""})
        finally:
            self._in_flight.discard(task)


def _listening(port: int) -> socket.socket:
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # a port whose last connection has just closed is free again; elsewhere this would share it
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((HOST, port))
        taken.listen()  # only then is the port ours alone
    except OSError as error:
        taken.close()
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            raise PortTaken(port, error) from None
        raise
    return taken


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        interface="asgi3",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        # an idle connection that is closed under the job's feet would look like an outage
        timeout_keep_alive=3600,
    )
