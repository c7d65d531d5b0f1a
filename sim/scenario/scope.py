"""Who is provisioned, and what the job may do: scope, target object actions, and how access is taken away.

Invariant: the defaults are Entra's for the AWS application; what its documentation leaves open is a key with a source.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from mockservices.graph.source_attributes import GROUP_ATTRIBUTES, USER_ATTRIBUTES, SourceAttribute
from sim.provisioning.scoping import Clause, ScopeError, ScopingFilter, compile_scope
from sim.scenario.fields import Part, Text, wrong
from sim.scenario.mappings import unknown_source

Action: TypeAlias = Literal["create", "update", "delete"]
AppRole: TypeAlias = Literal["User", "msiam_access"]
"""Of the gallery application. https://learn.microsoft.com/en-us/graph/application-saml-sso-configure-api"""

SCOPE_SOURCE: Final = (
    "https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works (assigned is recommended)"
)
ROLES_SOURCE: Final = (
    "assumption: both roles of the template entitle; that one without entitles to nothing: "
    "https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-no-users-provisioned"
)
SKIP_SOURCE: Final = "https://learn.microsoft.com/entra/identity/app-provisioning/skip-out-of-scope-deletions"
SOFT_DELETE_SOURCE: Final = (
    "https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works; AWS's users remain, disabled: "
    "https://repost.aws/questions/QU3d052OqCQbaABB3xKZG7TQ/removal-of-user-and-permission-sets"
)
GROUP_DELETE_SOURCE: Final = (
    "assumption: no capture was found since cloud security groups are soft-deleted (2026), of which "
    "https://message.cengizyilmaz.net/message/microsoft-entra-soft-deletion-and-restoration-for-cloud-security-groups "
    "says that access is lost at once"
)
PURGED_SOURCE: Final = (
    "https://learn.microsoft.com/answers/questions/552508 (DELETE for whoever is deleted for good while in scope); "
    "nothing was sent in https://github.com/MicrosoftDocs/azure-docs/issues/30269"
)


def _no_action_twice(actions: tuple[Action, ...]) -> tuple[Action, ...]:
    for position, action in enumerate(actions):
        if action in actions[:position]:
            raise wrong(f"'{action}' stands here twice; name it once", position)
    return actions


Actions = Annotated[tuple[Action, ...], AfterValidator(_no_action_twice)]
_ALL: Final[tuple[Action, ...]] = ("create", "update", "delete")


class TargetActions(Part):
    """What the job may do to objects in the target; a disable is an update."""

    users: Actions = _ALL
    groups: Actions = _ALL


class ScopingClause(Part):
    """A condition on an attribute of the source, by the name that the provisioning service has for it.

    `operator` is spelt as in the portal (`EQUALS`, `IS NOT NULL`) or as `not_equals`; those that test without comparing
    have no `value`.
    """

    attribute: Text
    operator: Text
    value: Text | None = None


class ScopingFilterSpec(Part):
    """Clauses that have to hold together."""

    title: Text | None = None
    clauses: Annotated[tuple[ScopingClause, ...], Field(min_length=1)]


class Scoping(Part):
    """Scoping filters: who passes any of them is in scope, if assigned; without filters everybody passes."""

    users: tuple[ScopingFilterSpec, ...] = ()
    groups: tuple[ScopingFilterSpec, ...] = ()

    @model_validator(mode="after")
    def _can_be_compiled(self) -> Scoping:
        _check(self.users, "users", USER_ATTRIBUTES)
        _check(self.groups, "groups", GROUP_ATTRIBUTES)
        return self

    def of_users(self) -> tuple[ScopingFilter, ...]:
        """The filters of users."""
        return _filters(self.users)

    def of_groups(self) -> tuple[ScopingFilter, ...]:
        """The filters of groups."""
        return _filters(self.groups)


def _filters(specs: Sequence[ScopingFilterSpec]) -> tuple[ScopingFilter, ...]:
    found = [
        ScopingFilter(spec.title or "", tuple(Clause(c.attribute, c.operator, c.value) for c in spec.clauses))
        for spec in specs
    ]
    return compile_scope(found).filters


def _check(specs: Sequence[ScopingFilterSpec], key: str, known: Mapping[str, SourceAttribute]) -> None:
    try:
        _filters(specs)
    except ScopeError as error:
        where = () if error.clause is None else ("clauses", error.clause)
        raise wrong(error.cause, key, error.filter, *where) from None
    for position, spec in enumerate(specs):
        for number, clause in enumerate(spec.clauses):
            if clause.attribute not in known:
                sentence = unknown_source(clause.attribute, known)
                raise wrong(sentence, key, position, "clauses", number, "attribute")
