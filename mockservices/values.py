"""Values: small records that nobody alters once they are made, and what is often done with values.

Invariant: the type checker refuses every assignment to a field of a value. At run time nothing stands in the way: a
dataclass that is frozen then takes three times as long to make, and a simulated year makes millions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def value(cls: type[T]) -> type[T]:
    """Make a class a dataclass with slots whose objects are compared and hashed by what they hold."""
    return dataclass(slots=True, unsafe_hash=True)(cls)


def values_of(names: tuple[str, ...]) -> Callable[[Mapping[str, T]], tuple[T, ...]]:
    """What reads these keys of a mapping, all at a time; it raises KeyError when one is missing."""
    if len(names) > 1:
        return itemgetter(*names)
    if names:
        name = names[0]
        return lambda mapping: (mapping[name],)
    return lambda mapping: ()


def folded(text: str) -> str:
    """The text in lower case; the very same object if it is so already, so that no copy of it is kept."""
    lowered = text.lower()
    return text if lowered == text else lowered
