from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockservices.clock import Millis
from mockservices.scim.bodies import read_group, read_json, read_user
from mockservices.scim.codec import (
    attributes_from_json,
    attributes_to_json,
    operations_from_json,
    operations_to_json,
    value_from_json,
)
from mockservices.scim.dialects import (
    decode_group,
    decode_user,
    encode_group,
    encode_patch,
    encode_user,
)
from mockservices.scim.operations import (
    ENTERPRISE,
    MULTI_VALUED,
    AddMembers,
    Entry,
    Operation,
    Path,
    RemoveAttribute,
    RemoveMembers,
    Scalar,
    SetAttribute,
    Value,
    merged,
)
from mockservices.scim.patch import group_operations, user_operations
from mockservices.scim.profiles import AWS
from mockservices.scim.records import Group, User
from mockservices.scim.resources import group_resource, to_bytes, user_resource
from mockservices.testing import make_services

LENIENT = replace(AWS, single_pathless=False)
"""AWS without the one rule that refuses what the compliant dialect writes."""

SIMPLE = sorted(AWS.supported - MULTI_VALUED)
PARTS = {name: sorted(p.partition(".")[2] for p in AWS.parts if p.startswith(f"{name}.")) for name in MULTI_VALUED}

words = st.text(min_size=1, max_size=12)
dialects = st.sampled_from(["legacy", "compliant"])


def part_values(sub: str) -> st.SearchStrategy[Scalar]:
    """What a sub-attribute can hold."""
    return st.booleans() if sub == "primary" else words


@st.composite
def entries(draw: st.DrawFn, name: str, kind: str | None = None) -> Entry:
    subs = draw(st.lists(st.sampled_from(PARTS[name]), min_size=1, unique=True))
    fields: dict[str, Scalar] = {sub: draw(part_values(sub)) for sub in subs}
    if kind is not None:
        fields["type"] = kind
    return tuple(sorted(fields.items()))


@st.composite
def settings_of_users(draw: st.DrawFn) -> Operation:
    if draw(st.booleans()):
        return SetAttribute(Path(draw(st.sampled_from(SIMPLE))), draw(words))
    if draw(st.booleans()):
        return SetAttribute(Path("active"), draw(st.booleans()))
    name = draw(st.sampled_from(sorted(MULTI_VALUED)))
    if draw(st.booleans()):
        return SetAttribute(Path(name), tuple(draw(st.lists(entries(name), min_size=1, max_size=2))))
    kind = draw(words)
    if draw(st.booleans()):
        return SetAttribute(Path(name, kind), (draw(entries(name, kind)),))
    sub = draw(st.sampled_from(PARTS[name]))
    return SetAttribute(Path(name, kind, sub), draw(part_values(sub)))


@st.composite
def removals_of_users(draw: st.DrawFn) -> Operation:
    name = draw(st.sampled_from([*SIMPLE, *sorted(MULTI_VALUED)]))
    if name not in MULTI_VALUED or draw(st.booleans()):
        return RemoveAttribute(Path(name))
    sub = draw(st.one_of(st.none(), st.sampled_from(PARTS[name])))
    return RemoveAttribute(Path(name, draw(words), sub))


ids = st.lists(words, min_size=1, max_size=3).map(tuple)
user_patches: st.SearchStrategy[list[Operation]] = st.lists(
    st.one_of(settings_of_users(), removals_of_users()), min_size=1, max_size=6
)
group_patches: st.SearchStrategy[list[Operation]] = st.lists(
    st.one_of(
        st.builds(SetAttribute, st.sampled_from([Path("displayName"), Path("externalId")]), words),
        st.builds(AddMembers, ids),
        st.builds(RemoveMembers, ids),
    ),
    min_size=1,
    max_size=6,
)
users = st.builds(
    lambda simple, several: {"userName": "u", **simple, **several},
    st.dictionaries(st.sampled_from(SIMPLE), words),
    st.fixed_dictionaries(
        {}, optional={name: st.lists(entries(name), min_size=1, max_size=2).map(tuple) for name in MULTI_VALUED}
    ),
)


def over_the_wire(body: object) -> dict[str, Any]:
    return read_json(json.dumps(body).encode())


@given(operations=user_patches, dialect=dialects, data=st.data())
def test_a_user_patch_says_the_same_once_written_and_read_in_either_dialect(
    operations: list[Operation], dialect: Any, data: st.DataObject
) -> None:
    paths = [str(o.path) for o in operations if isinstance(o, SetAttribute)]
    added = data.draw(st.sets(st.sampled_from(paths))) if paths else ()
    body = encode_patch(operations, dialect, added)
    assert user_operations(over_the_wire(body), LENIENT) == tuple(operations)


@given(operations=group_patches, dialect=dialects)
def test_a_group_patch_says_the_same_once_written_and_read_in_either_dialect(
    operations: list[Operation], dialect: Any
) -> None:
    body = encode_patch(operations, dialect)
    assert group_operations(over_the_wire(body), LENIENT) == merged(operations)


@given(operations=user_patches)
def test_aws_takes_the_legacy_dialect_whatever_it_says(operations: list[Operation]) -> None:
    assert user_operations(over_the_wire(encode_patch(operations, "legacy")), AWS) == tuple(operations)


@given(attributes=users, active=st.booleans())
def test_a_created_user_is_read_as_it_was_written(attributes: dict[str, Value], active: bool) -> None:
    body = read_user(over_the_wire(encode_user(attributes, active)), AWS)
    assert (body.attributes, body.active) == (attributes, active)


@given(attributes=users, active=st.booleans())
def test_an_answered_user_is_decoded_to_what_the_core_holds(attributes: dict[str, Value], active: bool) -> None:
    user = User(0, "id-of-u", attributes, Millis(0))
    user.active = active
    answer = json.loads(to_bytes(user_resource(user, make_services().clock)))
    assert decode_user(answer) == ("id-of-u", attributes, active)


@given(attributes=st.fixed_dictionaries({"displayName": words}, optional={"externalId": words}))
def test_a_group_is_read_and_decoded_as_it_was_written(attributes: dict[str, Value]) -> None:
    assert read_group(over_the_wire(encode_group(attributes))).attributes == attributes
    answer = json.loads(to_bytes(group_resource(Group(0, "id-of-g", attributes, Millis(0)), make_services().clock)))
    assert decode_group(answer) == ("id-of-g", attributes)


@given(of_user=user_patches, of_group=group_patches)
def test_operations_survive_being_kept_as_json(of_user: list[Operation], of_group: list[Operation]) -> None:
    operations = [*of_user, *of_group]
    kept = json.loads(json.dumps(operations_to_json(operations)))
    assert operations_from_json(kept) == tuple(operations)


@given(attributes=users)
def test_attributes_survive_being_kept_as_json(attributes: dict[str, Value]) -> None:
    assert attributes_from_json(json.loads(json.dumps(attributes_to_json(attributes)))) == attributes


def test_nothing_but_values_and_operations_is_read_back() -> None:
    with pytest.raises(TypeError):
        value_from_json(7)
    with pytest.raises(ValueError, match="no such operation"):
        operations_from_json([{"do": "dance"}])


def test_in_the_legacy_dialect_every_attribute_has_its_own_capitalised_operation() -> None:
    operations: list[Operation] = [
        SetAttribute(Path("title"), "Lead"),
        SetAttribute(Path("active"), False),
        SetAttribute(Path(f"{ENTERPRISE}:manager"), "m1"),
        RemoveAttribute(Path("nickName")),
    ]
    assert encode_patch(operations, "legacy", {"title"})["Operations"] == [
        {"op": "Add", "path": "title", "value": "Lead"},
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "Replace", "path": "manager", "value": [{"$ref": "/Users/m1", "value": "m1"}]},
        {"op": "Remove", "path": "nickName"},
    ]


def test_in_the_compliant_dialect_neighbouring_simple_attributes_share_one_operation() -> None:
    operations = [
        SetAttribute(Path("title"), "Lead"),
        SetAttribute(Path("active"), False),
        SetAttribute(Path("emails", "work", "value"), "a@x.example"),
        SetAttribute(Path("locale"), "en"),
        SetAttribute(Path("nickName"), "An"),
    ]
    assert encode_patch(operations, "compliant", {"nickName"})["Operations"] == [
        {"op": "replace", "value": {"title": "Lead", "active": False}},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "a@x.example"},
        {"op": "replace", "path": "locale", "value": "en"},
        {"op": "add", "path": "nickName", "value": "An"},
    ]
