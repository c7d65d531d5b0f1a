"""Values: small records that nobody alters once they are made.

Invariant: the type checker refuses every assignment to a field of a value. At run time nothing stands in the way: a
dataclass that is frozen then takes three times as long to make, and a simulated year makes millions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def value(cls: type[T]) -> type[T]:
    """Make a class a dataclass with slots whose objects are compared and hashed by what they hold."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
