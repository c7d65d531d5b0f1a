"""The filters that AWS answers, and who matches them, by index.

Invariant: no filter scans the users; what no index can answer is refused, as AWS refuses it.
https://docs.aws.amazon.com/singlesignon/latest/developerguide/listusers.html and .../listgroups.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import CompareOperator, Comparison, FilterNode, LogicalExpr, LogicalOperator

from mockservices.scim.errors import ScimError, invalid, no_user
from mockservices.scim.operations import ENTERPRISE
from mockservices.scim.provider import ServiceProvider

_SCHEMAS = ("urn:ietf:params:scim:schemas:core:2.0:user:", "urn:ietf:params:scim:schemas:core:2.0:group:")


@dataclass(frozen=True, slots=True)
class Filter:
    """What has to be equal to what, all of it; names are those of the core."""

    wanted: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Grammar:
    """Spellings in lower case, and which attributes may stand together."""

    names: Mapping[str, str]
    combinations: frozenset[frozenset[str]]


_USERS = _Grammar(
    {
        "username": "userName",
        "externalid": "externalId",
        "groups.value": "groups.value",
        "id": "id",
        "manager": "manager",
        "manager.value": "manager",
        f"{ENTERPRISE.lower()}:manager": "manager",
        f"{ENTERPRISE.lower()}:manager.value": "manager",
    },
    frozenset(map(frozenset, (["userName"], ["externalId"], ["groups.value"], ["id"], ["id", "manager"]))),
)
_GROUPS = _Grammar(
    {
        "displayname": "displayName",
        "externalid": "externalId",
        "members.value": "members.value",
        "id": "id",
        "member": "member",
        "members": "member",
    },
    frozenset(
        map(
            frozenset,
            (["displayName"], ["externalId"], ["members.value"], ["id"], ["id", "member"], ["id", "members.value"]),
        )
    ),
)
"""The guide says ``member``; clients send ``members`` too (https://github.com/slashdevops/idp-scim-sync/issues/75)."""


def read_user_filter(text: str) -> Filter:
    """Read a filter on users; 400 for one that AWS does not take."""
    return _read(text, _USERS)


def read_group_filter(text: str) -> Filter:
    """Read a filter on groups; 400 for one that AWS does not take."""
    return _read(text, _GROUPS)


def _read(text: str, grammar: _Grammar) -> Filter:
    try:
        tree = ScimFilter(text).ast
    except InvalidFilterException as error:
        raise _invalid_filter() from error
    wanted: dict[str, str] = {}
    for term in _terms(tree):
        if not isinstance(term, Comparison) or term.op is not CompareOperator.eq:
            raise _invalid_filter()
        written = str(term.attr_path).lower()
        for schema in _SCHEMAS:
            written = written.removeprefix(schema)
        name = grammar.names.get(written)
        if name is None or name in wanted or type(term.value) is not str or not term.value:
            raise _invalid_filter()
        wanted[name] = term.value
    if frozenset(wanted) not in grammar.combinations:
        raise _invalid_filter()
    return Filter(wanted)


def _terms(tree: FilterNode) -> tuple[FilterNode, ...]:
    if isinstance(tree, LogicalExpr) and tree.op is LogicalOperator.and_:
        return tree.terms
    return (tree,)


def _invalid_filter() -> ScimError:
    return invalid("Invalid Filter format")


# --- matching ------------------------------------------------------------------------------------------------


def matching_users(provider: ServiceProvider, chosen: Filter) -> list[int]:
    """Rows of the users that match, ascending; makes no object that stays."""
    name, value = next(iter(chosen.wanted.items()))
    if name in ("userName", "externalId"):
        return _one(provider.user_row_by(name, value))
    if name == "groups.value":
        group = provider.group_row(value)
        return [] if group is None or not provider.groups[group].exists else provider.members(group)
    row = provider.user_row(chosen.wanted["id"])
    if row is None or not provider.exists(row):
        return []
    manager = chosen.wanted.get("manager")
    return [row] if manager is None or provider.has_manager(row, manager) else []


def matching_groups(provider: ServiceProvider, chosen: Filter) -> list[int]:
    """Rows of the groups that match, ascending; 404 for a member that does not exist."""
    wanted = chosen.wanted
    for name in ("displayName", "externalId"):
        if name in wanted:
            group = provider.group_by(name, wanted[name])
            return _one(None if group is None else group.row)
    member = wanted.get("members.value", wanted.get("member"))
    groups: Iterable[int] | None = None
    if member is not None:
        user = provider.user_row(member)
        if user is None or not provider.exists(user):
            raise no_user()
        groups = provider.groups_of(user)
    if "id" not in wanted:
        return list(groups or ())
    row = provider.group_row(wanted["id"])
    if row is None or not provider.groups[row].exists or (groups is not None and row not in groups):
        return []
    return [row]


def _one(row: int | None) -> list[int]:
    return [] if row is None else [row]
