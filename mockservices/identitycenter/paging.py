"""``NextToken`` and ``MaxResults``: a page is what comes after a key, in the order of keys.

Invariant: a token holds the operation and the last key and nothing else, so it needs no store, costs no state, and
what is created or deleted between two pages never shifts what is on them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from itertools import islice
from typing import TypeAlias, TypeVar

from mockservices.identitycenter.errors import invalid

T = TypeVar("T")
Key: TypeAlias = tuple[int, ...]

LARGEST_PAGE = 100
"""Most results in one answer, and as many as come unasked.
https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_ListUsers.html"""


def after(operation: str, token: str | None) -> Key:
    """The key of the last item on the page before; ``()`` for the first page. ValidationException otherwise."""
    if token is None:
        return ()
    try:
        name, _, key = base64.urlsafe_b64decode(token.encode("ascii")).decode("ascii").partition(":")
        if name == operation:
            return tuple(int(part) for part in key.split("."))
    except (ValueError, binascii.Error):  # not ASCII, not base64, not numbers
        pass
    raise invalid("The value of NextToken is not valid for this operation.")


def page(
    operation: str, token: str | None, limit: int | None, items: Iterable[tuple[Key, T]]
) -> tuple[list[T], dict[str, str]]:
    """One page of ``items``, which come in ascending order of their keys, and ``NextToken`` when more follow."""
    last = after(operation, token)
    size = LARGEST_PAGE if limit is None else limit
    found = list(islice((item for item in items if item[0] > last), size + 1))
    if len(found) <= size:
        return [item for _, item in found], {}
    found.pop()
    key = ".".join(str(part) for part in found[-1][0])
    next_token = base64.urlsafe_b64encode(f"{operation}:{key}".encode("ascii")).decode("ascii")
    return [item for _, item in found], {"NextToken": next_token}
