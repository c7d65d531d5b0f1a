"""Functions on attributes with several values: Count, Item, RemoveDuplicates, Split, and the app roles.

Invariant: the order of values is kept.
"""

from __future__ import annotations

from typing import Final

from sim.provisioning.expressions.catalogue import Arguments, Build, Function, Parameter, eager
from sim.provisioning.expressions.errors import ExpressionError
from sim.provisioning.expressions.tree import Attribute
from sim.provisioning.expressions.values import Code, Value, needed_number, text_of, values_in

ROLES: Final = "appRoleAssignments"
"""The source attribute that holds the names of the app roles assigned to a user.
https://learn.microsoft.com/entra/identity/app-provisioning/customize-application-attributes"""


def _count(given: Value) -> Value:
    return len(values_in(given))


def _item(given: Value, index: Value) -> Value:
    values, place = values_in(given), needed_number(index, "index")
    if place < 1:
        raise ExpressionError(f"index counts values from 1, it cannot be {place}")
    return values[place - 1] if place <= len(values) else None


def _remove_duplicates(given: Value) -> Value:
    return None if given is None else tuple(dict.fromkeys(values_in(given)))


def _split(given: Value, delimiter: Value) -> Value:
    """Spaces around a part do not belong to it, as in Microsoft's sample; empty parts are no values."""
    text, between = text_of(given), text_of(delimiter)
    if text is None:
        return None
    if not between:
        raise ExpressionError("the delimiter is empty")
    return tuple(part for piece in text.split(between) if (part := piece.strip()))


def _select_unique_value(*rules: Value) -> Value:
    raise ExpressionError(f"no target can be asked which of {len(rules)} values is free")


def _all_roles(given: Value) -> Value:
    return values_in(given) or None


def _single_role(given: Value) -> Value:
    """Of several roles Microsoft says that it is not defined which one comes; here it is the first."""
    roles = values_in(given)
    return roles[0] if roles else None


def _of_roles(build: Build) -> Build:
    """The app-role functions read nothing but ``[appRoleAssignments]``."""

    def checked(arguments: Arguments) -> Code:
        node = arguments.nodes[0]
        if not (isinstance(node, Attribute) and node.name == ROLES):
            raise arguments.wrong(f"its argument is [{ROLES}] and nothing else", 0)
        return build(arguments)

    return checked


_ASSIGNED: Final = (Parameter(ROLES),)
_ATTRIBUTE: Final = Parameter("attribute")

FUNCTIONS: Final = (
    Function(
        "AppRoleAssignmentsComplex",
        _ASSIGNED,
        "All app roles of the user; roles taken away in the directory stay in the target.",
        _of_roles(eager(_all_roles)),
    ),
    Function(
        "AssertiveAppRoleAssignmentsComplex",
        _ASSIGNED,
        "All app roles of the user; other roles in the target are taken away.",
        _of_roles(eager(_all_roles)),
    ),
    Function("Count", (_ATTRIBUTE,), "How many values the attribute has.", eager(_count)),
    Function(
        "Item", (_ATTRIBUTE, Parameter("index", "Integer")), "One of several values, counted from 1.", eager(_item)
    ),
    Function("RemoveDuplicates", (_ATTRIBUTE,), "Each value once.", eager(_remove_duplicates)),
    Function(
        "SelectUniqueValue",
        (Parameter("uniqueValueRule", repeats=True),),
        "The first value that no object of the target has. Only in jobs from an HR system to Active Directory.",
        eager(_select_unique_value),
        least=2,
    ),
    Function(
        "SingleAppRoleAssignment",
        _ASSIGNED,
        "The name of the user's app role, where there is one.",
        _of_roles(eager(_single_role)),
    ),
    Function("Split", (Parameter("source"), Parameter("delimiter")), "The parts of a text, as values.", eager(_split)),
)
