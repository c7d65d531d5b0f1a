"""Pages of a list: AWS's two modes, without a cursor (first page only) and with one.

Invariant: a cursor holds its whole position, so that the server keeps nothing about a reader.
https://docs.aws.amazon.com/singlesignon/latest/developerguide/listusers.html
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import dropwhile, islice

from mockservices.scim.errors import invalid


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for."""

    count: int
    cursor: bool
    """Whether pages are followed by cursor."""
    start: int = 0
    """The first row that may be on the page."""


def read_page(kind: str, count: str | None, cursor: str | None, largest: int) -> Page:
    """Read ``count`` and ``cursor``; 400 for a count outside 1 to ``largest`` or a cursor of another list."""
    size = largest
    if count is not None:
        if not (count.isascii() and count.isdigit() and len(count) < 10) or not 1 <= int(count) <= largest:
            raise invalid(f"count has to be from 1 to {largest}")
        size = int(count)
    if cursor is None:
        return Page(size, False)
    return Page(size, True, _position(kind, cursor) if cursor else 0)


def cursor_at(kind: str, row: int) -> str:
    """The cursor that continues at a row."""
    return urlsafe_b64encode(f"{kind}:{row}".encode()).decode()


def _position(kind: str, cursor: str) -> int:
    try:
        named, _, row = urlsafe_b64decode(cursor).decode("ascii").partition(":")
    except ValueError as error:
        raise invalid("Invalid cursor") from error
    if named != kind or not row.isdigit() or len(row) > 12:
        raise invalid("Invalid cursor")
    return int(row)


def cut(rows: Iterable[int], page: Page) -> tuple[list[int], int | None]:
    """The rows of a page out of ascending ones, and the row that the next page begins with, if there is one."""
    ahead = list(islice(dropwhile(lambda row: row < page.start, rows), page.count + 1))
    return ahead[: page.count], ahead[page.count] if len(ahead) > page.count else None
