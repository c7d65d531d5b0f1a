"""The recycle bin over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockservices.clock import Millis

if TYPE_CHECKING:
    from tests.mockservices.graph.conftest import Wire

BIN = "/directory/deletedItems"


def test_the_bin_has_to_be_asked_for_one_type(wire: Wire) -> None:
    assert wire.error("GET", BIN) == (
        400,
        "Request_UnsupportedQuery",
        "Searches against this resource are not supported. Only specific instances can be queried.",
    )


@pytest.mark.parametrize("cast", ["microsoft.graph.user", "graph.user"])
def test_a_deleted_user_is_listed_disabled_with_its_id_before_its_name(wire: Wire, cast: str) -> None:
    user = wire.user("anna")
    wire.user("bert")
    wire.services.clock.now = Millis(90_000)
    wire.ask("DELETE", f"/users/{user}")
    listed = wire.get(f"{BIN}/{cast}?$select=id,userPrincipalName,accountEnabled,deletedDateTime")["value"]
    assert listed == [
        {
            "id": user,
            "userPrincipalName": user.replace("-", "") + "anna@contoso.example",
            "accountEnabled": False,
            "deletedDateTime": "2026-03-02T08:01:30Z",
        }
    ]


def test_a_deleted_users_name_is_free(wire: Wire) -> None:
    first = wire.user("anna")
    wire.ask("DELETE", f"/users/{first}")
    second = wire.user("anna")
    assert wire.get("/users/anna@contoso.example")["id"] == second != first


def test_a_restored_user_is_back_with_name_and_groups(wire: Wire) -> None:
    user, group = wire.user("anna"), wire.group("Engineering")
    wire.add(group, user)
    wire.ask("DELETE", f"/users/{user}")
    assert wire.get(f"{BIN}/{user}")["@odata.type"] == "#microsoft.graph.user"
    response = wire.ask("POST", f"{BIN}/{user}/restore")
    assert response.status_code == 200
    body = response.json()
    assert (body["@odata.type"], body["userPrincipalName"]) == ("#microsoft.graph.user", "anna@contoso.example")
    assert wire.get(f"/users/{user}?$select=accountEnabled")["accountEnabled"] is True
    assert wire.get(f"/users/{user}/memberOf?$select=id")["value"][0]["id"] == group
    assert wire.error("GET", f"{BIN}/{user}")[0] == 404


def test_a_user_whose_name_is_taken_meanwhile_is_not_restored(wire: Wire) -> None:
    first = wire.user("anna")
    wire.ask("DELETE", f"/users/{first}")
    wire.user("anna")
    before = wire.services.trace.digest()
    error = wire.ask("POST", f"{BIN}/{first}/restore").json()["error"]
    assert error["details"][0]["code"] == "ObjectConflict"
    assert wire.services.trace.digest() == before


def test_a_purged_user_is_gone_for_good(wire: Wire) -> None:
    user = wire.user("anna")
    assert wire.error("DELETE", f"{BIN}/{user}")[0] == 404  # it is not in the bin yet
    wire.ask("DELETE", f"/users/{user}")
    assert wire.ask("DELETE", f"{BIN}/{user}").status_code == 204
    for method, path in (("GET", f"{BIN}/{user}"), ("DELETE", f"{BIN}/{user}"), ("POST", f"{BIN}/{user}/restore")):
        assert wire.error(method, path) == (
            404,
            "Request_ResourceNotFound",
            f"Resource '{user}' does not exist or one of its queried reference-property objects are not present.",
        )


def test_a_cloud_security_group_comes_back_with_its_members(wire: Wire) -> None:
    user, group = wire.user("anna"), wire.group("Engineering")
    wire.add(group, user)
    wire.ask("DELETE", f"/groups/{group}")
    assert wire.get(f"/users/{user}/memberOf")["value"] == []
    assert [found["id"] for found in wire.get(f"{BIN}/graph.group")["value"]] == [group]
    response = wire.ask("POST", f"{BIN}/{group}/restore")
    assert (response.status_code, response.json()["@odata.type"]) == (200, "#microsoft.graph.group")
    assert [member["id"] for member in wire.get(f"/groups/{group}/members")["value"]] == [user]
    wire.ask("DELETE", f"/groups/{group}")
    assert wire.ask("DELETE", f"{BIN}/{group}").status_code == 204
    assert wire.error("POST", f"{BIN}/{group}/restore")[0] == 404


def test_sorting_the_bin_by_time_is_an_advanced_query(wire: Wire) -> None:
    for position, name in enumerate(("anna", "bert", "carl")):
        user = wire.user(name)
        wire.services.clock.now = Millis(1000 * (10 - position) + wire.services.clock.now)
        wire.ask("DELETE", f"/users/{user}")
    path = f"{BIN}/microsoft.graph.user?$orderby=deletedDateTime desc&$select=displayName"
    assert wire.error("GET", path)[1:] == ("Request_UnsupportedQuery", "Sorting not supported for current query.")
    assert [user["displayName"] for user in wire.advanced(path)["value"]] == ["Carl", "Bert", "Anna"]
