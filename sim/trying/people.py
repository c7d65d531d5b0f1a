"""Who is meant by a name, and which users of the target are theirs.

Invariant: it only reads. A person whom nothing has touched gets no record by being asked about, so that whoever looks
changes no figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from sim.errors import JmlabError
from sim.world import World

_SHOWN: Final = 5
"""So many names are told when several people could be meant."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody, as far as the doors are concerned."""

    label: str
    """The userPrincipalName; for a user of the target who belongs to nobody, the userName."""
    users: tuple[int, ...]
    """Rows of their users in the target, deleted ones included."""


def find(world: World, text: str) -> Subject:
    """The one person whom a text names.

    A name that the scenario gives, a userPrincipalName, a userName, an id, a display name, or the beginning of one of
    these. JmlabError with the nearest names when there is none, or more than one.
    """
    number = _number(world, text)
    if number is not None:
        return Subject(world.parts.register.label(number), _users(world, number))
    row = world.services.provider.user_row_by("userName", text)
    if row is None:
        row = world.services.provider.user_row(text)
    if row is not None:
        return _of_user(world, row)
    return _by_beginning(world, text)


def _number(world: World, text: str) -> int | None:
    register, directory = world.parts.register, world.services.directory
    number = register.names.get(text)
    if number is not None:
        return number
    row = directory.row_by_upn(text)
    if row is None:
        row = directory.user_row(text)
    number = None if row is None else register.account_owner(row)
    return register.who_bore(text) if number is None and "@" in text else number


def _users(world: World, number: int) -> tuple[int, ...]:
    known, start = world.parts.ledger.known(number), world.parts.start
    if known is not None:
        return known.targets
    if start is None or number >= start.size:
        return ()
    row = start.target(number)
    return (row,) if row >= 0 else ()


def _of_user(world: World, row: int) -> Subject:
    """A user of the target, by row: its owner with all their users, or the user alone."""
    parts = world.parts
    for person in parts.ledger.touched():
        if row in person.targets:
            return Subject(parts.register.label(person.number), person.targets)
    name = str(world.services.provider.peek(row).attributes["userName"])
    number = _number(world, name)
    return Subject(name, (row,)) if number is None else Subject(parts.register.label(number), (row,))


# --- not quite a name ------------------------------------------------------------------------------------


def _by_beginning(world: World, text: str) -> Subject:
    wanted = text.casefold()
    exact: dict[str, str] = {}
    begun: dict[str, str] = {}
    spellings: dict[str, str] = {}
    for label, key, names in _everybody(world):
        folded = [name.casefold() for name in names if name]
        if wanted in folded:
            exact.setdefault(label, key)
        elif wanted and any(name.startswith(wanted) for name in folded):
            begun.setdefault(label, key)
        for name in folded:
            spellings.setdefault(name, label)
    found = exact or begun
    if len(found) == 1:
        return find(world, next(iter(found.values())))
    if found:
        more = " and others" if len(found) > _SHOWN else ""
        shown = ", ".join(list(found)[:_SHOWN])
        raise JmlabError(f"'{text}' could be {shown}{more}; write the whole userPrincipalName or userName")
    near = dict.fromkeys(spellings[name] for name in get_close_matches(wanted, spellings, 3, 0.75))
    hint = f" (did you mean {' or '.join(near)}?)" if near else ""
    raise JmlabError(f"there is no person '{text}' in this world{hint}")


def _everybody(world: World) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each by what they are called in results, by a text that :func:`find` finds, and by all that they are called."""
    directory, provider, register = world.services.directory, world.services.provider, world.parts.register
    owned = {row: person.number for person in world.parts.ledger.touched() for row in person.targets}
    for name, number in register.names.items():
        yield register.label(number), name, (name,)
    for row in range(directory.users_count):
        if directory.is_live(row):
            values = directory.attributes_of(row)
            upn = str(values["userPrincipalName"])
            owner = register.account_owner(row)
            names = (upn, upn.partition("@")[0], *(str(values.get(key) or "") for key in _NAMES))
            yield upn if owner is None else register.label(owner), upn, names
    for row in provider.user_rows():
        name = str(provider.peek(row).attributes["userName"])
        if directory.row_by_upn(name) is None:
            yield register.label(owned[row]) if row in owned else name, name, (name,)


_NAMES: Final = ("displayName", "givenName", "surname")
