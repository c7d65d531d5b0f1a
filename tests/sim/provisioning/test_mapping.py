"""Mappings: what is applied agrees, what differs is named, and neither depends on how it is found out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mockservices.scim.operations import Path, Value, value_at, with_value
from sim.ports import SourceValue
from sim.provisioning.mapping import GROUP_MAPPINGS, USER_MAPPINGS, AttributeMap, AttributeMapping

TEXT = st.text(min_size=1, max_size=4)
SOURCES = st.dictionaries(st.sampled_from([m.source for m in USER_MAPPINGS]), st.none() | TEXT)
USER_MAP = AttributeMap(USER_MAPPINGS)


def one_by_one(source: dict[str, SourceValue], target: dict[str, Value]) -> dict[Path, str]:
    """The differences as the mappings say it, one after the other."""
    found = {}
    for mapping in USER_MAPPINGS:
        value = source.get(mapping.source)
        if value is not None and value_at(target, mapping.target) != value:
            found[mapping.target] = str(value)
    return found


@given(SOURCES)
def test_an_object_made_from_a_source_does_not_differ_from_it(source: dict[str, SourceValue]) -> None:
    assert USER_MAP.differences(source, USER_MAP.apply(source)) == ()


@given(SOURCES)
def test_a_new_object_gets_each_value_that_is_not_null(source: dict[str, SourceValue]) -> None:
    expected: dict[str, Value] = {}
    for mapping in USER_MAPPINGS:
        value = source.get(mapping.source)
        if value is not None:
            attribute = mapping.target.attribute
            expected[attribute] = with_value(expected.get(attribute), mapping.target, str(value))
    assert USER_MAP.apply(source) == expected


@given(SOURCES, SOURCES)
def test_every_difference_is_found(source: dict[str, SourceValue], other: dict[str, SourceValue]) -> None:
    target = USER_MAP.apply(other)
    operations = USER_MAP.differences(source, target)
    assert {operation.path: operation.value for operation in operations} == one_by_one(source, target)


def test_another_entry_beside_the_mapped_one_is_no_difference() -> None:
    source: dict[str, SourceValue] = {"userPrincipalName": "a", "mail": "a@x.example"}
    target = USER_MAP.apply(source)
    target["emails"] = with_value(target["emails"], Path("emails", "home", "value"), "b@x.example")
    assert USER_MAP.differences(source, target) == ()


def test_a_single_mapping_is_a_map_too() -> None:
    only = AttributeMap((AttributeMapping("displayName", Path("displayName")),))
    assert only.apply({"displayName": "A"}) == {"displayName": "A"}
    assert only.apply({}) == {}
    assert [o.value for o in only.differences({"displayName": "A"}, {"displayName": "B"})] == ["A"]


def test_a_group_is_mapped_with_its_id() -> None:
    wanted = AttributeMap(GROUP_MAPPINGS).apply({"displayName": "A", "id": "1"})
    assert wanted == {"displayName": "A", "externalId": "1"}
