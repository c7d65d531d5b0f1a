"""Graph's ``synchronizationSchema`` read back into a job's rules.

Invariant: whatever comes out can be carried out; what cannot is refused with the name of what is wrong.
https://learn.microsoft.com/graph/api/synchronization-synchronizationschema-update
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from mockservices.graph.errors import bad_request, invalid, missing, not_implemented
from mockservices.graph.jobs import RULE_ID, SOURCE_DIRECTORY, TARGET_DIRECTORY
from mockservices.graph.source_attributes import REFERENCE, SourceAttribute
from sim.provisioning.attribute_mapping import AttributeMapping
from sim.provisioning.attributes import TargetAttribute, target_attribute
from sim.provisioning.expressions import ExpressionSyntaxError, compile_expression
from sim.provisioning.job_schema import FLOWS, KINDS, URN, Json
from sim.provisioning.mapping_source import not_valid, source_of
from sim.provisioning.rules import ACTIONS, ObjectRules, Rules
from sim.provisioning.source_scope import read_filters

_APPLIED: Final = {flow: apply for apply, flow in FLOWS.items()}
_OTHER_FLOWS: Final = {"MultiValueAddOnly", "ValueAddOnly", "AttributeAddOnly"}


def read_schema(body: Mapping[str, Any], before: Rules) -> Rules:
    """The rules in the body of a PUT; 400 that names what is wrong, 501 for what this service does not do.

    ``before``: whose definitions of attributes stay, where the body holds none.
    """
    rules = _items(body, "synchronizationRules", "synchronizationSchema")
    if len(rules) != 1 or rules[0].get("id", RULE_ID) != RULE_ID:
        raise bad_request(f"The schema has one synchronization rule, '{RULE_ID}'; rules cannot be added or removed.")
    exact = _case_exact(body, before)
    found: dict[str, ObjectRules] = {}
    for mapping in _items(rules[0], "objectMappings", "synchronizationRule"):
        kind = mapping.get("sourceObjectName")
        if kind not in KINDS or mapping.get("targetObjectName") != f"{URN}{kind}" or kind in found:
            raise invalid("sourceObjectName", "objectMapping")
        found[kind] = _object_rules(str(kind), mapping, exact.get(str(kind), {}))
    for kind in KINDS:
        if kind not in found:
            raise bad_request(
                f"The object mapping from '{kind}' to '{URN}{kind}' is missing; set 'enabled' to false instead."
            )
    return Rules(found["User"], found["Group"])


def _items(body: Mapping[str, Any], name: str, kind: str) -> list[Json]:
    items = body.get(name)
    if items is None:
        raise missing(name, kind)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise invalid(name, kind)
    return items


def _object_rules(kind: str, body: Json, exact: Mapping[str, bool]) -> ObjectRules:
    enabled, flows = body.get("enabled", True), body.get("flowTypes", ",".join(ACTIONS))
    if not isinstance(enabled, bool):
        raise invalid("enabled", "objectMapping")
    named = {part.strip() for part in flows.split(",")} - {"None", ""} if isinstance(flows, str) else {"?"}
    if not named <= set(ACTIONS):
        raise invalid("flowTypes", "objectMapping")
    sources, targets = KINDS[kind]
    rows: list[AttributeMapping] = []
    for row in _items(body, "attributeMappings", "objectMapping"):
        mapping = _read_mapping(row, sources, targets, exact)
        if mapping.target in [each.target for each in rows]:
            raise bad_request(f"The attribute '{mapping.target}' of '{URN}{kind}' is mapped more than once.")
        rows.append(mapping)
    if not any(row.match for row in rows):
        raise bad_request(
            f"The object mapping from '{kind}' needs at least one attribute mapping with a matchingPriority above 0."
        )
    actions = tuple(action for action in ACTIONS if action in named)
    return ObjectRules(tuple(rows), enabled, actions, read_filters(body.get("scope"), sources))


def _read_mapping(
    row: Json,
    sources: Mapping[str, SourceAttribute],
    targets: Mapping[str, TargetAttribute],
    exact: Mapping[str, bool],
) -> AttributeMapping:
    name = row.get("targetAttributeName")
    if not isinstance(name, str):
        raise missing("targetAttributeName", "attributeMapping")
    target = target_attribute(targets, name)
    if target is None:
        raise bad_request(f"The attribute '{name}' does not exist in the directory '{TARGET_DIRECTORY}'.")
    if row.get("flowBehavior", "FlowWhenChanged") != "FlowWhenChanged":
        if row["flowBehavior"] == "FlowAlways":
            raise not_implemented("This service knows the flowBehavior 'FlowWhenChanged' only.")
        raise invalid("flowBehavior", "attributeMapping")
    flow = row.get("flowType", "Always")
    if flow in _OTHER_FLOWS:
        raise not_implemented("This service knows the flowTypes 'Always' and 'ObjectAddOnly' only.")
    if flow not in _APPLIED:
        raise invalid("flowType", "attributeMapping")
    match, default = row.get("matchingPriority", 0), row.get("defaultValue")
    if type(match) is not int or match < 0:
        raise invalid("matchingPriority", "attributeMapping")
    if not isinstance(default, str | None):
        raise invalid("defaultValue", "attributeMapping")
    source, constant, expression = source_of(row.get("source"), name)
    mapping = AttributeMapping(
        source,
        target.path,
        constant=constant,
        expression=expression,
        match=match,
        apply=_APPLIED[flow],
        default=default or None,
        case_exact=exact.get(name, target.case_exact),
    )
    _check_mapping(mapping, target, sources)
    return mapping


def _check_mapping(mapping: AttributeMapping, target: TargetAttribute, sources: Mapping[str, SourceAttribute]) -> None:
    name = str(mapping.target)
    if mapping.match and (not target.findable or mapping.unmapped):
        raise bad_request(
            f"The target system cannot be queried by the attribute '{name}'; it cannot be a matching one."
        )
    read: Sequence[str] = () if mapping.source is None else (mapping.source,)
    if mapping.expression is not None:
        try:
            read = compile_expression(mapping.expression).properties
        except ExpressionSyntaxError as error:
            raise not_valid(name, error) from None
    for attribute in read:
        if attribute not in sources:
            raise bad_request(f"The attribute '{attribute}' does not exist in the directory '{SOURCE_DIRECTORY}'.")
    references = [attribute for attribute in read if sources[attribute].type == REFERENCE]
    if target.type == REFERENCE and not mapping.unmapped and mapping.source != name.rpartition(":")[2]:
        raise bad_request(f"The attribute '{name}' is a reference and has to be mapped from one of the same kind.")
    if target.type != REFERENCE and references:
        raise bad_request(f"The attribute '{references[0]}' is a reference and cannot be mapped to '{name}'.")


def _case_exact(body: Mapping[str, Any], before: Rules) -> dict[str, dict[str, bool]]:
    """``caseExact`` of the target's attributes, by kind; everything else about a directory cannot be changed."""
    kinds = (("User", before.users), ("Group", before.groups))
    found = {kind: {str(m.target): m.case_exact for m in rules.mappings} for kind, rules in kinds}
    if body.get("directories") is None:
        return found
    for directory in _items(body, "directories", "synchronizationSchema"):
        name = directory.get("name")
        if name not in (SOURCE_DIRECTORY, TARGET_DIRECTORY):
            raise invalid("name", "directoryDefinition")
        for described in _items(directory, "objects", "directoryDefinition"):
            kind = str(described.get("name")).removeprefix(URN)
            if kind not in KINDS:
                raise invalid("name", "objectDefinition")
            for attribute in _items(described, "attributes", "objectDefinition"):
                _check_definition(attribute, kind, name == TARGET_DIRECTORY, found[kind])
    return found


def _check_definition(attribute: Json, kind: str, of_target: bool, exact: dict[str, bool]) -> None:
    name = attribute.get("name")
    sources, targets = KINDS[kind]
    known = target_attribute(targets, str(name)) if of_target else sources.get(str(name))
    if known is None:
        directory = TARGET_DIRECTORY if of_target else SOURCE_DIRECTORY
        raise bad_request(f"The attribute '{name}' does not exist in the directory '{directory}' and cannot be added.")
    if not of_target:
        return
    value = attribute.get("caseExact", False)
    if not isinstance(value, bool):
        raise invalid("caseExact", "attributeDefinition")
    exact[str(name)] = value
