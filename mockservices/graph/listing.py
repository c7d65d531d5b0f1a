"""Lists of users and groups: pages, order, counts and the links between pages.

Invariant: a page costs what it looks at and makes no object. A link says itself where the next page begins: behind
a row, so that what comes and goes in between moves nothing. https://learn.microsoft.com/en-us/graph/paging
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mockservices.desk import Answer
from mockservices.graph.directory import DELETED, LIVE, Directory
from mockservices.graph.edge import VERSION, Edge
from mockservices.graph.envelope import plain, success
from mockservices.graph.errors import bad_request, invalid_page_token
from mockservices.graph.links import link, resumed, sealed
from mockservices.graph.options import Options, check_sorting
from mockservices.graph.properties import GROUP, USER, Kind
from mockservices.graph.query import Filter, check_filter
from mockservices.graph.resources import COMPUTED, Json, directory_object, properties_of, shown


@dataclass(frozen=True, slots=True)
class Collection:
    """What is listed: objects of one kind, by row."""

    kind: Kind
    path: str
    """Behind ``/v1.0``, as links have it."""
    rows: Callable[[int], Iterable[int]]
    """Rows from a given one on, ascending."""
    size: Callable[[], int] | None = None
    """How many rows there are, where that is known without counting."""
    typed: bool = False
    """Whether the objects say of which type they are, because others might be among them."""
    nested: tuple[int, ...] = ()
    """Rows of groups that come behind the last user."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page begins: at a row, or in a sorted list behind (key, row)."""

    row: int
    key: str | None = None
    advanced: bool = False


def live_users(directory: Directory, found: Filter | None) -> Callable[[int], Iterator[int]]:
    """Rows of the live users that a filter could let through."""

    def rows(start: int) -> Iterator[int]:
        limit = None if found is None else found.keys
        candidates: Iterable[int] = range(start, directory.users_count)
        if limit is not None:
            by = {"id": directory.user_row, "userPrincipalName": directory.row_by_upn}
            hits = {row for name, value in limit if (row := by[name](value)) is not None and row >= start}
            candidates = sorted(hits)
        return (row for row in candidates if directory.is_live(row))

    return rows


def groups(directory: Directory, state: int = LIVE) -> Callable[[int], Iterator[int]]:
    """Rows of the groups in a state."""
    return lambda start: (group.row for group in directory.groups[start:] if group.state == state)


def deleted_users(directory: Directory) -> Callable[[int], Iterator[int]]:
    """Rows of the users in the recycle bin."""
    return lambda start: (row for row in directory.deleted_users() if row >= start)


def these(rows: Sequence[int]) -> Callable[[int], Iterator[int]]:
    """Rows that are at hand, ascending."""
    return lambda start: (row for row in rows if row >= start)


def deleted(directory: Directory, kind: Kind) -> Callable[[int], Iterator[int]]:
    """Rows of the recycle bin's users or groups."""
    return deleted_users(directory) if kind is USER else groups(directory, DELETED)


def answer_list(edge: Edge, options: Options, collection: Collection, found: Filter | None = None) -> Answer:
    """One page of a collection."""
    directory = edge.services.directory
    mark = _mark(edge, options, collection)
    advanced = options.advanced or (mark is not None and mark.advanced)
    if found is not None:
        check_filter(found, advanced=advanced)
    if mark is None:
        check_sorting(options, collection.kind)
    if options.order is None:
        rows, following = _in_order_of_rows(directory, options, collection, mark, found)
    else:
        rows, following = _sorted(directory, options, collection, mark, found)
    behind = collection.nested if following is None else ()
    if behind and rows and len(rows) + len(behind) > options.top:
        following, behind = Mark(directory.users_count), ()  # on a page of their own
    body: Json = {"@odata.context": edge.context(_context(options, collection))}
    if options.advanced and mark is None:
        body["@odata.count"] = count(directory, collection, found)
    if following is not None:
        body["@odata.nextLink"] = _next(edge, options, collection, following, advanced=advanced)
    body["value"] = [_item(directory, options, collection, row) for row in rows]
    if behind:
        names = GROUP.shown if options.select is None else [n for n in options.select if n in GROUP.properties]
        body["value"] += [directory_object(directory, GROUP, row, names) for row in behind]
    return success(body)


def answer_count(edge: Edge, options: Options, collection: Collection, found: Filter | None) -> Answer:
    """``/$count``. https://learn.microsoft.com/en-us/graph/aad-advanced-queries"""
    if not options.eventual:
        raise bad_request("$count is not currently supported.")
    return plain(str(count(edge.services.directory, collection, found)))


def count(directory: Directory, collection: Collection, found: Filter | None) -> int:
    """How many objects a list holds on all its pages."""
    if found is None and collection.size is not None:
        return collection.size() + len(collection.nested)
    return sum(_passes(directory, collection.kind, row, found) for row in collection.rows(0)) + len(collection.nested)


def _passes(directory: Directory, kind: Kind, row: int, found: Filter | None) -> bool:
    return found is None or found.test(row, properties_of(directory, kind, row))


def _in_order_of_rows(
    directory: Directory, options: Options, collection: Collection, mark: Mark | None, found: Filter | None
) -> tuple[list[int], Mark | None]:
    rows: list[int] = []
    for row in collection.rows(0 if mark is None else mark.row):
        if _passes(directory, collection.kind, row, found):
            if len(rows) == options.top:
                return rows, Mark(row)
            rows.append(row)
    return rows, None


def _sorted(
    directory: Directory, options: Options, collection: Collection, mark: Mark | None, found: Filter | None
) -> tuple[list[int], Mark | None]:
    if options.order is None:
        raise TypeError("a list without an order is not sorted")
    name, descending = options.order.name, options.order.descending
    kind = collection.kind
    compute = COMPUTED[kind.name].get(name)

    def key(row: int) -> tuple[str, int]:
        properties = properties_of(directory, kind, row)
        value = properties.get(name) if compute is None else compute(directory, row, properties)
        return str(value or "").lower(), row

    keys = (key(row) for row in collection.rows(0) if _passes(directory, kind, row, found))
    if mark is not None:
        after = (mark.key or "", mark.row)
        keys = (pair for pair in keys if (pair < after if descending else pair > after))
    best = (heapq.nlargest if descending else heapq.nsmallest)(options.top + 1, keys)
    page = best[: options.top]
    following = Mark(page[-1][1], page[-1][0]) if len(best) > len(page) else None
    return [row for _, row in page], following


def _item(directory: Directory, options: Options, collection: Collection, row: int) -> Json:
    kind = collection.kind
    names = kind.shown if options.select is None else options.select
    item = directory_object(directory, kind, row, names) if collection.typed else shown(directory, kind, row, names)
    if options.expand is not None:
        item["manager"] = manager(directory, row, options.expand)
    return item


def manager(directory: Directory, row: int, names: Sequence[str]) -> Json | None:
    """The live manager of a user, if any."""
    above = directory.peek(row).manager
    return None if above is None or not directory.is_live(above) else directory_object(directory, USER, above, names)


def _context(options: Options, collection: Collection) -> str:
    name = "directoryObjects" if collection.typed else collection.kind.collection
    return name if options.select is None else f"{name}({','.join(options.select)})"


def _mark(edge: Edge, options: Options, collection: Collection) -> Mark | None:
    content = resumed(edge.services, options.skiptoken, collection.path)
    if content is None:
        return None
    key = content.get("k")
    if (key is None) != (options.order is None) or not isinstance(key, str | None):
        raise invalid_page_token()
    return Mark(content["n"], key, content.get("a") is True)


def _next(edge: Edge, options: Options, collection: Collection, mark: Mark, *, advanced: bool) -> str:
    content = {"p": collection.path, "n": mark.row, "k": mark.key, "a": advanced}
    token = sealed(edge.services, content)
    return link(edge.base_url, VERSION + collection.path, [*options.given, ("$skiptoken", token)])


def group_collection(directory: Directory) -> Collection:
    """The live groups."""
    return Collection(GROUP, "/groups", groups(directory))


def user_collection(directory: Directory, found: Filter | None) -> Collection:
    """The live users."""
    return Collection(USER, "/users", live_users(directory, found), lambda: directory.live_users)
