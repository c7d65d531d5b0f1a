"""Scoping filters: which objects are to be provisioned at all, judged by their attributes.

Invariant: an object is in scope when all clauses of any filter hold, or when there is no filter. A clause about an
attribute that is null or empty does not hold, whatever its operator, IS NULL alone excepted; so a person without a
department fails NOT EQUALS 'Sales' as well.
https://learn.microsoft.com/entra/identity/app-provisioning/define-conditional-rules-for-provisioning-user-accounts
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from mockservices.values import value
from sim.ports import SourceValue
from sim.provisioning.expressions.dotnet_regex import compile_regex
from sim.provisioning.expressions.errors import suggestion

Test: TypeAlias = Callable[[SourceValue], bool]

REGEX_WHOLE: Final = True
"""Whether REGEX MATCH has to match the whole value. Microsoft does not say; its samples read that way (([1-9][0-9])
for the numbers from 10 to 99, .*\\@domain.com for a domain), and with a mere search neither would mean what it says.
https://learn.microsoft.com/entra/identity/app-provisioning/define-conditional-rules-for-provisioning-user-accounts"""

UNARY: Final = ("IS FALSE", "IS NOT NULL", "IS NULL", "IS TRUE")
"""Operators without a value."""
TYPES: Final[dict[str, tuple[str, ...]]] = {
    "&": ("String",),
    "!&": ("String",),
    "ENDS_WITH": ("String",),
    "EQUALS": ("String", "Integer"),
    "Greater_Than": ("Integer",),
    "Greater_Than_OR_EQUALS": ("Integer",),
    "Includes": ("String",),
    "IS FALSE": ("Boolean",),
    "IS NOT NULL": ("String", "Integer", "Boolean"),
    "IS NULL": ("String", "Integer", "Boolean"),
    "IS TRUE": ("Boolean",),
    "NOT EQUALS": ("String", "Integer"),
    "NOT REGEX MATCH": ("String",),
    "REGEX MATCH": ("String",),
}
"""What types of attribute each operator is for."""
OPERATORS: Final = tuple(TYPES)
"""As the portal spells them."""
_OTHER_SPELLINGS: Final = {"containedin": "&", "notcontainedin": "!&"}

_REFERENCES: Final = ("members", "memberOf", "isMemberOf", "manager", "directReports", "owners")
_SEVERAL: Final = (
    "appRoleAssignments",
    "assignedLicenses",
    "businessPhones",
    "faxNumbers",
    "groupTypes",
    "identities",
    "imAddresses",
    "otherMails",
    "proxyAddresses",
)
_DATES: Final = ("birthday", "hireDate", "employeeHireDate")


class ScopeError(ValueError):
    """A filter that cannot be: ``filter`` and ``clause`` count from 0, ``clause`` is None when the filter is meant."""

    def __init__(self, cause: str, filter_index: int, clause: int | None) -> None:
        place = f"filter {filter_index + 1}" + ("" if clause is None else f", clause {clause + 1}")
        super().__init__(f"{place}: {cause}")
        self.cause = cause
        self.filter = filter_index
        self.clause = clause


@value
class Clause:
    """One condition on one attribute. ``operator`` in the portal's spelling, or as scenarios do: ``not_equals``."""

    attribute: str
    operator: str
    operand: str | None = None
    """The value compared with; None for IS TRUE, IS FALSE, IS NULL and IS NOT NULL."""


@value
class ScopingFilter:
    """Clauses that have to hold together."""

    title: str
    clauses: tuple[Clause, ...]


@value
class Scope:
    """Compiled scoping filters."""

    filters: tuple[ScopingFilter, ...]
    """With the operators in the portal's spelling."""
    properties: tuple[str, ...]
    """The source attributes that they read, each once."""
    _tests: tuple[tuple[tuple[str, Test, str], ...], ...]

    def judge(self, attributes: Mapping[str, SourceValue]) -> bool:
        """Whether an object with these attributes is in scope."""
        tests = self._tests
        if not tests:
            return True
        for clauses in tests:
            for name, test, _ in clauses:
                if not test(attributes.get(name)):
                    break
            else:
                return True
        return False

    def explain(self, attributes: Mapping[str, SourceValue]) -> dict[str, bool]:
        """How each clause came out, as provisioning logs show it under ``ScopeEvaluationResult``:
        ``{"<title>.<attribute> EQUALS '<value>'": true}``."""
        return {shown: test(attributes.get(name)) for clauses in self._tests for name, test, shown in clauses}


EVERYTHING: Final = Scope((), (), ())
"""No filter: every object is in scope."""


def compile_scope(filters: Sequence[ScopingFilter], *, regex_whole: bool = REGEX_WHOLE) -> Scope:
    """Check and compile filters. Raises ScopeError for what the portal would not take either."""
    checked: list[ScopingFilter] = []
    tests: list[tuple[tuple[str, Test, str], ...]] = []
    for index, each in enumerate(filters):
        title = each.title.strip() or f"Filter {index + 1}"
        if not each.clauses:
            raise ScopeError("a scoping filter has at least one clause", index, None)
        clauses: list[Clause] = []
        compiled: list[tuple[str, Test, str]] = []
        for number, clause in enumerate(each.clauses):
            try:
                clause = Clause(clause.attribute, operator_named(clause.operator), clause.operand)
                _check_attribute(clause.attribute)
                compiled.append((clause.attribute, _test(clause, regex_whole), _shown(title, clause)))
            except ValueError as error:
                raise ScopeError(str(error), index, number) from None
            clauses.append(clause)
        checked.append(ScopingFilter(title, tuple(clauses)))
        tests.append(tuple(compiled))
    properties = dict.fromkeys(clause.attribute for each in checked for clause in each.clauses)
    return Scope(tuple(checked), tuple(properties), tuple(tests))


def operator_named(name: str) -> str:
    """The portal's spelling of an operator; case, spaces and underscores do not matter. Raises ValueError."""
    found = _SPELLINGS.get(_bare(name))
    if found is None:
        near = suggestion(name, (*OPERATORS, "IN", "CONTAINS")) if name.strip() else ""
        raise ValueError(
            f"there is no operator {name.strip() or 'without a name'}{near or '; there are ' + ', '.join(OPERATORS)}"
        )
    return found


def _bare(name: str) -> str:
    return name.strip().lower().replace(" ", "").replace("_", "").replace("-", "")


_SPELLINGS: Final = {_bare(name): name for name in OPERATORS} | _OTHER_SPELLINGS


def _check_attribute(name: str) -> None:
    """Refuse what Entra cannot filter on.
    https://learn.microsoft.com/entra/identity/app-provisioning/known-issues"""
    lowered = name.lower()
    if not lowered.strip():
        raise ValueError("a clause names the attribute that it is about")
    if lowered in {each.lower() for each in _REFERENCES}:
        raise ValueError(f"{name} refers to other objects, and scoping filters cannot follow references")
    if lowered in {each.lower() for each in _SEVERAL}:
        raise ValueError(f"{name} can have several values, and scoping filters take attributes with one value only")
    if lowered == "usertype":
        raise ValueError("scoping filters cannot tell members from guests: userType is not supported")
    if lowered.endswith("datetime") or lowered in {each.lower() for each in _DATES}:
        raise ValueError(f"{name} is a date, and scoping filters cannot compare dates")


def _shown(title: str, clause: Clause) -> str:
    operand = "" if clause.operand is None else f" '{clause.operand}'"
    return f"{title}.{clause.attribute} {clause.operator}{operand}"


def _test(clause: Clause, regex_whole: bool) -> Test:
    operator, operand = clause.operator, clause.operand
    if operator in UNARY:
        if operand:
            raise ValueError(f"{operator} takes no value")
        return _UNARY_TESTS[operator]
    if not operand:
        hint = "; for an empty attribute there is IS NULL" if operator == "EQUALS" else ""
        raise ValueError(f"{operator} needs a value to compare with{hint}")
    match operator:
        case "EQUALS":
            return _on_text(lambda text: text == operand, operand)
        case "NOT EQUALS":
            return _on_text(lambda text: text != operand, operand)
        case "Includes":
            return _on_text(lambda text: operand in text)
        case "ENDS_WITH":
            return _on_text(lambda text: text.endswith(operand))
        case "&":
            return _on_text(lambda text: text in operand)
        case "!&":
            return _on_text(lambda text: text not in operand)
        case "Greater_Than" | "Greater_Than_OR_EQUALS":
            return _greater(operator, operand)
        case _:
            return _regex(operator, operand, regex_whole)


def _on_text(test: Callable[[str], bool], operand: str | None = None) -> Test:
    """On text; a truth value reads as the operand spells it, True or true."""

    def check(given: SourceValue) -> bool:
        if isinstance(given, bool):
            given = "True" if given else "False"
            if operand is not None and operand.lower() == given.lower():
                given = operand
        return isinstance(given, str) and bool(given) and test(given)

    return check


def _greater(operator: str, operand: str) -> Test:
    least = _whole(operand)
    if least is None:
        raise ValueError(f"{operator} compares whole numbers, and '{operand}' is none")
    if operator == "Greater_Than":
        least += 1

    def check(given: SourceValue) -> bool:
        number = _whole(given) if isinstance(given, str) else None
        return number is not None and number >= least

    return check


def _whole(text: str) -> int | None:
    digits = text.strip()
    unsigned = digits.removeprefix("-")
    return int(digits) if unsigned.isascii() and unsigned.isdigit() and len(unsigned) <= 18 else None


def _regex(operator: str, operand: str, whole: bool) -> Test:
    """A value too long to be matched safely does not match; no directory attribute of a user is so long."""
    try:
        regex = compile_regex(operand)
    except ValueError as error:
        raise ValueError(f"the pattern {error}") from None
    match = regex.pattern.fullmatch if whole else regex.pattern.search
    wanted = operator == "REGEX MATCH"
    return _on_text(lambda text: (len(text) <= regex.longest and match(text) is not None) is wanted)


def _truth(given: SourceValue) -> bool | None:
    if isinstance(given, str):
        return {"true": True, "false": False}.get(given.lower())
    return given if isinstance(given, bool) else None


_UNARY_TESTS: Final[dict[str, Test]] = {
    "IS TRUE": lambda given: _truth(given) is True,
    "IS FALSE": lambda given: _truth(given) is False,
    "IS NULL": lambda given: given is None or given in ("", ()),
    "IS NOT NULL": lambda given: given is not None and given not in ("", ()),
}
