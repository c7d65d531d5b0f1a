"""The directory core's own promises: reading without touching, members all or none, resets that show."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mockservices.graph.directory import DELETED, GONE, LIVE
from mockservices.graph.errors import GraphError
from mockservices.testing import make_services

if TYPE_CHECKING:
    from tests.mockservices.graph.conftest import Wire


def test_peeking_makes_no_object(crowd: Wire) -> None:
    directory = crowd.directory
    seen = directory.peek(7)
    assert (seen.id, seen.attributes["displayName"]) == (directory.user_id(7), "Person 7")
    assert directory.live_row("P7@contoso.example") == directory.live_row(seen.id) == 7
    assert (directory.state_of(7), directory.live_users) == (LIVE, 250)
    assert directory._users == {}
    with pytest.raises(IndexError):
        directory.peek(250)
    with pytest.raises(IndexError):
        directory.attributes_of(-1)


def test_what_is_peeked_at_is_what_is_there(crowd: Wire) -> None:
    directory = crowd.directory
    directory.update_user(7, {"jobTitle": "Engineer"})
    assert directory.peek(7) is directory.user(7)
    assert directory.attributes_of(7)["jobTitle"] == "Engineer"
    directory.delete_user(7)
    assert (directory.state_of(7), directory.live_users, directory.deleted_users()) == (DELETED, 249, [7])
    directory.purge_user(7)
    assert (directory.state_of(7), directory.deleted_users()) == (GONE, [])


def test_a_property_that_was_reset_is_kept_as_nothing() -> None:
    directory = make_services().directory
    user = directory.create_user({"userPrincipalName": "a@contoso.example", "jobTitle": "Engineer"})
    assert directory.update_user(user.row, {"jobTitle": None})
    assert user.attributes["jobTitle"] is None
    assert not directory.update_user(user.row, {"jobTitle": None, "department": None})


def test_nobody_in_the_recycle_bin_becomes_a_member() -> None:
    directory = make_services().directory
    user = directory.create_user({"userPrincipalName": "a@contoso.example"})
    group = directory.create_group({"displayName": "G"})
    directory.delete_user(user.row)
    with pytest.raises(GraphError, match="does not exist") as refusal:
        directory.add_member(group.row, user.row)
    assert refusal.value.status == 404
    with pytest.raises(GraphError, match="does not exist"):
        directory.add_members(group.row, [user.row])


def test_the_feed_can_be_read_up_to_a_position() -> None:
    directory = make_services().directory
    for name in ("a", "b"):
        directory.create_user({"userPrincipalName": f"{name}@contoso.example"})
    assert directory.feed.since(0, 1).users == (0,)
    assert directory.feed.since(0, 1).position == 1
    assert directory.feed.since(0).users == (0, 1)


def test_actions_need_no_web_framework() -> None:
    code = (
        "import sys, mockservices.graph.actions, mockservices.graph.delta; "
        "print(sorted({'fastapi', 'starlette', 'uvicorn', 'odata_query'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
