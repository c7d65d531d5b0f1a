from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scim2_models import ListResponse, ResourceType, Schema, ServiceProviderConfig

from mockservices.scim.discovery import schemas
from mockservices.scim.operations import ENTERPRISE
from mockservices.scim.profiles import AWS

if TYPE_CHECKING:
    from tests.mockservices.scim.conftest import Wire

CORE = "urn:ietf:params:scim:schemas:core:2.0"


def test_the_configuration_offers_patch_and_filters_and_nothing_else(wire: Wire) -> None:
    body = wire.get("/ServiceProviderConfig").json()
    assert {
        name: body[name]["supported"] for name in ("patch", "filter", "bulk", "changePassword", "sort", "etag")
    } == {
        "patch": True,
        "filter": True,
        "bulk": False,
        "changePassword": False,
        "sort": False,
        "etag": False,
    }
    assert body["filter"]["maxResults"] == 100
    assert body["authenticationSchemes"][0]["type"] == "oauthbearertoken"


def test_a_strict_reader_accepts_every_document(wire: Wire) -> None:
    ServiceProviderConfig.model_validate(wire.get("/ServiceProviderConfig").json())
    ListResponse[Schema].model_validate(wire.get("/Schemas").json())
    ListResponse[ResourceType].model_validate(wire.get("/ResourceTypes").json())


@pytest.mark.parametrize(
    ("path", "ids"),
    [("/ResourceTypes", ["User", "Group"]), ("/Schemas", [f"{CORE}:User", ENTERPRISE, f"{CORE}:Group"])],
)
def test_each_listed_document_can_be_read_alone(wire: Wire, path: str, ids: list[str]) -> None:
    listed = wire.get(path).json()
    assert (listed["totalResults"], [document["id"] for document in listed["Resources"]]) == (len(ids), ids)
    for document in listed["Resources"]:
        assert wire.get(f"{path}/{document['id']}").json() == document


def test_the_schemas_name_just_the_attributes_that_the_profile_takes() -> None:
    documents = schemas(AWS)
    named = set()
    for attribute in documents[f"{CORE}:User"]["attributes"]:
        subs = attribute.get("subAttributes", ())
        named |= {f"name.{sub['name']}" for sub in subs} if attribute["name"] == "name" else {attribute["name"]}
    named |= {f"{ENTERPRISE}:{attribute['name']}" for attribute in documents[ENTERPRISE]["attributes"]}
    assert named == AWS.supported - {"externalId"} | {"active"}


def test_the_schemas_mark_the_required_attributes() -> None:
    required = set()
    for attribute in schemas(AWS)[f"{CORE}:User"]["attributes"]:
        if attribute["name"] == "name":
            required |= {f"name.{sub['name']}" for sub in attribute["subAttributes"] if sub["required"]}
        elif attribute["required"]:
            required.add(attribute["name"])
    assert required == set(AWS.required)
