"""A job's rules as Graph's ``synchronizationSchema``.

Invariant: what is written here and read again (``job_schema_reading.py``) is equal, and gives the same bytes again.
https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationschema
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, TypeAlias

from mockservices.graph.jobs import SOURCE_DIRECTORY, TARGET_DIRECTORY, rule_resource
from mockservices.graph.source_attributes import GROUP_ATTRIBUTES, REFERENCE, USER_ATTRIBUTES, SourceAttribute
from sim.provisioning.attribute_mapping import ALWAYS, ON_CREATE, AttributeMapping
from sim.provisioning.attributes import GROUP_TARGETS, USER_TARGETS, TargetAttribute, target_attribute
from sim.provisioning.mapping_source import source_json
from sim.provisioning.rules import ObjectRules, Rules
from sim.provisioning.scoping_schema import filters_to_graph

Json: TypeAlias = dict[str, Any]
VERSION: Final = "6.0"
"""https://learn.microsoft.com/en-us/graph/application-provisioning-configure-api"""
FLOWS: Final = {ALWAYS: "Always", ON_CREATE: "ObjectAddOnly"}
KINDS: Final = {
    "User": (USER_ATTRIBUTES, USER_TARGETS),
    "Group": (GROUP_ATTRIBUTES, GROUP_TARGETS),
}
URN: Final = "urn:ietf:params:scim:schemas:core:2.0:"


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
        "scope": filters_to_graph(rules.filters) if rules.filters else None,
        "sourceObjectName": kind,
        "targetObjectName": f"{URN}{kind}",
        "metadata": joining,
        "attributeMappings": [_attribute_mapping(mapping) for mapping in rules.mappings],
    }


def _attribute_mapping(mapping: AttributeMapping) -> Json:
    return {
        "defaultValue": mapping.default,
        "exportMissingReferences": False,
        "flowBehavior": "FlowWhenChanged",
        "flowType": FLOWS[mapping.apply],
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
        for kind, (sources, _) in KINDS.items()
    ]
    return _directory(identifier, SOURCE_DIRECTORY, objects)


def _target_directory(identifier: str, rules: Rules) -> Json:
    objects = []
    for kind, held in (("User", rules.users), ("Group", rules.groups)):
        table = dict(KINDS[kind][1])
        for mapping in held.mappings:
            name = str(mapping.target)
            known = table.get(name) or target_attribute(KINDS[kind][1], name) or TargetAttribute(mapping.target)
            table[name] = replace(known, case_exact=mapping.case_exact)
        objects.append(_object(f"{URN}{kind}", [_definition_of(name, known) for name, known in table.items()]))
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
    referenced = [{"referencedObjectName": f"{URN}User", "referencedProperty": "id"}]
    return _definition(
        name,
        attribute.type,
        caseExact=attribute.case_exact,
        multivalued=attribute.multivalued,
        required=attribute.required,
        referencedObjects=referenced if attribute.type == REFERENCE else [],
    )
