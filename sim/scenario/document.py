"""The text of a scenario read once into plain values, each with the line where it stands.

Invariant: bounded work for any input. The reader takes the parser's events one by one and stops at the first that is
not allowed, so neither depth, nor aliases, nor size can make it work longer than an honest file would.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from stat import S_ISDIR, S_ISREG
from typing import Any, Final, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from sim.scenario.errors import Path, ScenarioError, dotted
from sim.time import clipped

MAX_BYTES: Final = 1_000_000
MAX_NODES: Final = 100_000
MAX_WRITTEN_OUT: Final = 10_000_000
"""Values of a text that jmlab has written itself."""
MAX_ALIASES: Final = 100
MAX_DEPTH: Final = 20

Plain: TypeAlias = "None | bool | int | float | str | list[Plain] | dict[str, Plain]"

# YAML 1.2.2 §10.3.2, the core schema; dates stay text.
_NULL: Final = re.compile(r"|~|null|Null|NULL")
_BOOL: Final = re.compile(r"(true|True|TRUE)|false|False|FALSE")
_INT: Final = re.compile(r"[-+]?[0-9]{1,18}")
_BASED: Final = re.compile(r"0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NO_FINITE_NUMBER: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Document:
    """A scenario's plain values, and the line and column of every key and list item."""

    source: str
    root: Plain
    places: Mapping[Path, tuple[int, int]] = field(default_factory=dict)

    def place(self, path: Path) -> tuple[int, int] | None:
        """Line and column (from 1) of a path, or of the nearest thing around it that stands in the file."""
        for length in range(len(path), -1, -1):
            if (found := self.places.get(path[:length])) is not None:
                return found
        return None


def read_text(path: str) -> str:
    """The text of a scenario file; raises ScenarioError for anything that is not a small UTF-8 file."""
    file = FilePath(path)
    try:
        status = file.stat()
        if S_ISDIR(status.st_mode):
            raise ScenarioError("this is a directory; name a scenario file (YAML)", source=path)
        if not S_ISREG(status.st_mode):
            raise ScenarioError("this is no regular file; name a scenario file (YAML)", source=path)
        if status.st_size > MAX_BYTES:
            raise ScenarioError(f"the file has {status.st_size / 1e6:.1f} MB; a scenario has at most 1 MB", source=path)
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path is not valid"
        raise ScenarioError(f"the file cannot be read ({reason}); name a scenario file (YAML)", source=path) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ScenarioError("this is not UTF-8 text; a scenario is a YAML file", source=path, line=line) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ScenarioError("this is a binary file; a scenario is a YAML file", source=path, line=line)
    return text


def compose(text: str, source: str, *, written_out: bool = False) -> Document:
    """The plain values of a YAML 1.2 text with their places; raises ScenarioError with the line.

    ``written_out``: jmlab itself wrote the text, of a scenario that has been read before. What exports came to is in
    it, and it may be as long as it has become.
    """
    if len(text) > MAX_BYTES and not written_out:
        raise ScenarioError(f"the text has {len(text) / 1e6:.1f} MB; a scenario has at most 1 MB", source=source)
    reader = _Reader(source, MAX_WRITTEN_OUT if written_out else MAX_NODES)
    for event in _events(text, source):
        reader.take(event)
    if not reader.documents or reader.root is None:
        raise ScenarioError(
            "the file is empty; a scenario has at least scenario, title, start and duration", source=source
        )
    return Document(source, reader.root, reader.places)


def _events(text: str, source: str) -> Iterator[Any]:
    """The parser's events; whatever stops the parser is a fault of the text."""
    line = 1
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            line = event.end_mark.line + 1
            yield event
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else line
        reason = f"{error.problem or error.context or 'it breaks off'}); check indentation, quotes and brackets"
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        reason = "it holds a control character); a scenario is plain text"
    except Exception:  # The parser has faults of its own: an assertion for %YAML 1.3, chr() of an impossible \U escape.
        reason = "the parser gives up here); check escapes in quotes, and lines that begin with %"
    else:
        return
    raise ScenarioError(f"not valid YAML ({reason}", source=source, line=line)


@dataclass(slots=True)
class _Collection:
    """A mapping or a list whose end has not been read yet."""

    value: Any
    path: Path
    anchor: str | None
    nodes_before: int
    key: str | None = None


class _Reader:
    """Takes parser events and builds plain values; refuses what a scenario must not hold."""

    def __init__(self, source: str, most: int) -> None:
        self.source = source
        self.root: Plain = None
        self.places: dict[Path, tuple[int, int]] = {}
        self.documents = 0
        self._open: list[_Collection] = []
        self._anchors: dict[str, tuple[Plain, int] | None] = {}
        self._nodes = 0
        self._most = most
        self._aliases = 0

    def take(self, event: Any) -> None:
        """Goes one event further in the text."""
        if isinstance(event, DocumentStartEvent):
            self._start_document(event)
        elif isinstance(event, AliasEvent):
            value, nodes = self._alias(event)
            self._count(event, nodes)
            self._place(event, value)
        elif isinstance(event, ScalarEvent):
            self._scalar(event)
        elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            self._start(event, {} if isinstance(event, MappingStartEvent) else [])
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            done = self._open.pop()
            if done.anchor is not None:
                self._anchors[done.anchor] = (done.value, self._nodes - done.nodes_before)

    def _start_document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            raise self._error(event, "a second document begins here; a scenario file holds one")
        if event.version is not None and tuple(event.version) != (1, 2):
            raise self._error(event, "this YAML version is not read; a scenario is YAML 1.2")

    def _start(self, event: Any, value: Plain) -> None:
        self._refuse_tag(event)
        if len(self._open) >= MAX_DEPTH:
            raise self._error(event, f"nested too deeply; a scenario has at most {MAX_DEPTH} levels")
        if self._expects_key():
            raise self._error(event, "a key must be text, not a list or a mapping")
        before = self._nodes
        self._count(event, 1)
        path = self._place(event, value)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._open.append(_Collection(value, path, event.anchor, before))

    def _scalar(self, event: Any) -> None:
        self._refuse_tag(event)
        self._count(event, 1)
        text: str = event.value
        if _UNPRINTABLE.search(text):
            raise self._error(event, "this text holds a control character; only printable text is allowed")
        value = resolve(text) if event.implicit[0] else text
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 1)
        self._place(event, value)

    def _alias(self, event: Any) -> tuple[Plain, int]:
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            raise self._error(event, f"too many aliases; a scenario has at most {MAX_ALIASES}")
        if event.anchor not in self._anchors:
            raise self._error(event, f"alias *{clipped(event.anchor)} has no anchor; define &NAME above it")
        known = self._anchors[event.anchor]
        if known is None:
            raise self._error(event, f"alias *{clipped(event.anchor)} stands inside its own anchor; that has no end")
        return known

    def _count(self, event: Any, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > self._most:
            raise self._error(event, f"too many values (aliases written out); a scenario has at most {self._most:,}")

    def _expects_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _place(self, event: Any, value: Plain) -> Path:
        """Puts a value where it belongs (or takes it as the next key) and notes where it stands."""
        here = (event.start_mark.line + 1, event.start_mark.column + 1)
        if not self._open:
            self.root = value
            self.places[()] = here
            return ()
        parent = self._open[-1]
        if isinstance(parent.value, list):
            parent.value.append(value)
            path = (*parent.path, len(parent.value) - 1)
            self.places[path] = here
            return path
        if parent.key is None:
            if not isinstance(value, str):
                shown = dotted(parent.path)
                raise self._error(event, "a key must be text; put it in quotes", shown or None)
            path = (*parent.path, value)
            if value in parent.value:
                first = self.places[path][0]
                raise self._error(event, f"this key stands here twice, first in line {first}; keep one", dotted(path))
            parent.key = value
            self.places[path] = here
            return path
        parent.value[parent.key] = value
        path = (*parent.path, parent.key)
        parent.key = None
        return path

    def _refuse_tag(self, event: Any) -> None:
        tag = event.tag
        if tag is not None:
            raise self._error(
                event, f"the YAML tag {clipped(str(tag))} is not allowed; a scenario holds plain values only"
            )

    def _error(self, event: Any, sentence: str, key: str | None = None) -> ScenarioError:
        if key is None and self._open:
            parent = self._open[-1]
            path = parent.path if parent.key is None else (*parent.path, parent.key)
            key = clipped(dotted(path), 80) or None
        return ScenarioError(sentence, source=self.source, line=event.start_mark.line + 1, key=key)


def resolve(text: str) -> Plain:
    """What an unquoted YAML 1.2 scalar stands for (core schema)."""
    if _NULL.fullmatch(text):
        return None
    if (truth := _BOOL.fullmatch(text)) is not None:
        return truth[1] is not None
    if _INT.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _NO_FINITE_NUMBER.fullmatch(text):
        return float(text.replace(".", ""))
    return text
