"""What the service says about itself: ServiceProviderConfig, ResourceTypes and Schemas.

Invariant: nothing is advertised that the profile refuses.
https://docs.aws.amazon.com/singlesignon/latest/developerguide/serviceproviderconfig.html, .../listschemas.html,
.../listresourcetypes.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scim2_models import EnterpriseUser, Group, User

from mockservices.scim.operations import ENTERPRISE, GROUP_SCHEMA, MULTI_VALUED, USER_SCHEMA
from mockservices.scim.profiles import Profile
from mockservices.scim.resources import LIST_SCHEMA

_CORE = "urn:ietf:params:scim:schemas:core:2.0"
_MEMBER_PARTS = frozenset({"value", "$ref", "type"})


def service_provider_config(profile: Profile) -> dict[str, Any]:
    """What of the optional parts of RFC 7644 there is: PATCH and filters."""
    unsupported = {"supported": False}
    return {
        "schemas": [f"{_CORE}:ServiceProviderConfig"],
        "documentationUri": "https://docs.aws.amazon.com/singlesignon/latest/userguide/manage-your-identity-source-idp.html",
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "OAuth Bearer Token",
                "description": "Authentication scheme using the OAuth Bearer Token Standard",
                "specUri": "https://www.rfc-editor.org/info/rfc6750",
                "documentationUri": "https://docs.aws.amazon.com/singlesignon/latest/userguide/provision-automatically.html",
                "primary": True,
            }
        ],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 1, "maxPayloadSize": 1_048_576},
        "filter": {"supported": True, "maxResults": profile.page_size},
        "changePassword": unsupported,
        "sort": unsupported,
        "etag": unsupported,
    }


def resource_types(base_url: str) -> dict[str, dict[str, Any]]:
    """Users and groups, by name."""

    def described(name: str, schema: str, extensions: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "schemas": [f"{_CORE}:ResourceType"],
            "id": name,
            "name": name,
            "endpoint": f"/{name}s",
            "description": f"{name} resource type",
            "schema": schema,
            **({"schemaExtensions": extensions} if extensions else {}),
            "meta": {"location": f"{base_url}/ResourceTypes/{name}", "resourceType": "ResourceType"},
        }

    return {
        "User": described("User", USER_SCHEMA, [{"schema": ENTERPRISE, "required": True}]),
        "Group": described("Group", GROUP_SCHEMA, []),
    }


def schemas(profile: Profile) -> dict[str, dict[str, Any]]:
    """The three schemas by URN, cut down to the attributes that the profile takes."""
    user = User.to_schema().model_dump()
    enterprise = EnterpriseUser.to_schema().model_dump()
    group = Group.to_schema().model_dump()
    return {
        USER_SCHEMA: _schema(user, USER_SCHEMA, "User", "User Account", _user_attributes(user, profile)),
        ENTERPRISE: _schema(
            enterprise, ENTERPRISE, "EnterpriseUser", "Enterprise User", _enterprise_attributes(enterprise, profile)
        ),
        GROUP_SCHEMA: _schema(group, GROUP_SCHEMA, "Group", "Group", _group_attributes(group)),
    }


def listed(documents: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Documents as one ListResponse."""
    resources = list(documents)
    return {
        "totalResults": len(resources),
        "itemsPerPage": len(resources),
        "startIndex": 1,
        "schemas": [LIST_SCHEMA],
        "Resources": resources,
    }


def _schema(
    source: dict[str, Any], urn: str, name: str, description: str, attributes: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "schemas": source["schemas"],
        "id": urn,
        "name": name,
        "description": description,
        "attributes": [_tidy(attribute) for attribute in attributes],
    }


def _tidy(attribute: dict[str, Any]) -> dict[str, Any]:
    """Descriptions on one line, all the way down."""
    result = {**attribute, "description": " ".join(str(attribute.get("description", "")).split())}
    if "subAttributes" in attribute:
        result["subAttributes"] = [_tidy(sub) for sub in attribute["subAttributes"]]
    return result


def _user_attributes(source: dict[str, Any], profile: Profile) -> list[dict[str, Any]]:
    attributes = []
    for attribute in source["attributes"]:
        name = attribute["name"]
        required = name in profile.required
        if name == "name":
            subs = _cut(attribute, [s for s in _subs(attribute) if f"name.{s}" in profile.supported])
            for sub in subs:
                sub["required"] = f"name.{sub['name']}" in profile.required
            attributes.append({**attribute, "required": any(sub["required"] for sub in subs), "subAttributes": subs})
        elif name in MULTI_VALUED & profile.supported:
            parts = [s for s in _subs(attribute) if not profile.parts or f"{name}.{s}" in profile.parts]
            attributes.append({**attribute, "subAttributes": _cut(attribute, parts)})
        elif name == "active" or name in profile.supported:
            attributes.append({**attribute, "required": required})
    return attributes


def _enterprise_attributes(source: dict[str, Any], profile: Profile) -> list[dict[str, Any]]:
    attributes = [a for a in source["attributes"] if f"{ENTERPRISE}:{a['name']}" in profile.supported]
    return [{**a, "subAttributes": _cut(a, ["value", "$ref"])} if a["name"] == "manager" else a for a in attributes]


def _group_attributes(source: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {**a, "subAttributes": _cut(a, _MEMBER_PARTS)} if a["name"] == "members" else {**a, "uniqueness": "server"}
        for a in source["attributes"]
    ]


def _subs(attribute: dict[str, Any]) -> list[str]:
    return [sub["name"] for sub in attribute["subAttributes"]]


def _cut(attribute: dict[str, Any], names: Iterable[str]) -> list[dict[str, Any]]:
    kept = frozenset(names)
    return [dict(sub) for sub in attribute["subAttributes"] if sub["name"] in kept]
