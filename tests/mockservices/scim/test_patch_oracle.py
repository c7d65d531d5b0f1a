"""scim2-models applies the same bodies to its own models: an independent reading of RFC 7644 §3.5.2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from scim2_models import EnterpriseUser, PatchOp, ScimPolicy, User

from mockservices.scim.operations import ENTERPRISE

if TYPE_CHECKING:
    from tests.mockservices.scim.conftest import Wire

Person = User[EnterpriseUser]
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
LIKE_ENTRA = ScimPolicy(
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
ANN: dict[str, Any] = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
    "userName": "ann@contoso.com",
    "name": {"formatted": "Ann Miller", "familyName": "Miller", "givenName": "Ann"},
    "displayName": "Ann Miller",
    "title": "Lead",
    "active": True,
    "emails": [{"value": "ann@contoso.com", "type": "work", "primary": True}],
    "addresses": [{"locality": "Gdynia", "country": "PL", "type": "work"}],
    ENTERPRISE: {"department": "Audit", "division": "North"},
}


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "Replace", "path": "active", "value": "False"}],
        [{"op": "Replace", "path": "name.familyName", "value": "Nowak"}],
        [{"op": "replace", "path": "NAME.familyname", "value": "Nowak"}],
        [{"op": "Add", "path": "nickName", "value": "An"}, {"op": "Replace", "path": "title", "value": "Head"}],
        [{"op": "replace", "path": "name", "value": {"givenName": "Anna", "middleName": "B"}}],
        [{"op": "replace", "value": {"name.givenName": "Anna"}}],
        [{"op": "add", "value": {"name": {"middleName": "B"}}}],
        [{"op": "replace", "value": {"title": "Head"}}],
        [{"op": "replace", "path": "title", "value": None}],
        [{"op": "remove", "path": "title"}],
        [{"op": "remove", "path": "name.formatted"}],
        [{"op": "remove", "path": "emails"}],
        [{"op": "remove", "path": 'addresses[type eq "work"]'}],
        [{"op": "remove", "path": 'addresses[type eq "work"].country'}],
        [{"op": "remove", "path": 'addresses[type eq "home"]'}],
        [{"op": "remove", "path": ENTERPRISE}],
        [{"op": "Replace", "path": 'emails[type eq "work"].value', "value": "nowak@contoso.com"}],
        [{"op": "Replace", "path": 'addresses[type eq "work"].locality', "value": "Sopot"}],
        [{"op": "Add", "path": 'phoneNumbers[type eq "work"].value', "value": "+48 555 0100"}],
        [{"op": "replace", "path": "emails", "value": [{"value": "n@contoso.com", "type": "home", "primary": True}]}],
        [{"op": "replace", "path": f"{ENTERPRISE}:department", "value": "Treasury"}],
        [{"op": "replace", "path": ENTERPRISE, "value": {"department": "Treasury", "costCenter": "7"}}],
        [{"op": "add", "value": {ENTERPRISE: {"costCenter": "7"}}}],
        [{"op": "add", "value": {f"{ENTERPRISE}:costCenter": "7"}}],
        [{"op": "add", "path": f"{ENTERPRISE}:manager", "value": {"value": "26118915"}}],
        [{"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:title", "value": "Head"}],
    ],
)
def test_a_patch_has_the_result_that_the_rfc_has(wire: Wire, operations: list[dict[str, Any]]) -> None:
    identifier = wire.post("/Users", ANN).json()["id"]
    answer = wire.patch(f"/Users/{identifier}", *operations)
    assert answer.status_code == 200

    expected = Person.model_validate(ANN)
    body = PatchOp[Person].model_validate({"schemas": [PATCH], "Operations": operations}, scim_policy=LIKE_ENTRA)
    body.patch(expected, scim_policy=LIKE_ENTRA)

    ours = {key: value for key, value in answer.json().items() if key not in ("id", "meta")}
    assert ours == expected.model_dump()
