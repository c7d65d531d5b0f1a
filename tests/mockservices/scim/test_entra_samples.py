"""Bodies as Entra sends them, with values of our own. Their shapes are documented in
https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups and
.../application-provisioning-config-problem-scim-compatibility; removals of members as captured in
https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/167."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path as File
from typing import Any

import pytest

from mockservices.scim.bodies import read_group, read_json, read_user
from mockservices.scim.dialects import encode_group, encode_patch, encode_user
from mockservices.scim.errors import PATHLESS, ScimError
from mockservices.scim.operations import (
    ENTERPRISE,
    AddMembers,
    Operation,
    Path,
    RemoveMembers,
    SetAttribute,
)
from mockservices.scim.patch import group_operations, user_operations
from mockservices.scim.profiles import AWS

SAMPLES = File(__file__).parents[2] / "samples" / "entra"
LENIENT = replace(AWS, single_pathless=False)

FIRST, SECOND = "3e6a1b52-7d0c-4a6f-b1de-58c2f9a0d714", "c1f7094d-2b88-4e35-9a60-7f4be2d5a839"
RENAMED: tuple[Operation, ...] = (
    SetAttribute(Path("emails", "work", "value"), "nadia.nowak@fabrikam.example"),
    SetAttribute(Path("name.familyName"), "Nowak"),
    SetAttribute(Path("title"), "Senior Analyst"),
    SetAttribute(Path(f"{ENTERPRISE}:department"), "Audit"),
)
USER_PATCHES: dict[str, tuple[Operation, ...]] = {
    "update-user-legacy": RENAMED,
    "update-user-compliant": RENAMED,
    "disable-user-legacy": (SetAttribute(Path("active"), False),),
    "disable-user-compliant": (SetAttribute(Path("active"), False),),
    "enable-user-legacy": (SetAttribute(Path("active"), True),),
    "set-manager": (SetAttribute(Path(f"{ENTERPRISE}:manager"), "90d2c8a4-1c55-4c0e-8a3b-2f6d7e1b9c05"),),
}
GROUP_PATCHES: dict[str, tuple[Operation, ...]] = {
    "add-members": (AddMembers((FIRST, SECOND)),),
    "remove-member-legacy": (RemoveMembers((FIRST,)),),
    "remove-member-legacy-with-ref": (RemoveMembers((FIRST,)),),
    "remove-member-compliant": (RemoveMembers((FIRST,)),),
    "rename-group": (SetAttribute(Path("displayName"), "GRP-AWS-Audit"),),
}


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.json").read_bytes()


def written(name: str) -> Any:
    return json.loads(sample(name))


def test_every_sample_is_read_by_a_test() -> None:
    names = {file.stem for file in SAMPLES.glob("*.json")}
    assert names == {*USER_PATCHES, *GROUP_PATCHES, "create-user", "create-group"}


@pytest.mark.parametrize("name", USER_PATCHES)
def test_a_patch_of_a_user_means_the_same_in_both_dialects(name: str) -> None:
    assert user_operations(read_json(sample(name)), LENIENT) == USER_PATCHES[name]


@pytest.mark.parametrize("name", GROUP_PATCHES)
def test_a_patch_of_a_group_means_the_same_in_both_dialects(name: str) -> None:
    assert group_operations(read_json(sample(name)), AWS) == GROUP_PATCHES[name]


def test_aws_refuses_what_the_compliant_dialect_sends_for_several_attributes() -> None:
    with pytest.raises(ScimError) as refused:
        user_operations(read_json(sample("update-user-compliant")), AWS)
    assert (refused.value.message, refused.value.reason) == (PATHLESS, PATHLESS)


@pytest.mark.parametrize(
    ("name", "dialect"),
    [
        ("update-user-legacy", "legacy"),
        ("update-user-compliant", "compliant"),
        ("disable-user-legacy", "legacy"),
        ("disable-user-compliant", "compliant"),
        ("enable-user-legacy", "legacy"),
        ("add-members", "legacy"),
        ("remove-member-legacy", "legacy"),
        ("remove-member-compliant", "compliant"),
        ("rename-group", "legacy"),
    ],
)
def test_our_entra_writes_what_entra_writes(name: str, dialect: Any) -> None:
    operations = {**USER_PATCHES, **GROUP_PATCHES}[name]
    added = {"title"} if dialect == "legacy" else ()
    assert encode_patch(operations, dialect, added) == written(name)


def test_a_manager_is_referred_to_by_address_and_id() -> None:
    operations = USER_PATCHES["set-manager"]
    manager = {f"{ENTERPRISE}:manager"}
    assert encode_patch(operations, "legacy", manager, "http://127.0.0.1:8082/scim/v2") == written("set-manager")


def test_a_created_user_is_read_with_nulls_and_empty_lists_left_out() -> None:
    body = read_user(read_json(sample("create-user")), AWS)
    assert body.active is True
    assert body.attributes == {
        "externalId": "nkowalski",
        "userName": "nadia.kowalski@fabrikam.example",
        "addresses": ((("country", "PL"), ("locality", "Gdynia"), ("type", "work")),),
        "displayName": "Nadia Kowalski",
        "emails": ((("primary", True), ("type", "work"), ("value", "nadia.kowalski@fabrikam.example")),),
        "name.formatted": "Nadia Kowalski",
        "name.familyName": "Kowalski",
        "name.givenName": "Nadia",
        "title": "Analyst",
        f"{ENTERPRISE}:employeeNumber": "20317",
        f"{ENTERPRISE}:department": "Treasury",
    }


def test_our_entra_creates_users_with_the_keys_that_entra_sends() -> None:
    read = read_user(read_json(sample("create-user")), AWS)
    body = encode_user(read.attributes, True)
    entra = written("create-user")
    del entra["preferredLanguage"], entra["addresses"][0]["formatted"]  # unmapped members, null in older traffic
    assert body == entra


def test_a_created_group_is_read_and_written_as_entra_sends_it() -> None:
    body = read_group(read_json(sample("create-group")))
    assert body.attributes == {
        "externalId": "b7d5f8c4-6f0e-4f4e-9d2a-1f7c7e3a5b21",
        "displayName": "GRP-AWS-Treasury",
    }
    assert body.members == ()
    assert encode_group(body.attributes) == written("create-group")
