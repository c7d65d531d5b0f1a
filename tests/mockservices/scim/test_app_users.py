from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockservices.clock import Millis
from mockservices.scim.operations import ENTERPRISE

if TYPE_CHECKING:
    from tests.mockservices.scim.conftest import Wire

UNPARSABLE = "Request is unparsable, syntactically incorrect, or violates schema."
PATHLESS = (
    'Current PATCH support allows omitting "path" attribute only for Add and Replace operations '
    "modifying a single attribute."
)
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"

ANA: dict[str, Any] = {
    "schemas": [CORE, ENTERPRISE],
    "externalId": "5f0c7c1e-2a11-4a86-9f5c-0d4c6a1f9b10",
    "userName": "ana.lopez@contoso.example",
    "name": {"formatted": "Ana Lopez", "familyName": "Lopez", "givenName": "Ana"},
    "displayName": "Ana Lopez",
    "title": "Engineer",
    "active": True,
    "emails": [{"value": "ana.lopez@contoso.example", "type": "work", "primary": True}],
    ENTERPRISE: {"employeeNumber": "10042", "department": "Payments"},
}


def without(name: str, body: dict[str, Any] = ANA) -> dict[str, Any]:
    if name in body:
        return {key: value for key, value in body.items() if key != name}
    head, _, sub = name.partition(".")
    return {**body, head: without(sub, body[head])}


# --- POST ----------------------------------------------------------------------------------------------------


def test_a_created_user_comes_back_with_id_and_times_in_the_order_of_awss_samples(wire: Wire) -> None:
    wire.services.clock.now = Millis(90_500)
    answer = wire.post("/Users", ANA)
    assert answer.status_code == 201
    body = answer.json()
    user = wire.services.provider.find_user(body["id"])
    assert list(body) == [
        *("id", "externalId", "meta", "schemas", "userName", "name", "displayName", "title", "active", "emails"),
        ENTERPRISE,
    ]
    assert body["meta"] == {
        "resourceType": "User",
        "created": "2026-03-02T08:01:30Z",
        "lastModified": "2026-03-02T08:01:30Z",
    }
    assert {key: value for key, value in body.items() if key not in ("id", "meta")} == ANA
    assert user.active
    assert user.attributes["name.givenName"] == "Ana"


def test_the_schemas_name_the_enterprise_extension_only_when_it_has_data(wire: Wire) -> None:
    assert wire.post("/Users", without(ENTERPRISE)).json()["schemas"] == [CORE]


def test_what_a_user_does_not_have_is_left_out_and_never_null(wire: Wire) -> None:
    answer = wire.post(
        "/Users",
        {
            **without("title"),
            "name": {**ANA["name"], "middleName": None},
            "nickName": None,
            "addresses": [],
            "roles": [],
        },
    )
    assert answer.status_code == 201
    assert not {"title", "nickName", "addresses", "roles", "groups"} & set(answer.json())


def test_a_body_without_schemas_is_taken_as_in_awss_own_sample(wire: Wire) -> None:
    assert wire.post("/Users", without("schemas")).status_code == 201


def test_names_of_attributes_are_read_in_any_letter_case(wire: Wire) -> None:
    body = {"USERNAME": "b@contoso.example", "displayname": "B", "Name": {"givenname": "B", "FAMILYNAME": "C"}}
    assert wire.post("/Users", body).json()["name"] == {"familyName": "C", "givenName": "B"}


def test_a_user_can_be_created_inactive_even_with_text_for_a_boolean(wire: Wire) -> None:
    assert wire.post("/Users", {**ANA, "active": "False"}).json()["active"] is False


def test_the_manager_is_kept_by_id_and_its_reference_is_dropped(wire: Wire) -> None:
    boss = wire.user("boss")
    body = {**ANA, ENTERPRISE: {"manager": {"value": boss.id, "$ref": f"../Users/{boss.id}"}}}
    assert wire.post("/Users", body).json()[ENTERPRISE] == {"manager": {"value": boss.id}}


@pytest.mark.parametrize("name", ["userName", "name.givenName", "name.familyName", "displayName"])
def test_a_user_without_a_required_attribute_is_refused(wire: Wire, name: str) -> None:
    answer = wire.post("/Users", without(name))
    assert (answer.status_code, answer.json()["detail"]) == (400, UNPARSABLE)
    assert wire.services.provider.users_count == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("photos", []),
        ("photos", [{"value": "https://contoso.example/a.png"}]),
        ("password", "secret"),
        ("ims", [{"value": "a"}]),
        ("entitlements", []),
        ("x509Certificates", []),
        ("groups", [{"value": "g"}]),
        ("shoeSize", "42"),
        ("title", ""),
        ("title", 7),
        ("title", {"value": "Engineer"}),
        ("displayName", True),
        ("name", "Ana Lopez"),
        ("name", {**ANA["name"], "nickname": "A"}),
        ("active", "perhaps"),
        ("active", 1),
        ("emails", "ana@contoso.example"),
        ("emails", [{}]),
        ("emails", [None]),
        ("emails", [{"value": "ana@contoso.example", "type": "work"}]),
        ("emails", [{"value": "ana@contoso.example", "type": "work", "primary": True, "display": "Ana"}]),
        ("emails", [{**ANA["emails"][0]}, {"value": "a@home.example", "type": "home", "primary": True}]),
        ("phoneNumbers", [{"value": "1", "type": "work"}, {"value": "2", "type": "mobile"}]),
        ("roles", [{"value": "r", "display": "R"}]),
        (ENTERPRISE, {"manager": {"value": "1", "displayName": "Boss"}}),
        (ENTERPRISE, {"manager": ""}),
        (ENTERPRISE, []),
        ("userName", "ana lopez"),
        ("userName", "ana\tlopez"),
        ("userName", "a" * 129),
        ("userName", "Administrator"),
        ("userName", "awsadministrators"),
        ("title", "a" * 1025),
        ("title", "zero\u200bwidth"),
        ("externalId", "urn:ana"),
        ("externalId", "a" * 257),
        ("externalId", "a b"),
        ("schemas", [ENTERPRISE]),
        ("schemas", CORE),
    ],
)
def test_a_value_that_aws_would_not_store_is_refused(wire: Wire, name: str, value: object) -> None:
    answer = wire.post("/Users", {**ANA, name: value})
    assert (answer.status_code, answer.json()["detail"]) == (400, UNPARSABLE)
    assert wire.services.provider.users_count == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"userName": "ANA.LOPEZ@contoso.example", "externalId": "2", "emails": []},
        {"userName": "b@contoso.example", "emails": []},
        {"userName": "b@contoso.example", "externalId": "2"},
    ],
    ids=["userName in another case", "externalId", "primary e-mail"],
)
def test_a_value_that_somebody_has_is_refused_as_a_duplicate(wire: Wire, changed: dict[str, Any]) -> None:
    wire.post("/Users", ANA)
    before = wire.state()
    answer = wire.post("/Users", {**ANA, **changed})
    assert (answer.status_code, answer.json()["detail"]) == (409, "Refused to create a new, duplicate resource.")
    assert wire.state() == before


# --- GET, DELETE ---------------------------------------------------------------------------------------------


def test_get_shows_what_post_answered(wire: Wire) -> None:
    created = wire.post("/Users", ANA).json()
    answer = wire.get(f"/Users/{created['id']}")
    assert (answer.status_code, answer.json()) == (200, created)


@pytest.mark.parametrize("identifier", ["00000000-0000-4000-8000-000000000000", "nonsense"])
def test_a_user_that_never_was_is_not_found(wire: Wire, identifier: str) -> None:
    answer = wire.get(f"/Users/{identifier}")
    assert (answer.status_code, answer.json()["detail"]) == (404, "USER does not exist.")


def test_a_deletion_answers_204_and_a_second_one_404(wire: Wire) -> None:
    user = wire.user()
    first, second = wire.send("DELETE", f"/Users/{user.id}"), wire.send("DELETE", f"/Users/{user.id}")
    assert (first.status_code, first.content, first.headers["content-type"]) == (204, b"", "application/json")
    assert (second.status_code, second.json()["detail"]) == (404, "USER does not exist.")


def test_a_user_name_is_free_again_after_deletion_and_gets_a_new_id(wire: Wire) -> None:
    first = wire.post("/Users", ANA).json()["id"]
    wire.send("DELETE", f"/Users/{first}")
    second = wire.post("/Users", ANA)
    assert second.status_code == 201
    assert second.json()["id"] != first


# --- PATCH ---------------------------------------------------------------------------------------------------


def test_patch_answers_200_with_the_whole_user_and_a_later_modification_time(wire: Wire) -> None:
    user = wire.user()
    wire.services.clock.now = Millis(60_999)
    answer = wire.patch(f"/Users/{user.id}", {"op": "replace", "path": "title", "value": "Lead"})
    assert answer.status_code == 200
    assert answer.json()["title"] == "Lead"
    assert answer.json()["userName"] == user.attributes["userName"]
    assert answer.json()["meta"]["lastModified"] == "2026-03-02T08:01:00Z"


def test_a_patch_that_changes_nothing_leaves_the_modification_time(wire: Wire) -> None:
    user = wire.user(title="Lead")
    before = wire.state()
    wire.services.clock.now = Millis(60_000)
    answer = wire.patch(f"/Users/{user.id}", {"op": "Replace", "path": "title", "value": "Lead"})
    assert answer.json()["meta"]["lastModified"] == "2026-03-02T08:00:00Z"
    assert wire.state() == before


@pytest.mark.parametrize("value", ["false", "False", "FALSE", False])
def test_a_user_is_disabled_by_a_boolean_or_by_its_text(wire: Wire, value: object) -> None:
    user = wire.user()
    answer = wire.patch(f"/Users/{user.id}", {"op": "Replace", "path": "active", "value": value})
    assert answer.json()["active"] is False
    assert not user.active


def test_one_attribute_may_come_without_a_path(wire: Wire) -> None:
    user = wire.user()
    answer = wire.patch(f"/Users/{user.id}", {"op": "replace", "value": {"id": user.id, "title": "Lead"}})
    assert answer.json()["title"] == "Lead"


def test_several_attributes_without_a_path_are_refused_in_awss_words(wire: Wire) -> None:
    user = wire.user()
    before = wire.state()
    answer = wire.patch(f"/Users/{user.id}", {"op": "replace", "value": {"title": "Lead", "locale": "en-US"}})
    assert (answer.status_code, answer.json()["detail"]) == (400, PATHLESS)
    assert wire.state() == before


@pytest.mark.parametrize(
    "operations",
    [
        [],
        ["replace"],
        [{"path": "title", "value": "Lead"}],
        [{"op": "move", "path": "title", "value": "Lead"}],
        [{"op": "replace", "path": "title"}],
        [{"op": "add", "path": "title", "value": None}],
        [{"op": "replace", "path": "title", "value": ""}],
        [{"op": "replace", "path": "title", "value": 7}],
        [{"op": "replace", "path": "photos", "value": []}],
        [{"op": "replace", "path": "password", "value": "secret"}],
        [{"op": "replace", "path": "roles", "value": [{"value": "r"}]}],
        [{"op": "replace", "path": "shoeSize", "value": "42"}],
        [{"op": "replace", "path": "tit le", "value": "Lead"}],
        [{"op": "replace", "path": "emails.value", "value": "a@contoso.example"}],
        [{"op": "replace", "path": 'emails[type ne "work"].value', "value": "a@contoso.example"}],
        [{"op": "replace", "path": 'emails[value eq "a"].type', "value": "home"}],
        [{"op": "replace", "path": 'name[type eq "a"].givenName', "value": "A"}],
        [{"op": "replace", "path": "active", "value": "maybe"}],
        [{"op": "replace", "value": "Lead"}],
        [{"op": "replace", "value": {}}],
        [{"op": "replace", "value": {"id": "1"}}],
        [{"op": "remove"}],
        [{"op": "remove", "path": "userName"}],
        [{"op": "remove", "path": "active"}],
        [{"op": "remove", "path": "displayName"}],
        [{"op": "remove", "path": "name"}],
        [{"op": "remove", "path": "photos"}],
        [{"op": "remove", "path": "emails", "value": [{"value": "a@contoso.example"}]}],
        [{"op": "add", "path": "members", "value": [{"value": "x"}]}],
        [{"op": "replace", "path": "userName", "value": "administrator"}],
        [
            {"op": "replace", "path": "active", "value": False},
            {"op": "replace", "path": "active", "value": True},
        ],
        [
            {"op": "replace", "path": "userName", "value": "b@contoso.example"},
            {"op": "replace", "path": "userName", "value": "c@contoso.example"},
        ],
        [{"op": "add", "path": 'emails[type eq "home"].value', "value": "a@home.example"}],
        [{"op": "add", "path": "emails", "value": [{"type": "home", "value": "a@home.example"}]}],
        [
            {"op": "replace", "path": "title", "value": "Lead"},
            {"op": "replace", "path": "active", "value": False},
            {"op": "replace", "path": "nickName", "value": ""},
        ],
    ],
)
def test_a_refused_patch_leaves_everything_as_it_was(wire: Wire, operations: list[object]) -> None:
    work = ((("primary", True), ("type", "work"), ("value", "ann@contoso.example")),)
    user = wire.user(emails=work)
    before = wire.state()
    wire.services.clock.now = Millis(60_000)
    answer = wire.patch(f"/Users/{user.id}", *operations)
    assert (answer.status_code, answer.json()["detail"]) == (400, UNPARSABLE)
    assert wire.state() == before


def test_a_rename_onto_an_existing_user_name_is_refused_as_a_duplicate(wire: Wire) -> None:
    user = wire.user("ann")
    wire.user("bob")
    before = wire.state()
    answer = wire.patch(
        f"/Users/{user.id}",
        {"op": "replace", "path": "title", "value": "Lead"},
        {"op": "replace", "path": "userName", "value": "BOB@contoso.example"},
    )
    assert answer.status_code == 409
    assert wire.state() == before


def test_null_takes_an_attribute_away_and_so_does_an_empty_list(wire: Wire) -> None:
    user = wire.user(title="Lead", phoneNumbers=((("type", "work"), ("value", "1")),))
    wire.patch(
        f"/Users/{user.id}",
        {"op": "replace", "path": "title", "value": None},
        {"op": "replace", "path": "phoneNumbers", "value": []},
    )
    assert not {"title", "phoneNumbers"} & set(user.attributes)


def test_patching_a_user_that_is_gone_is_a_404(wire: Wire) -> None:
    user = wire.user()
    wire.send("DELETE", f"/Users/{user.id}")
    assert wire.patch(f"/Users/{user.id}", {"op": "replace", "path": "title", "value": "x"}).status_code == 404


# --- PUT -----------------------------------------------------------------------------------------------------


def test_put_replaces_the_whole_user_and_clears_what_is_absent(wire: Wire) -> None:
    created = wire.post("/Users", ANA).json()
    answer = wire.send("PUT", f"/Users/{created['id']}", {**without("title"), "id": created["id"], "nickName": "An"})
    assert answer.status_code == 200
    assert "title" not in answer.json()
    assert answer.json()["nickName"] == "An"
    assert answer.json()["id"] == created["id"]


def test_put_that_does_not_speak_of_active_brings_no_leaver_back(wire: Wire) -> None:
    identifier = wire.post("/Users", {**ANA, "active": False}).json()["id"]
    assert wire.send("PUT", f"/Users/{identifier}", without("active")).json()["active"] is False
    assert wire.send("PUT", f"/Users/{identifier}", ANA).json()["active"] is True


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (without("displayName"), 400),
        ({**ANA, "password": "x"}, 400),
        ({**ANA, "id": "another"}, 400),
        ({**ANA, "userName": "bob@contoso.example"}, 409),
    ],
)
def test_a_refused_put_leaves_everything_as_it_was(wire: Wire, body: dict[str, Any], status: int) -> None:
    identifier = wire.post("/Users", ANA).json()["id"]
    wire.user("bob")
    before = wire.state()
    assert wire.send("PUT", f"/Users/{identifier}", body).status_code == status
    assert wire.state() == before


def test_put_on_a_user_that_never_was_is_a_404(wire: Wire) -> None:
    assert wire.send("PUT", "/Users/00000000-0000-4000-8000-000000000000", ANA).status_code == 404
