"""Query options of OData as Graph understands them: ``$select``, ``$top``, ``$orderby``, ``$count``, ``$expand`` …

Invariant: an option that is not understood is refused, never passed over.
https://learn.microsoft.com/en-us/graph/query-parameters
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request

from mockservices.graph.errors import GraphError, bad_request, not_implemented, unsupported_query
from mockservices.graph.properties import INSTANT, USER, Kind

PAGE, LARGEST_PAGE = 100, 999
_KNOWN = {
    "$count",
    "$deltatoken",
    "$expand",
    "$filter",
    "$format",
    "$orderby",
    "$search",
    "$select",
    "$skip",
    "$skiptoken",
    "$top",
}
_EXPAND = re.compile(r"manager(?:\(\s*\$select\s*=\s*([\w\s,]*)\))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Order:
    """One ``$orderby`` property."""

    name: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one request, checked as far as they can be without the directory."""

    given: tuple[tuple[str, str], ...]
    """All of them but the skip token, as they came."""
    select: tuple[str, ...] | None
    top: int
    filter: str | None
    order: Order | None
    count: bool
    eventual: bool
    """Whether the request carries ``ConsistencyLevel: eventual``."""
    expand: tuple[str, ...] | None
    """Properties of the manager, if it is to be shown with the user."""
    skiptoken: str | None

    @property
    def advanced(self) -> bool:
        """Whether this is an advanced query."""
        return self.eventual and self.count


def raw_options(request: Request, allowed: Iterable[str]) -> dict[str, str]:
    """Option names in lower case and their values; 400 for one that is unknown, not possible here or given twice."""
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        key = name.lower()
        if key not in _KNOWN or key in found:
            # https://github.com/microsoftgraph/microsoft-graph-docs/issues/3879
            raise bad_request(f"Unrecognized query argument specified: '{name}'.")
        if key == "$search":
            raise _no_search(request)
        if key == "$format":
            continue
        if key not in allowed:
            raise bad_request(f"'{name}' is not supported by the service.")
        found[key] = value
    return found


def _no_search(request: Request) -> GraphError:
    if _is_eventual(request):
        return unsupported_query("'$search' is not supported by the service.")
    # https://learn.microsoft.com/en-us/graph/aad-advanced-queries
    return unsupported_query(
        "Request with $search query parameter only works through MSGraph with a special request header: "
        "'ConsistencyLevel: eventual'"
    )


def _is_eventual(request: Request) -> bool:
    return request.headers.get("consistencylevel", "").strip().lower() == "eventual"


def read_options(request: Request, kind: Kind, *allowed: str) -> Options:
    """The options of a request for objects of a kind; ``allowed`` are names such as ``$top``."""
    raw = raw_options(request, allowed)
    given = [(name, value) for name, value in request.query_params.multi_items() if name.lower() != "$skiptoken"]
    select = raw.get("$select")
    return Options(
        tuple(given),
        selected(select, kind) if select else None,
        _top(raw.get("$top")),
        raw.get("$filter"),
        _order(raw.get("$orderby"), kind),
        _flag("$count", raw.get("$count")),
        _is_eventual(request),
        _expanded(raw.get("$expand")),
        raw.get("$skiptoken"),
    )


def selected(text: str, kind: Kind, *relations: str) -> tuple[str, ...]:
    """The names in a ``$select``; ``relations`` may be named like properties."""
    names = tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))
    for name in names:
        if name in kind.elsewhere:
            raise not_implemented()
        if not kind.has(name) and name not in relations:
            raise bad_request(
                f"Parsing OData Select and Expand failed: Could not find a property named '{name}' on type "
                f"'{kind.odata_type.removeprefix('#')}'."
            )
    return names


def _top(text: str | None) -> int:
    if text is None:
        return PAGE
    if not (text.isascii() and text.lstrip("-").isdigit()):
        raise bad_request(
            f"Invalid value '{text}' for $top query option found. "
            "The $top query option requires a non-negative integer value."
        )
    if not 1 <= int(text[:9]) <= LARGEST_PAGE:
        raise unsupported_query(f"Invalid page size specified: '{text}'. Must be between 1 and 999 inclusive.")
    return int(text)


def _flag(name: str, text: str | None) -> bool:
    if text is None or text.lower() in {"true", "false"}:
        return text is not None and text.lower() == "true"
    raise bad_request(f"Invalid value '{text}' for {name} query option found.")


def _order(text: str | None, kind: Kind) -> Order | None:
    if not text:
        return None
    name, _, direction = text.strip().partition(" ")
    direction = direction.strip().lower()
    known = kind.properties.get(name)
    sortable = ("displayName", "userPrincipalName", "createdDateTime", "deletedDateTime", "activityDateTime")
    if known is None or name not in sortable or direction not in {"", "asc", "desc"}:
        raise unsupported_query("Sorting not supported for current query.")
    return Order(name, direction == "desc")


def check_sorting(options: Options, kind: Kind) -> None:
    """400 for a sorting that only an advanced query can ask for."""
    if options.order is None or options.advanced:
        return
    if options.filter is not None or kind.properties[options.order.name].kind == INSTANT:
        raise unsupported_query("Sorting not supported for current query.")


def _expanded(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    found = _EXPAND.fullmatch(text.strip())
    if found is None:
        raise unsupported_query(f"'$expand={text}' is not supported by the service.")
    return USER.shown if found[1] is None else selected(found[1], USER)
