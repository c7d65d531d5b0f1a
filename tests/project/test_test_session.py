"""What conftest promises to every test."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest


def test_a_connection_beyond_loopback_is_refused() -> None:
    with pytest.raises(AssertionError, match=r"tried to connect to 192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_loopback_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


def test_state_is_written_to_a_folder_of_this_session(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert Path(os.environ["XDG_STATE_HOME"]).is_relative_to(tmp_path_factory.getbasetemp())


@pytest.mark.long
def test_a_long_test_is_slow_as_well(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("slow") is not None
