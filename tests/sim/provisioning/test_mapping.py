"""Mappings: what is applied agrees, what differs is named, and nulls do not flow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockservices.graph.source_attributes import USER_ATTRIBUTES
from mockservices.scim.operations import ENTERPRISE, Path, SetAttribute, Value, value_at, with_value
from sim.ports import SourceValue
from sim.provisioning.attributes import USER_TARGETS
from sim.provisioning.mapping import (
    GROUP_MAPPINGS,
    MINIMAL_USER_MAPPINGS,
    USER_MAPPINGS,
    AttributeMap,
    AttributeMapping,
)

TEXT = st.text(min_size=1, max_size=4)
DIRECT = {m.source: m.target for m in USER_MAPPINGS if m.source and m.source not in ("manager", "telephoneNumber")}
GRAPH = {name: USER_ATTRIBUTES[name].property for name in DIRECT}
PHONES = st.just(()) | st.tuples(TEXT) | st.tuples(TEXT, TEXT)
SOURCES = st.fixed_dictionaries(
    {}, optional={**dict.fromkeys(GRAPH.values(), st.none() | TEXT), "businessPhones": st.none() | PHONES}
)
USER_MAP = AttributeMap(USER_MAPPINGS)
PHONE = Path("phoneNumbers", "work", "value")


def says(source: dict[str, SourceValue]) -> dict[Path, str]:
    """What the default rows say about a source, worked out one by one without anything compiled."""
    said = {DIRECT[name]: str(source[graph]) for name, graph in GRAPH.items() if source.get(graph) is not None}
    phones = source.get("businessPhones")
    if isinstance(phones, tuple) and phones:
        said[PHONE] = phones[0]
    names = [str(source[name]) for name in ("givenName", "surname") if source.get(name)]
    said[Path("name.formatted")] = " ".join(names)
    return said


def differ(value: str, held: Value | None, *, exact: bool) -> bool:
    return value != held and (exact or not isinstance(held, str) or value.casefold() != held.casefold())


def direct(source: str, target: str, **more: Any) -> AttributeMapping:
    return AttributeMapping(source, USER_TARGETS[target].path, **more)


# --- everything, whatever the source -------------------------------------------------------------------------


@given(SOURCES)
def test_an_object_made_from_a_source_does_not_differ_from_it(source: dict[str, SourceValue]) -> None:
    assert USER_MAP.differences(source, USER_MAP.apply(source)) == ()
    assert USER_MAP.count_differences(source, USER_MAP.apply(source)) == 0


@given(SOURCES)
def test_a_new_object_gets_each_value_that_is_not_null(source: dict[str, SourceValue]) -> None:
    made = USER_MAP.apply(source)
    assert {path: value_at(made, path) for path in says(source)} == says(source)
    entries = {attribute: value for attribute, value in made.items() if isinstance(value, tuple)}
    expected: dict[str, Value] = {}
    for mapping in USER_MAPPINGS:
        if mapping.target.type is not None and mapping.target in says(source):
            attribute = mapping.target.attribute
            expected[attribute] = with_value(expected.get(attribute), mapping.target, says(source)[mapping.target])
    assert entries == expected


@given(SOURCES, SOURCES)
def test_every_difference_is_found(source: dict[str, SourceValue], other: dict[str, SourceValue]) -> None:
    target = USER_MAP.apply(other)
    operations = USER_MAP.differences(source, target)
    exact = {mapping.target: mapping.case_exact for mapping in USER_MAPPINGS}
    assert {operation.path: operation.value for operation in operations} == {
        path: value for path, value in says(source).items() if differ(value, value_at(target, path), exact=exact[path])
    }
    assert USER_MAP.count_differences(source, target) == len(operations)


@given(SOURCES, SOURCES)
def test_null_never_makes_an_operation(source: dict[str, SourceValue], other: dict[str, SourceValue]) -> None:
    nulls = [DIRECT[name] for name, graph in GRAPH.items() if source.get(graph) is None]
    touched = {operation.path for operation in USER_MAP.differences(source, USER_MAP.apply(other))}
    assert touched.isdisjoint(nulls)


# --- the default mappings ------------------------------------------------------------------------------------


def test_default_mapping_has_the_25_attributes_of_the_aws_application() -> None:
    """userName, active, displayName, title, e-mail, language, 3 names, 6 parts of the address, phone, externalId,
    locale, timezone, 5 of the enterprise extension and the manager: 7 + 2 + 6 + 1 + 1 + 2 + 5 + 1 = 25."""
    assert len(USER_MAPPINGS) == 25
    assert len({mapping.target for mapping in USER_MAPPINGS}) == 25
    assert [str(m.target).rpartition(":")[2] for m in USER_MAPPINGS if m.unmapped] == [
        "locale", "timezone", "division", "costCenter", "organization",
    ]  # fmt: skip
    assert {mapping.basis for mapping in USER_MAPPINGS} == {"D", "E", "I"}
    assert [str(m.target) for m in USER_MAPPINGS if m.match] == ["userName"]


def test_minimal_mapping_is_that_of_every_scim_application() -> None:
    assert [str(mapping.target) for mapping in MINIMAL_USER_MAPPINGS] == [
        "userName", "active", "displayName", 'emails[type eq "work"].value', "name.givenName", "name.familyName",
        "externalId",
    ]  # fmt: skip


def test_names_of_the_schema_are_read_from_graphs_properties() -> None:
    """TelephoneNumber is the first of businessPhones, physicalDeliveryOfficeName is officeLocation."""
    assert {"businessPhones", "officeLocation"} <= set(USER_MAP.properties)
    made = USER_MAP.apply({"businessPhones": ("+1 5", "+1 6"), "officeLocation": "B 12", "givenName": "A"})
    assert made["phoneNumbers"] == ((("type", "work"), ("value", "+1 5")),)
    assert made["addresses"] == ((("formatted", "B 12"), ("type", "work")),)


def test_manager_is_a_reference_and_no_value() -> None:
    assert [mapping.source for mapping in USER_MAP.references] == ["manager"]
    assert "manager" not in USER_MAP.properties
    assert f"{ENTERPRISE}:manager" not in USER_MAP.apply({"manager": "x", "givenName": "A"})


def test_a_group_is_mapped_with_its_id() -> None:
    group_map = AttributeMap(GROUP_MAPPINGS)
    assert group_map.apply({"displayName": "A", "id": "1"}) == {"displayName": "A", "externalId": "1"}
    assert [mapping.source for mapping in group_map.references] == ["members"]
    assert group_map.properties == ("displayName",)


# --- active --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("expression", [None, "Not([IsSoftDeleted])"])
def test_active_is_the_opposite_of_soft_deleted(expression: str | None) -> None:
    rows = USER_MAPPINGS if expression is None else (AttributeMapping(None, Path("active"), expression=expression),)
    mapping = AttributeMap(rows)
    assert mapping.switches_active
    assert (mapping.active(soft_deleted=True), mapping.active(soft_deleted=False)) == (False, True)


def test_without_a_row_for_active_it_is_left_alone() -> None:
    for rows in ((), (AttributeMapping(None, Path("active")),)):
        mapping = AttributeMap(rows)
        assert not mapping.switches_active
        assert mapping.active(soft_deleted=True) is None


def test_active_is_among_neither_attributes_nor_differences() -> None:
    assert "active" not in USER_MAP.apply({"givenName": "A"})
    assert not [o for o in USER_MAP.differences({"givenName": "A"}, {}) if o.path == Path("active")]


# --- matching ------------------------------------------------------------------------------------------------


def test_objects_are_looked_up_in_the_order_of_precedence_and_by_what_they_have() -> None:
    mapping = AttributeMap(
        (direct("mailNickname", "externalId", match=2), direct("userPrincipalName", "userName", match=1))
    )
    assert mapping.matching({"userPrincipalName": "a@x", "mailNickname": "a"}) == (
        ("userName", "a@x"),
        ("externalId", "a"),
    )
    assert mapping.matching({"userPrincipalName": None, "mailNickname": "a"}) == (("externalId", "a"),)
    assert mapping.matching({}) == ()


# --- when and what -------------------------------------------------------------------------------------------


def test_row_for_creation_only_is_never_an_update() -> None:
    mapping = AttributeMap((direct("jobTitle", "title", apply="on_create"),))
    assert mapping.apply({"jobTitle": "Lead"}) == {"title": "Lead"}
    assert mapping.differences({"jobTitle": "Head"}, {"title": "Lead"}) == ()


def test_default_stands_for_null_on_creation_only() -> None:
    mapping = AttributeMap((direct("jobTitle", "title", default="Staff"),))
    assert mapping.apply({}) == mapping.apply({"jobTitle": None}) == {"title": "Staff"}
    assert mapping.apply({"jobTitle": "Lead"}) == {"title": "Lead"}
    assert mapping.differences({"jobTitle": None}, {}) == ()
    assert mapping.differences({}, {"title": "Lead"}) == ()


def test_without_a_source_the_target_is_left_alone_and_filled_while_it_is_empty() -> None:
    alone = AttributeMap((AttributeMapping(None, Path("locale")),))
    assert alone.apply({}) == {}
    assert alone.differences({}, {"locale": "xx"}) == ()
    filling = AttributeMap((AttributeMapping(None, Path("locale"), default="en-GB"),))
    assert filling.apply({}) == {"locale": "en-GB"}
    assert filling.differences({}, {"locale": "xx"}) == ()
    assert filling.differences({}, {}) == (SetAttribute(Path("locale"), "en-GB"),)


def test_constant_is_the_same_for_everybody() -> None:
    mapping = AttributeMap((AttributeMapping(None, Path("userType"), constant="Member"),))
    assert mapping.apply({}) == {"userType": "Member"}
    assert mapping.differences({}, {"userType": "Guest"}) == (SetAttribute(Path("userType"), "Member"),)


def test_an_expression_may_take_an_attribute_out_of_the_flow() -> None:
    row = AttributeMapping(None, Path("title"), expression="IgnoreFlowIfNullOrEmpty([jobTitle])", default="Staff")
    mapping = AttributeMap((row,))
    assert mapping.apply({"jobTitle": None}) == {}
    assert mapping.differences({"jobTitle": None}, {"title": "Lead"}) == ()
    assert mapping.apply({"jobTitle": "Lead"}) == {"title": "Lead"}


def test_letter_case_counts_where_the_schema_says_so() -> None:
    source: dict[str, SourceValue] = {"department": "SALES"}
    path = f"{ENTERPRISE}:department"
    folded, exact = (
        AttributeMap((direct("department", path),)),
        AttributeMap((direct("department", path, case_exact=True),)),
    )
    assert folded.differences(source, {path: "Sales"}) == ()
    assert [o.value for o in exact.differences(source, {path: "Sales"})] == ["SALES"]
    assert folded.apply(source) == {path: "SALES"}


def test_two_phones_are_two_entries_of_one_list() -> None:
    """As many as AWS refuses: its lists hold one entry."""
    mapping = AttributeMap(
        (direct("telephoneNumber", str(PHONE)), direct("mobile", 'phoneNumbers[type eq "mobile"].value'))
    )
    made = mapping.apply({"businessPhones": ("1",), "mobilePhone": "2"})
    assert made["phoneNumbers"] == ((("type", "work"), ("value", "1")), (("type", "mobile"), ("value", "2")))


def test_another_entry_beside_the_mapped_one_is_no_difference() -> None:
    source: dict[str, SourceValue] = {"userPrincipalName": "a", "mail": "a@x.example", "givenName": "A"}
    target = USER_MAP.apply(source)
    target["emails"] = with_value(target["emails"], Path("emails", "home", "value"), "b@x.example")
    assert USER_MAP.differences(source, target) == ()


def test_a_single_mapping_is_a_map_too() -> None:
    only = AttributeMap((AttributeMapping("displayName", Path("displayName")),))
    assert only.apply({"displayName": "A"}) == {"displayName": "A"}
    assert only.apply({}) == {}
    assert [o.value for o in only.differences({"displayName": "A"}, {"displayName": "B"})] == ["A"]


# --- what no column holds, and other rules -------------------------------------------------------------------


@dataclass
class Account:
    id: str
    enabled: bool = True
    attributes: dict[str, SourceValue] = field(default_factory=dict)


def test_object_id_can_be_mapped_as_the_usual_hardening_does() -> None:
    mapping = AttributeMap((direct("objectId", "externalId"),))
    assert (mapping.properties, mapping.columns) == ((), frozenset({"id"}))
    assert mapping.apply(mapping.seen(Account("1", attributes={"givenName": "A"}))) == {"externalId": "1"}


def test_an_account_is_seen_as_it_is_where_nothing_else_is_mapped() -> None:
    account = Account("1", attributes={"givenName": "A"})
    assert USER_MAP.seen(account) is account.attributes


def test_a_map_that_is_replaced_maps_otherwise_for_everybody_who_holds_it() -> None:
    mapping = AttributeMap((direct("jobTitle", "title"),))
    assert mapping.apply({"jobTitle": "A", "department": "B"}) == {"title": "A"}
    mapping.replace((direct("department", "title"),))
    assert mapping.apply({"jobTitle": "A", "department": "B"}) == {"title": "B"}
    assert (mapping.revision, mapping.properties) == (1, ("department",))
