"""Attribute mappings in a scenario: which preset, and which rows are otherwise.

Invariant: every row that comes out can be compiled; what cannot is refused with the place in the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from mockservices.graph.source_attributes import GROUP_ATTRIBUTES, REFERENCE, USER_ATTRIBUTES, SourceAttribute, called
from sim.provisioning.attribute_mapping import ALWAYS, Apply, AttributeMapping
from sim.provisioning.attributes import GROUP_TARGETS, USER_TARGETS, TargetAttribute, target_attribute
from sim.provisioning.default_mappings import GROUP_MAPPINGS, MINIMAL_USER_MAPPINGS, USER_MAPPINGS
from sim.provisioning.expressions import ExpressionSyntaxError, compile_expression
from sim.provisioning.mapping_source import source_of_expression
from sim.scenario.errors import listed, nearest
from sim.scenario.fields import Flag, Part, Text, Whole, described, sourced, wrong
from sim.time import clipped

_SOURCE: Final = (
    "https://learn.microsoft.com/entra/identity/saas-apps/aws-single-sign-on-provisioning-tutorial "
    "(the 25 targets; of the sources 14 are documented for SCIM applications, the others are inferred from the names)"
)
_FORMS: Final = ("source", "constant", "expression", "none")
_PRESETS: Final = {"default": USER_MAPPINGS, "minimal": MINIMAL_USER_MAPPINGS}
Sources: TypeAlias = Mapping[str, SourceAttribute]
Targets: TypeAlias = Mapping[str, TargetAttribute]


class MappingRow(Part):
    """A row: an attribute of the target, and what it gets.

    `source`: an attribute of the directory, by the name that the provisioning service has for it. `none`: nothing; the
    target's value is left alone, and `default` fills it while it is empty. `match`: its place among the attributes by
    which an object is looked up. `apply`: whenever something changes, or only when an object is created.
    """

    target: Text
    source: Text | None = None
    constant: Text | None = None
    expression: Annotated[str, Field(min_length=1, max_length=10_000)] | None = None
    none: Flag = False
    match: Annotated[Whole, Field(ge=0, le=100)] | None = None
    apply: Literal["always", "on_create"] = "always"
    default: Text | None = None
    case_exact: Flag | None = None

    @model_validator(mode="after")
    def _one_form(self) -> MappingRow:
        given = [form for form in _FORMS if getattr(self, form) not in (None, False)]
        if len(given) != 1:
            raise wrong(f"give exactly one of {listed(_FORMS, 'and')}")
        return self

    def compiled(self, target: TargetAttribute, before: AttributeMapping | None) -> AttributeMapping:
        """The mapping; what it matches by stays as it was unless the row says so."""
        apply: Apply = self.apply
        source, constant, expression = self.source, self.constant, self.expression
        if expression is not None:
            source, constant, expression = source_of_expression(expression)
        match = self.match if self.match is not None else before.match if before is not None else 0
        exact = self.case_exact if self.case_exact is not None else target.case_exact
        return AttributeMapping(
            source,
            target.path,
            constant=constant,
            expression=expression,
            match=0 if self.none else match,
            apply=ALWAYS if self.none else apply,
            default=self.default,
            case_exact=exact,
        )


class Mappings(Part):
    """Which attributes of the target get what.

    `preset`: `default` has the 25 attributes of the AWS application, `minimal` names, address, active and externalId.
    `users` and `groups`: rows that take the place of the preset's, or come after them.
    """

    preset: Literal["default", "minimal"] = sourced("default", source=_SOURCE, grade="D")
    users: tuple[MappingRow, ...] = ()
    groups: tuple[MappingRow, ...] = ()

    @model_validator(mode="after")
    def _can_be_compiled(self) -> Mappings:
        _check(self.users, "users", USER_TARGETS, USER_ATTRIBUTES)
        _check(self.groups, "groups", GROUP_TARGETS, GROUP_ATTRIBUTES)
        for rows, key, findable in (
            (self.user_rows(), "users", "userName or externalId"),
            (self.group_rows(), "groups", "displayName or externalId"),
        ):
            if not any(row.match for row in rows):
                raise wrong(f"nothing is matched by; give a row for {findable} a match of 1", key)
        return self

    def user_rows(self) -> tuple[AttributeMapping, ...]:
        """The mappings of users."""
        return _merged(_PRESETS[self.preset], self.users, USER_TARGETS)

    def group_rows(self) -> tuple[AttributeMapping, ...]:
        """The mappings of groups."""
        return _merged(GROUP_MAPPINGS, self.groups, GROUP_TARGETS)


def _merged(
    base: Sequence[AttributeMapping], rows: Sequence[MappingRow], table: Targets
) -> tuple[AttributeMapping, ...]:
    result = {str(mapping.target): mapping for mapping in base}
    for row in rows:
        target = target_attribute(table, row.target)
        if target is not None:
            result[row.target] = row.compiled(target, result.get(row.target))
    return tuple(result.values())


def _check(rows: Sequence[MappingRow], key: str, targets: Targets, sources: Sources) -> None:
    seen: set[str] = set()
    for position, row in enumerate(rows):
        target = target_attribute(targets, row.target)
        if target is None:
            raise wrong(unknown_target(row.target, targets), key, position, "target")
        if row.target in seen:
            raise wrong(f"'{clipped(row.target)}' is mapped twice; keep one row", key, position, "target")
        seen.add(row.target)
        for field, sentence in _problems(row, target, sources):
            raise wrong(sentence, key, position, field)


def _problems(row: MappingRow, target: TargetAttribute, sources: Sources) -> list[tuple[str, str]]:
    if row.match and not target.findable:
        return [("match", f"AWS cannot be asked for '{row.target}'; match by userName, displayName or externalId")]
    if row.match and row.none:
        return [("match", "without a source there is nothing to look up; give a source or leave match out")]
    if row.expression is not None:
        return [("expression", sentence) for sentence in _wrong_expression(row.expression, target, sources)]
    if row.source is not None:
        source = sources.get(row.source)
        if source is None:
            return [("source", unknown_source(row.source, sources))]
        if (source.type == REFERENCE) != (target.type == REFERENCE) or (
            source.type == REFERENCE and source.name != row.target.rpartition(":")[2]
        ):
            return [("source", f"'{row.source}' cannot be mapped to '{row.target}': {_reference(target)}")]
    elif target.type == REFERENCE and not row.none:
        return [("target", _reference(target)[:1].upper() + _reference(target)[1:])]
    return []


def _reference(target: TargetAttribute) -> str:
    if target.type == REFERENCE:
        name = str(target.path).rpartition(":")[2]
        return f"a reference is mapped from '{name}', or none"
    return "a reference is no value; only manager and members are mapped from one"


def _wrong_expression(text: str, target: TargetAttribute, sources: Sources) -> list[str]:
    if target.type == REFERENCE:
        return [_reference(target)]
    try:
        expression = compile_expression(text)
    except ExpressionSyntaxError as error:
        return [str(error)]
    for name in expression.properties:
        source = sources.get(name)
        if source is None:
            return [unknown_source(name, sources)]
        if source.type == REFERENCE:
            return [f"[{name}] is a reference, which an expression cannot read"]
    return []


def unknown_target(text: str, targets: Targets) -> str:
    """The sentence about a path that the target does not have."""
    example = 'userName, name.givenName or emails[type eq "work"].value' if targets is USER_TARGETS else None
    allowed = f"a path such as {example}" if example else listed(targets)
    return f"unknown attribute '{clipped(text)}' of the target; allowed: {allowed}{nearest(text, targets)}"


def unknown_source(name: str, sources: Sources) -> str:
    """The sentence about a name that is no attribute of the source."""
    known = called(sources, name)
    if known is not None:
        return f"unknown attribute '{clipped(name)}' of the source; the provisioning service calls it '{known}'"
    near = nearest(name, sources) or "; see docs/mappings.md for all of them"
    return f"unknown attribute '{clipped(name)}' of the source{near}"


def read_mappings(value: object) -> object:
    """A preset's name stands for that preset with nothing changed."""
    if isinstance(value, str):
        if value not in _PRESETS:
            allowed = f"{listed(_PRESETS)}, or a mapping with preset, users and groups"
            raise wrong(f"unknown preset {described(value)}; allowed: {allowed}{nearest(value, _PRESETS)}")
        return {"preset": value}
    return value


MappingsField = Annotated[Mappings, BeforeValidator(read_mappings)]
