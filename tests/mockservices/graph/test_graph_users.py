"""Accounts over HTTP: create, read, change, delete, managers; refusals in Graph's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockservices.clock import Millis

if TYPE_CHECKING:
    from tests.mockservices.graph.conftest import Wire

NEW = {
    "accountEnabled": True,
    "displayName": "Tina Chen",
    "mailNickname": "t.chen",
    "userPrincipalName": "t.chen@contoso.example",
    "passwordProfile": {"password": "Correct-Horse-1", "forceChangePasswordNextSignIn": False},
}


def ref(identifier: str) -> dict[str, str]:
    return {"@odata.id": f"https://graph.microsoft.com/v1.0/users/{identifier}"}


def test_a_new_user_is_shown_with_the_default_properties(wire: Wire) -> None:
    response = wire.ask("POST", "/users", json={**NEW, "givenName": "Tina", "businessPhones": ["+1 555"]})
    assert response.status_code == 201
    body = response.json()
    assert body == {
        "@odata.context": "http://graph.test/v1.0/$metadata#users/$entity",
        "businessPhones": ["+1 555"],
        "displayName": "Tina Chen",
        "givenName": "Tina",
        "jobTitle": None,
        "mail": None,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": None,
        "surname": None,
        "userPrincipalName": "t.chen@contoso.example",
        "id": wire.directory.user_id(0),
    }


def test_a_password_is_neither_echoed_nor_kept(wire: Wire) -> None:
    wire.ask("POST", "/users", json=NEW)
    wire.ask("PATCH", "/users/t.chen@contoso.example", json={"passwordProfile": {"password": "Another-Horse-2"}})
    assert "Horse" not in str(wire.gate.commands)
    assert wire.error("GET", "/users/t.chen@contoso.example?$select=passwordProfile")[0] == 400


def test_a_command_holds_plain_json_without_rows(wire: Wire) -> None:
    wire.ask("POST", "/users", json={**NEW, "employeeOrgData": {"costCenter": "7"}, "mail": None})
    assert wire.gate.commands == [
        (
            "graph.user.create",
            {
                "properties": {
                    "accountEnabled": True,
                    "displayName": "Tina Chen",
                    "mailNickname": "t.chen",
                    "userPrincipalName": "t.chen@contoso.example",
                    "employeeOrgData/costCenter": "7",
                    "mail": None,
                }
            },
        )
    ]


def test_select_shows_what_is_hidden_by_default(wire: Wire) -> None:
    user = wire.user(
        "anna", employeeOrgData={"costCenter": "7"}, employeeHireDate="2026-03-02T09:30:00.5+01:00", department="IT"
    )
    names = "accountEnabled,department,employeeOrgData,employeeHireDate,createdDateTime,deletedDateTime,userType"
    body = wire.get(f"/users/{user}?$select={names}")
    assert body == {
        "@odata.context": f"http://graph.test/v1.0/$metadata#users({names})/$entity",
        "accountEnabled": True,
        "department": "IT",
        "employeeOrgData": {"costCenter": "7", "division": None},
        "employeeHireDate": "2026-03-02T08:30:00Z",
        "createdDateTime": "2026-03-02T08:00:00Z",
        "deletedDateTime": None,
        "userType": "Member",
    }


def test_a_user_is_found_by_name_in_any_letter_case(wire: Wire) -> None:
    user = wire.user("anna")
    assert wire.get("/users/ANNA%40Contoso.example")["id"] == user


@pytest.mark.parametrize("name", ["accountEnabled", "displayName", "mailNickname", "userPrincipalName"])
def test_a_required_property_that_is_missing_is_named(wire: Wire, name: str) -> None:
    body = {key: value for key, value in NEW.items() if key != name}
    assert wire.error("POST", "/users", json=body) == (
        400,
        "Request_BadRequest",
        f"A value is required for property '{name}' of resource 'User'.",
    )


def test_an_unknown_property_is_named(wire: Wire) -> None:
    refusal = (400, "Request_BadRequest", "Invalid property 'responseHeaders'.")
    assert wire.error("POST", "/users", json={**NEW, "responseHeaders": "x"}) == refusal
    assert wire.error("PATCH", "/users/x", json={"responseHeaders": "x"}) == refusal
    assert wire.error("PATCH", "/users/x", json={"employeeOrgData": {"x": "y"}})[2] == (
        "Invalid property 'employeeOrgData/x'."
    )


def test_a_taken_name_is_400_with_details(wire: Wire) -> None:
    wire.user("t.chen")
    error = wire.ask("POST", "/users", json=NEW).json()["error"]
    message = "Another object with the same value for property userPrincipalName already exists."
    assert (error["code"], error["message"]) == ("Request_BadRequest", message)
    assert error["details"] == [{"code": "ObjectConflict", "message": message, "target": "userPrincipalName"}]


def test_a_refused_creation_leaves_nothing(wire: Wire) -> None:
    wire.user("t.chen")
    before = wire.services.trace.digest(), wire.directory.users_count, wire.directory.feed.position
    wire.ask("POST", "/users", json=NEW)
    wire.ask("POST", "/users", json={**NEW, "userPrincipalName": "x@elsewhere.example"})
    assert (wire.services.trace.digest(), wire.directory.users_count, wire.directory.feed.position) == before


@pytest.mark.parametrize("upn", ["no-at-sign", "a b@contoso.example", "ä@contoso.example", "@contoso.example", "x@y"])
def test_a_malformed_name_is_refused(wire: Wire, upn: str) -> None:
    refusal = wire.error("POST", "/users", json={**NEW, "userPrincipalName": upn})
    assert refusal == (400, "Request_BadRequest", "One or more properties contains invalid values.")


def test_a_weak_password_is_refused(wire: Wire) -> None:
    for password in ("short1A", "alllowercaseletters"):
        refusal = wire.error("POST", "/users", json={**NEW, "passwordProfile": {"password": password}})
        assert refusal == (
            400,
            "Request_BadRequest",
            (
                "The specified password does not comply with password complexity requirements. "
                "Please provide a different password."
            ),
        )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("accountEnabled", "yes"),
        ("accountEnabled", None),
        ("displayName", None),
        ("displayName", "x" * 257),
        ("givenName", "x" * 65),
        ("jobTitle", "x" * 129),
        ("jobTitle", ""),
        ("jobTitle", 7),
        ("department", ["IT"]),
        ("mailNickname", "with space"),
        ("mailNickname", "a@b"),
        ("businessPhones", ["1", "2"]),
        ("businessPhones", "1"),
        ("otherMails", [1]),
        ("employeeHireDate", "2026-03-02"),
        ("employeeHireDate", "2026-03-02T08:00:00"),
        ("employeeHireDate", "9999-12-31T23:59:59-12:00"),
        ("employeeOrgData", "7"),
        ("passwordProfile", {"password": 12345678}),
    ],
)
def test_a_value_of_the_wrong_type_or_length_is_refused(wire: Wire, name: str, value: Any) -> None:
    assert wire.error("PATCH", "/users/x", json={name: value}) == (
        400,
        "Request_BadRequest",
        f"Invalid value specified for property '{name}' of resource 'User'.",
    )


def test_values_at_the_limit_are_taken(wire: Wire) -> None:
    user = wire.user("anna")
    changes = {"displayName": "x" * 256, "givenName": "y" * 64, "jobTitle": "z" * 128}
    assert wire.ask("PATCH", f"/users/{user}", json=changes).status_code == 204
    assert wire.get(f"/users/{user}?$select=displayName,givenName,jobTitle").items() >= changes.items()


def test_what_the_service_sets_itself_cannot_be_set(wire: Wire) -> None:
    assert wire.error("PATCH", "/users/x", json={"createdDateTime": "2026-03-02T08:00:00Z"}) == (
        400,
        "Request_BadRequest",
        "Property 'createdDateTime' is read-only and cannot be set.",
    )


def test_a_change_is_204_and_changes_only_what_it_names(wire: Wire) -> None:
    user = wire.user("anna", jobTitle="Engineer", department="IT")
    body = {"@odata.type": "#microsoft.graph.user", "accountEnabled": False, "department": None}
    response = wire.ask("PATCH", f"/users/{user}", json=body)
    assert (response.status_code, response.content) == (204, b"")
    shown = wire.get(f"/users/{user}?$select=accountEnabled,department,jobTitle")
    assert {name: shown[name] for name in ("accountEnabled", "department", "jobTitle")} == {
        "accountEnabled": False,
        "department": None,
        "jobTitle": "Engineer",
    }


def test_a_change_that_changes_nothing_is_no_state_change(wire: Wire) -> None:
    user = wire.user("anna", department="IT")
    before = wire.services.trace.digest()
    assert wire.ask("PATCH", f"/users/{user}", json={"department": "IT", "jobTitle": None}).status_code == 204
    assert wire.services.trace.digest() == before


def test_a_renamed_user_is_found_by_the_new_name_only(wire: Wire) -> None:
    user = wire.user("anna")
    wire.ask("PATCH", f"/users/{user}", json={"userPrincipalName": "anna.b@contoso.example"})
    assert wire.get("/users/anna.b@contoso.example")["id"] == user
    assert wire.error("GET", "/users/anna@contoso.example")[0] == 404
    assert wire.user("anna") != user


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_somebody_who_is_not_there_is_404(wire: Wire, method: str) -> None:
    options: dict[str, Any] = {"json": {}} if method == "PATCH" else {}
    assert wire.error(method, "/users/nobody@contoso.example", **options) == (
        404,
        "Request_ResourceNotFound",
        (
            "Resource 'nobody@contoso.example' does not exist or one of its queried reference-property objects are "
            "not present."
        ),
    )


def test_a_deleted_user_cannot_be_deleted_again(wire: Wire) -> None:
    user = wire.user("anna")
    assert wire.ask("DELETE", "/users/anna@contoso.example").status_code == 204
    assert wire.error("DELETE", f"/users/{user}")[0] == 404


def test_a_manager_is_set_shown_and_removed(wire: Wire) -> None:
    anna, bert = wire.user("anna"), wire.user("bert")
    assert wire.ask("PUT", f"/users/{anna}/manager/$ref", json=ref(bert)).status_code == 204
    shown = wire.get(f"/users/{anna}/manager")
    assert (shown["@odata.type"], shown["id"]) == ("#microsoft.graph.user", bert)
    assert bert in wire.get(f"/users/{anna}/manager/$ref")["@odata.id"]
    expanded = wire.get(f"/users/{anna}?$select=id&$expand=manager($select=userPrincipalName)")
    assert expanded["manager"] == {"@odata.type": "#microsoft.graph.user", "userPrincipalName": "bert@contoso.example"}
    listed = wire.get("/users?$select=id&$expand=manager($select=id)")["value"]
    assert [user["manager"] for user in listed] == [{"@odata.type": "#microsoft.graph.user", "id": bert}, None]
    assert wire.ask("DELETE", f"/users/{anna}/manager/$ref").status_code == 204
    assert wire.error("GET", f"/users/{anna}/manager")[:2] == (404, "Request_ResourceNotFound")
    assert wire.error("GET", f"/users/{anna}/manager/$ref")[0] == 404
    assert wire.error("DELETE", f"/users/{anna}/manager/$ref")[0] == 404


def test_a_manager_in_the_recycle_bin_is_not_shown(wire: Wire) -> None:
    anna, bert = wire.user("anna"), wire.user("bert")
    wire.ask("PUT", f"/users/{anna}/manager/$ref", json=ref(bert))
    wire.ask("DELETE", f"/users/{bert}")
    assert wire.error("GET", f"/users/{anna}/manager")[0] == 404


def test_only_a_user_can_be_a_manager(wire: Wire) -> None:
    anna, group = wire.user("anna"), wire.group("Engineering")
    assert wire.error("PUT", f"/users/{anna}/manager/$ref", json=ref(group))[0] == 404
    assert wire.error("PUT", f"/users/{anna}/manager/$ref", json={})[0] == 400
    assert wire.error("PUT", f"/users/{anna}/manager/$ref", json={"@odata.id": "bert"})[0] == 400
    assert wire.error("PUT", f"/users/{anna}/manager/$ref", json={"@odata.id": "http://[x/users/y"})[0] == 400


def test_a_user_shows_the_groups_it_is_a_direct_member_of(wire: Wire) -> None:
    anna = wire.user("anna")
    first, second = wire.group("First"), wire.group("Second")
    wire.add(first, anna)
    wire.add(second, anna)
    wire.ask("DELETE", f"/groups/{first}")
    assert wire.get(f"/users/{anna}/memberOf?$select=id") == {
        "@odata.context": "http://graph.test/v1.0/$metadata#directoryObjects(id)",
        "value": [{"@odata.type": "#microsoft.graph.group", "id": second}],
    }
    cast = wire.get(f"/users/{anna}/transitiveMemberOf/microsoft.graph.group?$select=id")
    assert cast["value"] == [{"id": second}]


# --- sign-in sessions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("cast", ["", "microsoft.graph."])
def test_revoked_sessions_are_valid_from_then_on(wire: Wire, cast: str) -> None:
    """The world begins at 2026-03-02T08:00; revoked an hour later."""
    user = wire.ask("POST", "/users", json=NEW).json()["id"]
    asked = {"$select": "signInSessionsValidFromDateTime"}
    before = wire.ask("GET", f"/users/{user}", params=asked).json()
    wire.services.clock.now = Millis(3_600_000)
    answer = wire.ask("POST", f"/users/{NEW['userPrincipalName']}/{cast}revokeSignInSessions")
    assert answer.status_code == 200
    assert answer.json() == {"@odata.context": "http://graph.test/v1.0/$metadata#Edm.Boolean", "value": True}
    after = wire.ask("GET", f"/users/{user}", params=asked).json()
    times = [shown["signInSessionsValidFromDateTime"] for shown in (before, after)]
    assert times == ["2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z"]


def test_sessions_of_nobody_cannot_be_revoked(wire: Wire) -> None:
    assert wire.ask("POST", "/users/nobody@contoso.example/revokeSignInSessions").status_code == 404
