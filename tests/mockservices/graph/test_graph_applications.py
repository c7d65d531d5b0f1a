"""The gallery application and who is assigned to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockservices.graph.applications import AWS_TEMPLATE_ID, DEFAULT_ROLE, MSIAM_ROLE, USER_ROLE

if TYPE_CHECKING:
    from tests.mockservices.graph.conftest import Wire


def assigned(wire: Wire) -> str:
    return f"/servicePrincipals/{wire.services.application.id}/appRoleAssignedTo"


def body(wire: Wire, principal: str, role: str = USER_ROLE) -> dict[str, Any]:
    return {"principalId": principal, "resourceId": wire.services.application.id, "appRoleId": role}


def test_the_application_is_found_by_both_ids_and_by_filter(wire: Wire) -> None:
    application = wire.services.application
    by_id = wire.get(f"/servicePrincipals/{application.id}")
    assert by_id["appId"] == application.app_id
    assert by_id["applicationTemplateId"] == AWS_TEMPLATE_ID
    assert by_id["appRoleAssignmentRequired"] is True
    assert [role["id"] for role in by_id["appRoles"]] == [USER_ROLE, MSIAM_ROLE]
    assert wire.get(f"/servicePrincipals(appId='{application.app_id}')") == by_id
    for text in (f"appId eq '{application.app_id}'", "startswith(displayName,'AWS')", f"id eq '{application.id}'"):
        listed = wire.get(f"/servicePrincipals?$filter={text}&$select=id")
        assert listed["value"] == [{"id": application.id}]
    assert wire.get("/servicePrincipals?$filter=displayName eq 'x'")["value"] == []
    assert wire.advanced("/servicePrincipals?$filter=appRoleAssignmentRequired eq true")["@odata.count"] == 1


def test_the_ids_are_not_mixed_up(wire: Wire) -> None:
    application = wire.services.application
    for key in (application.app_id, "nonsense", f"(appId='{application.id}')"):
        path = f"/servicePrincipals{key}" if key.startswith("(") else f"/servicePrincipals/{key}"
        assert wire.error("GET", path)[:2] == (404, "Request_ResourceNotFound")


def test_a_group_is_assigned_shown_and_unassigned(wire: Wire) -> None:
    group = wire.group("Engineering")
    response = wire.ask("POST", assigned(wire), json=body(wire, group))
    assert response.status_code == 201
    made = response.json()
    expected = {
        "id": made["id"],
        "deletedDateTime": None,
        "appRoleId": USER_ROLE,
        "createdDateTime": "2026-03-02T08:00:00Z",
        "principalDisplayName": "Engineering",
        "principalId": group,
        "principalType": "Group",
        "resourceDisplayName": wire.services.application.display_name,
        "resourceId": wire.services.application.id,
    }
    assert made.items() >= expected.items()
    assert wire.get(assigned(wire))["value"] == [expected]
    assert wire.get(f"{assigned(wire)}/{made['id']}").items() >= expected.items()
    assert wire.get(f"/groups/{group}/appRoleAssignments")["value"] == [expected]
    assert wire.ask("DELETE", f"{assigned(wire)}/{made['id']}").status_code == 204
    assert wire.get(assigned(wire))["value"] == []
    assert wire.error("DELETE", f"{assigned(wire)}/{made['id']}")[0] == 404
    assert wire.error("GET", f"{assigned(wire)}/{made['id']}")[0] == 404


def test_a_users_assignments_include_those_of_its_groups(wire: Wire) -> None:
    user, group = wire.user("anna"), wire.group("Engineering")
    wire.add(group, user)
    wire.ask("POST", assigned(wire), json=body(wire, group))
    wire.ask("POST", assigned(wire), json=body(wire, user, MSIAM_ROLE))
    held = wire.get(f"/users/{user}/appRoleAssignments")["value"]
    assert [(one["principalType"], one["principalId"], one["appRoleId"]) for one in held] == [
        ("User", user, MSIAM_ROLE),
        ("Group", group, USER_ROLE),
    ]


def test_the_zero_role_is_for_applications_without_roles(wire: Wire) -> None:
    status, code, _ = wire.error("POST", assigned(wire), json=body(wire, wire.user("anna"), DEFAULT_ROLE))
    assert (status, code) == (400, "Request_BadRequest")
    assert wire.get(assigned(wire))["value"] == []


def test_nobody_is_assigned_twice(wire: Wire) -> None:
    user = wire.user("anna")
    wire.ask("POST", assigned(wire), json=body(wire, user))
    assert wire.error("POST", assigned(wire), json=body(wire, user))[:2] == (400, "Request_BadRequest")
    assert len(wire.get(assigned(wire))["value"]) == 1


def test_an_assignment_needs_somebody_and_the_right_application(wire: Wire) -> None:
    user = wire.user("anna")
    ghost = "00000000-0000-4000-8000-000000000000"
    assert wire.error("POST", assigned(wire), json=body(wire, ghost))[0] == 404
    assert wire.error("POST", assigned(wire), json={**body(wire, user), "resourceId": ghost})[0] == 400
    for name in ("principalId", "resourceId", "appRoleId"):
        incomplete = {key: value for key, value in body(wire, user).items() if key != name}
        assert wire.error("POST", assigned(wire), json=incomplete)[2] == (
            f"A value is required for property '{name}' of resource 'AppRoleAssignment'."
        )
    path = f"/servicePrincipals(appId='{wire.services.application.app_id}')/appRoleAssignedTo"
    assert wire.ask("POST", path, json=body(wire, user)).status_code == 201


@pytest.mark.parametrize("top", [1, 2, 3])
def test_assignments_come_in_pages_that_survive_a_removal(wire: Wire, top: int) -> None:
    users = [wire.user(name) for name in ("anna", "bert", "carl", "dora")]
    made = [wire.ask("POST", assigned(wire), json=body(wire, user)).json()["id"] for user in users]
    first = wire.get(f"{assigned(wire)}?$top={top}")
    wire.ask("DELETE", f"{assigned(wire)}/{made[0]}")
    rest = [one for page in wire.pages(first["@odata.nextLink"]) for one in page["value"]]
    assert [one["principalId"] for one in (*first["value"], *rest)] == users


def test_the_assignment_of_somebody_deleted_is_not_shown(wire: Wire) -> None:
    user = wire.user("anna")
    wire.ask("POST", assigned(wire), json=body(wire, user))
    wire.ask("DELETE", f"/users/{user}")
    assert wire.get(assigned(wire))["value"] == []
    wire.ask("POST", f"/directory/deletedItems/{user}/restore")
    assert len(wire.get(assigned(wire))["value"]) == 1


def test_reading_assignments_makes_no_objects(crowd: Wire) -> None:
    crowd.services.applications.assign(crowd.services.application.id, "User", 5)
    assert crowd.get(assigned(crowd))["value"][0]["principalDisplayName"] == "Person 5"
    assert crowd.directory._users == {}
