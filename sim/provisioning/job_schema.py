"""A job's rules as Graph's ``synchronizationSchema``, there and back.

Invariant: what is written and read again is equal, and writing it again gives the same bytes. What cannot be carried
out is refused with the name of what is wrong.
https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationschema
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

from mockservices.graph.errors import bad_request, invalid, missing, not_implemented
from mockservices.graph.jobs import RULE_ID, SOURCE_DIRECTORY, TARGET_DIRECTORY, rule_resource
from mockservices.graph.source_attributes import GROUP_ATTRIBUTES, REFERENCE, USER_ATTRIBUTES, SourceAttribute
from sim.provisioning.attribute_mapping import ALWAYS, ON_CREATE, AttributeMapping
from sim.provisioning.attributes import FLAG, GROUP_TARGETS, USER_TARGETS, TargetAttribute, target_attribute
from sim.provisioning.expressions import ExpressionSyntaxError, compile_expression
from sim.provisioning.mapping_source import source_json, source_of
from sim.provisioning.rules import ACTIONS, ObjectRules, Rules
from sim.provisioning.scope_json import check_scope

Json: TypeAlias = dict[str, Any]
VERSION: Final = "6.0"
"""https://learn.microsoft.com/en-us/graph/application-provisioning-configure-api"""
_FLOWS: Final = {ALWAYS: "Always", ON_CREATE: "ObjectAddOnly"}
_APPLIED: Final = {flow: apply for apply, flow in _FLOWS.items()}
_OTHER_FLOWS: Final = {"MultiValueAddOnly", "ValueAddOnly", "AttributeAddOnly"}
_KINDS: Final = {
    "User": (USER_ATTRIBUTES, USER_TARGETS),
    "Group": (GROUP_ATTRIBUTES, GROUP_TARGETS),
}
_URN: Final = "urn:ietf:params:scim:schemas:core:2.0:"


# --- out -----------------------------------------------------------------------------------------------------


def schema_json(identifier: str, rules: Rules) -> Json:
    """The resource: directories with their attributes, and the one rule with its object mappings."""
    objects = [_object_mapping("User", rules.users), _object_mapping("Group", rules.groups)]
    return {
        "id": identifier,
        "version": VERSION,
        "directories": [_source_directory(identifier), _target_directory(identifier, rules)],
        "synchronizationRules": [{**rule_resource(objects), "groupFilter": None, "containerFilter": None}],
    }


def _object_mapping(kind: str, rules: ObjectRules) -> Json:
    plural = f"{kind}s"
    matched = min((m for m in rules.mappings if m.match), key=lambda m: m.match, default=None)
    joining = [] if matched is None else [{"key": "OriginalJoiningProperty", "value": str(matched.target)}]
    return {
        "enabled": rules.enabled,
        "flowTypes": ",".join(rules.actions) or "None",
        "name": f"Provision Azure Active Directory {plural}",
        "scope": None if rules.scope is None else dict(rules.scope),
        "sourceObjectName": kind,
        "targetObjectName": f"{_URN}{kind}",
        "metadata": joining,
        "attributeMappings": [_attribute_mapping(mapping) for mapping in rules.mappings],
    }


def _attribute_mapping(mapping: AttributeMapping) -> Json:
    return {
        "defaultValue": mapping.default,
        "exportMissingReferences": False,
        "flowBehavior": "FlowWhenChanged",
        "flowType": _FLOWS[mapping.apply],
        "matchingPriority": mapping.match,
        "targetAttributeName": str(mapping.target),
        "source": source_json(mapping),
    }


def _directory(identifier: str, name: str, objects: list[Json]) -> Json:
    return {
        "id": f"{identifier}.{name.replace(' ', '')}",
        "name": name,
        "version": VERSION,
        "discoverabilities": "None",
        "discoveryDateTime": None,
        "readOnly": True,
        "objects": objects,
    }


def _object(name: str, attributes: list[Json]) -> Json:
    return {"name": name, "metadata": [], "supportedApis": [], "attributes": attributes}


def _source_directory(identifier: str) -> Json:
    objects = [
        _object(kind, [_source_definition(attribute) for attribute in sources.values()])
        for kind, (sources, _) in _KINDS.items()
    ]
    return _directory(identifier, SOURCE_DIRECTORY, objects)


def _target_directory(identifier: str, rules: Rules) -> Json:
    objects = []
    for kind, held in (("User", rules.users), ("Group", rules.groups)):
        table = dict(_KINDS[kind][1])
        for mapping in held.mappings:
            name = str(mapping.target)
            known = table.get(name) or target_attribute(_KINDS[kind][1], name) or TargetAttribute(mapping.target)
            table[name] = replace(known, case_exact=mapping.case_exact)
        objects.append(_object(f"{_URN}{kind}", [_definition_of(name, known) for name, known in table.items()]))
    return _directory(identifier, TARGET_DIRECTORY, objects)


def _definition(name: str, kind: str, **more: Any) -> Json:
    return {
        "name": name,
        "type": kind,
        "anchor": False,
        "caseExact": False,
        "defaultValue": None,
        "flowNullValues": False,
        "multivalued": False,
        "mutability": "ReadWrite",
        "required": False,
        "apiExpressions": [],
        "metadata": [],
        "referencedObjects": [],
        **more,
    }


def _source_definition(attribute: SourceAttribute) -> Json:
    referenced = [{"referencedObjectName": "User", "referencedProperty": "objectId"}]
    return _definition(
        attribute.name,
        attribute.type,
        anchor=attribute.name == "objectId",
        multivalued=attribute.multivalued,
        mutability="ReadOnly",
        required=attribute.name == "objectId",
        referencedObjects=referenced if attribute.type == REFERENCE else [],
    )


def _definition_of(name: str, attribute: TargetAttribute) -> Json:
    referenced = [{"referencedObjectName": f"{_URN}User", "referencedProperty": "id"}]
    return _definition(
        name,
        attribute.type,
        caseExact=attribute.case_exact,
        multivalued=attribute.multivalued,
        required=attribute.required,
        referencedObjects=referenced if attribute.type == REFERENCE else [],
    )


# --- back ----------------------------------------------------------------------------------------------------


def read_schema(body: Mapping[str, Any]) -> Rules:
    """The rules in the body of a PUT; 400 that names what is wrong, 501 for what this service does not do."""
    rules = _items(body, "synchronizationRules", "synchronizationSchema")
    if len(rules) != 1 or rules[0].get("id", RULE_ID) != RULE_ID:
        raise bad_request(f"The schema has one synchronization rule, '{RULE_ID}'; rules cannot be added or removed.")
    exact = _case_exact(body)
    found: dict[str, ObjectRules] = {}
    for mapping in _items(rules[0], "objectMappings", "synchronizationRule"):
        kind = mapping.get("sourceObjectName")
        if kind not in _KINDS or mapping.get("targetObjectName") != f"{_URN}{kind}" or kind in found:
            raise invalid("sourceObjectName", "objectMapping")
        found[kind] = _object_rules(str(kind), mapping, exact.get(str(kind), {}))
    for kind in _KINDS:
        if kind not in found:
            raise bad_request(
                f"The object mapping from '{kind}' to '{_URN}{kind}' is missing; set 'enabled' to false instead."
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
    sources, targets = _KINDS[kind]
    rows: list[AttributeMapping] = []
    for row in _items(body, "attributeMappings", "objectMapping"):
        mapping = _read_mapping(row, sources, targets, exact)
        if mapping.target in [each.target for each in rows]:
            raise bad_request(f"The attribute '{mapping.target}' of '{_URN}{kind}' is mapped more than once.")
        rows.append(mapping)
    if not any(row.match for row in rows):
        raise bad_request(
            f"The object mapping from '{kind}' needs at least one attribute mapping with a matchingPriority above 0."
        )
    actions = tuple(action for action in ACTIONS if action in named)
    return ObjectRules(tuple(rows), enabled, actions, check_scope(body.get("scope"), kind, sources))


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
            raise bad_request(f"The expression of the attribute '{name}' is not valid: {error}") from None
    for attribute in read:
        if attribute not in sources:
            raise bad_request(f"The attribute '{attribute}' does not exist in the directory '{SOURCE_DIRECTORY}'.")
    references = [attribute for attribute in read if sources[attribute].type == REFERENCE]
    if target.type == REFERENCE and not mapping.unmapped and mapping.source != name.rpartition(":")[2]:
        raise bad_request(f"The attribute '{name}' is a reference and has to be mapped from one of the same kind.")
    if target.type != REFERENCE and references:
        raise bad_request(f"The attribute '{references[0]}' is a reference and cannot be mapped to '{name}'.")


def _case_exact(body: Mapping[str, Any]) -> dict[str, dict[str, bool]]:
    """``caseExact`` of the target's attributes, by kind; everything else about a directory cannot be changed."""
    found: dict[str, dict[str, bool]] = {}
    if body.get("directories") is None:
        return found
    for directory in _items(body, "directories", "synchronizationSchema"):
        name = directory.get("name")
        if name not in (SOURCE_DIRECTORY, TARGET_DIRECTORY):
            raise invalid("name", "directoryDefinition")
        for described in _items(directory, "objects", "directoryDefinition"):
            kind = str(described.get("name")).removeprefix(_URN)
            if kind not in _KINDS:
                raise invalid("name", "objectDefinition")
            for attribute in _items(described, "attributes", "objectDefinition"):
                _check_definition(attribute, kind, name == TARGET_DIRECTORY, found.setdefault(kind, {}))
    return found


def _check_definition(attribute: Json, kind: str, of_target: bool, exact: dict[str, bool]) -> None:
    name = attribute.get("name")
    sources, targets = _KINDS[kind]
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


assert FLAG
