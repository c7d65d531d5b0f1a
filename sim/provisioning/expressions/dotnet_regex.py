"""Regular expressions as .NET writes them, carried out by Python's `re`, with a guard on their cost.

Invariant: a pattern that could take exponential time is refused before it meets any text, and limits on the pattern
and on the text bound the rest. Microsoft names no such limits; these keep one mapping from holding up a run.
https://learn.microsoft.com/dotnet/standard/base-types/regular-expression-language-quick-reference
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from mockservices.values import value

LONGEST_PATTERN: Final = 256
LONGEST_TEXTS: Final = (256, 256, 256, 256, 96, 48, 32)
"""Characters of a text, by the number of repetitions without an upper end in the pattern: each can multiply the work by
the text's length. 256 is what displayName has at most. https://learn.microsoft.com/graph/api/resources/user"""

_NAMED: Final = re.compile(r"\(\?(?:<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')")
_ESCAPE: Final = re.compile(r"\\(?:k<(\w+)>|k'(\w+)'|(.))", re.DOTALL)
_ESCAPES: Final = {"z": r"\Z", "Z": r"(?=\n?\Z)", "e": r"\x1b", "'": "'"}
_UNSUPPORTED: Final = {"p": "Unicode categories (\\p)", "P": "Unicode categories (\\P)", "G": "\\G", "c": "\\c"}
_OPENING: Final = re.compile(r"\(\?(?:[imsx]*(?:-[imsx]+)?[):]|[=!]|<[=!])")
_REPEAT: Final = re.compile(r"[*+?]|\{(\d+)(,?)(\d*)\}")
_TOO_DEAR: Final = (
    "repeats something that itself varies in length, which can take for ever; say it without the inner one"
)


@value
class Regex:
    """A compiled pattern, and how long a text it may meet."""

    pattern: re.Pattern[str]
    longest: int

    def check(self, text: str) -> str:
        """The text, when it is short enough. Raises ValueError with the reason, to follow ``the pattern``."""
        if len(text) > self.longest:
            raise ValueError(f"meets a text of {len(text)} characters, at most {self.longest} are allowed")
        return text


@lru_cache(maxsize=512)
def compile_regex(pattern: str) -> Regex:
    """The pattern, compiled. Raises ValueError with the reason, in words that can follow ``the pattern``."""
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"has {len(pattern)} characters, at most {LONGEST_PATTERN} are allowed")
    translation = _Translation(pattern)
    translated = translation.whole()
    try:
        return Regex(re.compile(translated), LONGEST_TEXTS[translation.repeats])
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"is no regular expression: {getattr(error, 'msg', error)}") from None


class _Group:
    """An open parenthesis, and what the guard has to know of what is inside."""

    __slots__ = ("branches", "varies")

    def __init__(self, start: int) -> None:
        self.varies = False
        self.branches = [start]


class _Translation:
    """Goes through a pattern once: turns .NET's spelling into Python's, and measures it."""

    __slots__ = ("_at", "_closed", "_groups", "_out", "_pattern", "repeats")

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._out: list[str] = []
        self._groups: list[_Group] = [_Group(0)]
        self._closed: _Group | None = None
        self.repeats = 0

    def whole(self) -> str:
        while self._at < len(self._pattern):
            self._step()
        return "".join(self._out)

    def _take(self, text: str, length: int, closed: _Group | None = None) -> None:
        self._out.append(text)
        self._at += length
        self._closed = closed

    def _step(self) -> None:
        pattern, at = self._pattern, self._at
        character = pattern[at]
        if character == "\\":
            self._escape()
        elif character == "[":
            end = self._class_end()
            self._take(self._class(pattern[at:end]), end - at)
        elif character == "(":
            named = _NAMED.match(pattern, at)
            self._groups.append(_Group(named.end() if named else at + 1))
            if named:
                self._take(f"(?P<{named[1] or named[2]}>", named.end() - at)
            elif pattern[at + 1 : at + 2] == "?":
                opening = _OPENING.match(pattern, at)
                if opening is None:
                    raise ValueError(f"has a group that is not known here: '{pattern[at : at + 4]}'")
                self._groups[-1].branches = [opening.end()]
                if opening[0].endswith(")"):
                    self._groups.pop()
                self._take(opening[0], opening.end() - at)
            else:
                self._take("(", 1)
        elif character == ")":
            closed = self._groups.pop() if len(self._groups) > 1 else None
            if closed is not None and (closed.varies or self._ambiguous(closed)):
                self._groups[-1].varies = True
            self._take(")", 1, closed)
        elif character == "|":
            self._groups[-1].branches.append(at + 1)
            self._take("|", 1)
        else:
            self._repeat_or_plain(character)

    def _repeat_or_plain(self, character: str) -> None:
        repeat = _REPEAT.match(self._pattern, self._at)
        if repeat is None:
            self._take("\\{" if character == "{" else character, 1)
            return
        unbounded = repeat[0] in ("*", "+") or bool(repeat[2] and not repeat[3])
        many = unbounded or (repeat[1] is not None and int(repeat[3] or repeat[1]) > 1)
        if many and self._closed is not None and (self._closed.varies or self._ambiguous(self._closed)):
            raise ValueError(_TOO_DEAR)
        self.repeats += unbounded
        if self.repeats >= len(LONGEST_TEXTS):
            raise ValueError(f"has more than {len(LONGEST_TEXTS) - 1} repetitions without an upper end")
        if repeat[0] in ("*", "+", "?") or repeat[2]:
            self._groups[-1].varies = True
        end = repeat.end()
        lazy = self._pattern[end : end + 1] == "?"
        if self._pattern[end : end + 1] == "+":
            raise ValueError(f"has two repetitions in a row: '{repeat[0]}+'")
        self._take(repeat[0] + ("?" if lazy else ""), end - self._at + lazy)

    def _ambiguous(self, group: _Group) -> bool:
        """Whether two alternatives could begin alike; only plain letters and digits are sure not to."""
        if len(group.branches) < 2:
            return False
        starts = [self._pattern[start : start + 1] for start in group.branches]
        return len(set(starts)) < len(starts) or not all(start.isalnum() for start in starts)

    def _escape(self) -> None:
        match = _ESCAPE.match(self._pattern, self._at)
        if match is None:
            raise ValueError("ends in a backslash")
        reference, character = match[1] or match[2], match[3]
        if reference:
            self._take(f"(?P={reference})", len(match[0]))
            return
        if character in _UNSUPPORTED:
            raise ValueError(f"uses {_UNSUPPORTED[character]}, which is not known here")
        self._take(_ESCAPES.get(character, match[0]), len(match[0]))

    def _class_end(self) -> int:
        at = self._at + 1
        if self._pattern[at : at + 1] == "^":
            at += 1
        if self._pattern[at : at + 1] == "]":
            at += 1
        while at < len(self._pattern) and self._pattern[at] != "]":
            at += 2 if self._pattern[at] == "\\" else 1
        if at >= len(self._pattern):
            raise ValueError("has a [ that is not closed with ]")
        return at + 1

    @staticmethod
    def _class(text: str) -> str:
        if "-[" in text or re.search(r"\\[pP]", text):
            raise ValueError(f"has a character class that is not known here: '{text}'")
        start = 2 if text.startswith("[^") else 1
        inner = re.sub(
            r"(?<!\\)(\[|&&|\|\||~~|--)", lambda found: "".join("\\" + one for one in found[1]), text[start:-1]
        )
        return text[:start] + inner + "]"


_REFERENCE: Final = re.compile(r"\$(?:\$|&|(\d+)|\{(\w+)\})")


def expand(template: str, match: re.Match[str]) -> str:
    """.NET's replacement text for a match: ``$1``, ``${name}``, ``$&``, ``$$``; a group that does not exist stays."""

    def put(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        if found[0] == "$&":
            return match[0]
        key = found[1] or found[2]
        try:
            return match[int(key) if key.isdecimal() else key] or ""
        except IndexError:
            return found[0]

    return _REFERENCE.sub(put, template)


def replace_group(pattern: re.Pattern[str], group: str, replacement: str, text: str) -> str:
    """The text with what this group matched replaced, in every match."""
    return pattern.sub(_within_match(group, replacement), text)


def _within_match(group: str, replacement: str) -> Callable[[re.Match[str]], str]:
    def put(match: re.Match[str]) -> str:
        start, end = match.span(group)
        if start < 0:
            return match[0]
        offset = match.start()
        return match[0][: start - offset] + replacement + match[0][end - offset :]

    return put
