"""What an operation of the AWS JSON services is: a body, and how it is answered.

Invariant: a read's ``answer`` changes nothing; a write changes only through its named action.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mockservices.identitycenter.render import Members
from mockservices.identitycenter.shapes import Body
from mockservices.services import Services

B = TypeVar("B", bound=Body)


@dataclass(frozen=True, slots=True)
class Read(Generic[B]):
    """An operation that only looks."""

    body: type[B]
    answer: Callable[[Services, B], Members]


@dataclass(frozen=True, slots=True)
class Write(Generic[B]):
    """An operation that changes something: the action's name, its JSON arguments, the answer from its result."""

    body: type[B]
    action: str
    arguments: Callable[[B], dict[str, Any]]
    answer: Callable[[Services, Any], Members]


def nothing(services: Services, result: object) -> Members:
    """The empty answer of an operation that has nothing to say."""
    return {}
