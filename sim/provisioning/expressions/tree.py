"""The tree of an expression, and its text.

Invariant: parsing the text that `render` makes gives an equal tree. Positions are where a node stood in the text it
came from; they say nothing about its meaning and do not count when trees are compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Attribute:
    """``[name]``: a property of the source object."""

    name: str
    position: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Constant:
    """``"text"`` or a whole number (``12``, ``-3``, ``&HF7``)."""

    value: str | int
    position: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Keyword:
    """A bare word, as the last argument of InStr: ``vbTextCompare``."""

    name: str
    position: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Omitted:
    """An argument left empty between two commas."""

    position: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``left operator right``, in a condition."""

    left: Node
    operator: str
    right: Node
    position: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """``Name(argument, ...)``."""

    name: str
    arguments: tuple[Node, ...]
    position: int = field(default=1, compare=False)


Node: TypeAlias = Attribute | Constant | Keyword | Omitted | Comparison | Call

OPERATORS = ("=", "<>", ">", ">=", "<", "<=")


def render(node: Node) -> str:
    """The text of a tree, as the portal writes it: a space after each comma."""
    match node:
        case Attribute(name):
            return f"[{name}]"
        case Constant(int() as number):
            return str(number)
        case Constant(text):
            return '"' + str(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
        case Keyword(name):
            return name
        case Omitted():
            return ""
        case Comparison(left, operator, right):
            return f"{render(left)} {operator} {render(right)}"
        case Call(name, arguments):
            return f"{name}({', '.join(render(argument) for argument in arguments)})"


def attributes_of(node: Node) -> tuple[str, ...]:
    """The source properties that a tree reads, each once, in the order of the text."""
    return tuple(dict.fromkeys(each.name for each in nodes_of(node) if isinstance(each, Attribute)))


def nodes_of(node: Node) -> Iterator[Node]:
    """The node and all below it, in the order of the text."""
    yield node
    if isinstance(node, Call):
        for argument in node.arguments:
            yield from nodes_of(argument)
    elif isinstance(node, Comparison):
        yield from nodes_of(node.left)
        yield from nodes_of(node.right)
