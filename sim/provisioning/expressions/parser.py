"""From the text of an expression to its tree.

Invariant: the text is read once, from left to right; whatever is wrong with it is an `ExpressionSyntaxError` that
points at the first character that cannot be right. Which functions there are is not known here.
https://learn.microsoft.com/entra/identity/app-provisioning/functions-for-customizing-application-data
"""

from __future__ import annotations

import re
from typing import Final

from sim.provisioning.expressions.errors import ExpressionSyntaxError
from sim.provisioning.expressions.tree import Attribute, Call, Comparison, Constant, Keyword, Node, Omitted

LONGEST: Final = 10_000
"""Characters of an expression. https://learn.microsoft.com/entra/identity/app-provisioning/known-issues"""

DEEPEST: Final = 50
"""Functions inside one another. Microsoft names no limit; this one keeps the interpreter's own stack out of sight."""

_SPACE: Final = re.compile(r"\s*")
_WORD: Final = re.compile(r"[^\W\d]\w*")
_HEX: Final = re.compile(r"&[Hh]([0-9A-Fa-f]{1,15})(?![0-9A-Za-z_])")
_NUMBER: Final = re.compile(r"-?[0-9]{1,19}(?![0-9A-Za-z_])")
_OPERATOR: Final = re.compile(r"<>|>=|<=|=|>|<")


def parse(text: str) -> Node:
    """The tree of an expression; a lone ``[attribute]``, ``"text"`` or number counts as one, as in direct mappings."""
    if len(text) > LONGEST:
        raise ExpressionSyntaxError(
            LONGEST + 1, f"an expression has at most {LONGEST} characters, this one has {len(text)}"
        )
    return _Parser(text).whole()


class _Parser:
    __slots__ = ("_at", "_depth", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        if not self._peek():
            raise self._wrong("there is no expression")
        node = self._operand()
        rest = self._peek()
        if rest and rest in "=<>":
            raise self._wrong("a comparison stands inside IIF or CBool, not alone")
        if rest:
            raise self._wrong(f"the expression should end here, but '{rest}' follows")
        return node

    def _peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    def _wrong(self, cause: str, at: int | None = None) -> ExpressionSyntaxError:
        return ExpressionSyntaxError((self._at if at is None else at) + 1, cause)

    def _operand(self) -> Node:
        start, first = self._at, self._peek()
        start = self._at
        if first == "[":
            return self._attribute(start)
        if first == '"':
            return Constant(self._string(start), start + 1)
        if first == "&":
            digits = self._number(_HEX, "a hexadecimal number is written like &HF7, up to 15 digits").lstrip("&Hh")
            return Constant(int(digits, 16), start + 1)
        if first == "-" or "0" <= first <= "9":
            return Constant(int(self._number(_NUMBER, "a number is a whole one of at most 19 digits")), start + 1)
        word = _WORD.match(self._text, self._at)
        if word:
            self._at = word.end()
            if self._peek() == "(":
                return self._call(word[0], start)
            self._at = word.end()
            return Keyword(word[0], start + 1)
        found = f", not '{first}'" if first else ", but the text ends"
        raise self._wrong(f'an [attribute], a "text", a number or a function should stand here{found}')

    def _attribute(self, start: int) -> Attribute:
        end = self._text.find("]", start)
        if end < 0:
            raise self._wrong("the attribute's name is not closed with ]", start)
        name = self._text[start + 1 : end].strip()
        if not name or "[" in name:
            raise self._wrong("an attribute is written like [department]", start)
        self._at = end + 1
        return Attribute(name, start + 1)

    def _string(self, start: int) -> str:
        parts: list[str] = []
        at = start + 1
        while at < len(self._text):
            character = self._text[at]
            if character == '"':
                self._at = at + 1
                return "".join(parts)
            if character == "\\":
                at += 1
                character = self._text[at : at + 1]
                if character not in ("\\", '"'):
                    raise self._wrong('a backslash stands before a backslash or a quotation mark: \\\\ or \\"', at - 1)
            parts.append(character)
            at += 1
        raise self._wrong('the text is not closed with a quotation mark (")', start)

    def _number(self, shape: re.Pattern[str], cause: str) -> str:
        match = shape.match(self._text, self._at)
        if match is None or self._text[match.end() : match.end() + 1] == ".":
            raise self._wrong(cause)
        self._at = match.end()
        return match[0]

    def _call(self, name: str, start: int) -> Call:
        opened = self._at
        self._at += 1
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._wrong(f"functions can be nested {DEEPEST} deep here", start)
        arguments: list[Node] = []
        if self._peek() == ")":
            self._at += 1
        else:
            while self._more(arguments, opened, name):
                pass
        self._depth -= 1
        return Call(name, tuple(arguments), start + 1)

    def _more(self, arguments: list[Node], opened: int, name: str) -> bool:
        """Read one argument and what ends it; whether another follows."""
        following = self._peek()
        arguments.append(Omitted(self._at + 1) if following in (",", ")") else self._argument())
        following = self._peek()
        if following == "":
            raise self._wrong(f"the arguments of {name} are not closed with )", opened)
        if following not in (",", ")"):
            raise self._unexpected(following)
        self._at += 1
        return following == ","

    def _argument(self) -> Node:
        left = self._operand()
        self._peek()
        operator = _OPERATOR.match(self._text, self._at)
        if operator is None:
            return left
        position = self._at + 1
        self._at = operator.end()
        return Comparison(left, operator[0], self._operand(), position)

    def _unexpected(self, following: str) -> ExpressionSyntaxError:
        word = _WORD.match(self._text, self._at)
        if word and word[0].upper() in ("AND", "OR"):
            return self._wrong(f"conditions know no {word[0].upper()}; put a second IIF inside the first")
        return self._wrong(f"a comma or ) should stand here, not '{following}'")
