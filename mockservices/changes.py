"""The canonical trace: every state change of every service, one line each, in order.

Invariant: only what changes the state of a service is recorded here; requests, log rows and tokens never are.
A line is ``t_ms TAB seq TAB service TAB verb TAB key TAB fields`` and the digest is SHA-256 over the lines in
UTF-8, each ended by a line feed. ``fields`` is a JSON object with sorted names and no spaces.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring as _quote

from mockservices.clock import Clock
from mockservices.values import values_of

_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode
_FLUSH = 2048


def fields_text(fields: Mapping[str, object]) -> str:
    """The canonical text of a change's fields: JSON, names sorted, nothing between the tokens."""
    template, values = _template(tuple(fields))
    return template % tuple([_quote(v) if type(v) is str else _text(v) for v in values(fields)])


@lru_cache(maxsize=1024)
def _template(names: tuple[str, ...]) -> tuple[str, Callable[[Mapping[str, object]], tuple[object, ...]]]:
    """The text with places for the values, and what reads them: kinds of change are few, changes are many."""
    order = sorted(names)
    return "{" + ",".join([f"{_quote(name)}:".replace("%", "%%") + "%s" for name in order]) + "}", values_of(
        tuple(order)
    )


def _text(value: object) -> str:
    if type(value) is tuple:
        return "[" + ",".join([_quote(item) if type(item) is str else _text(item) for item in value]) + "]"
    if value is True:
        return "true"
    if value is False:
        return "false"
    return _encode(value)


class Trace:
    """Numbers, keeps for a moment and hashes the changes of one world."""

    __slots__ = ("_changes", "_clock", "_hash", "handed", "seq", "sink")

    def __init__(self, clock: Clock, sink: Callable[[Sequence[str]], None] | None = None) -> None:
        self._clock = clock
        self._hash = sha256()
        self._changes: list[tuple[int, str] | tuple[int, str, str, str, Mapping[str, object] | str]] = []
        self.seq = 0
        self.handed = 0
        """How many changes have been hashed and handed on; a sink attached now gets the others."""
        self.sink = sink

    def record(self, service: str, verb: str, key: str, fields: Mapping[str, object] | str = "{}") -> None:
        """Append one change at the clock's time; ``fields`` nobody alters from now on, or what :func:`fields_text`
        makes of them. Many changes at a time are put into words, which takes half as long."""
        self.seq += 1
        changes, now = self._changes, self._clock.now
        changes.append((now, service, verb, key, fields))
        # prehistory waits, so that a sink attached before anything happens is handed all of it
        if len(changes) >= _FLUSH and now >= 0:
            self.flush()

    def say(self, change: str) -> None:
        """Append one change in words: service, verb, key and fields with tabs between."""
        self.seq += 1
        changes, now = self._changes, self._clock.now
        changes.append((now, change))
        if len(changes) >= _FLUSH and now >= 0:
            self.flush()

    def flush(self) -> None:
        """Hash what is pending and hand it to the sink (the journal)."""
        if self._changes:
            lines = []
            for seq, change in enumerate(self._changes, self.handed + 1):
                if len(change) == 2:
                    lines.append(f"{change[0]}\t{seq}\t{change[1]}\n")
                    continue
                at, service, verb, key, fields = change
                text = fields if isinstance(fields, str) else fields_text(fields)
                lines.append(f"{at}\t{seq}\t{service}\t{verb}\t{key}\t{text}\n")
            self._changes.clear()
            self._hash.update("".join(lines).encode())
            self.handed = self.seq
            if self.sink is not None:
                self.sink(lines)

    def digest(self) -> str:
        """SHA-256 over all changes so far, in hexadecimal."""
        self.flush()
        return self._hash.hexdigest()
