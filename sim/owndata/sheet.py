"""A CSV file read block by block, as columns: UTF-8, commas, one header line (RFC 4180).

Invariant: bounded memory but for what is asked to be kept, and every fault of the file is told with its line. A cell is
text and nothing else: what looks like a formula is not one.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from stat import S_ISDIR, S_ISREG
from typing import IO, Any, Final

from sim.owndata.refusals import Origin, no_such
from sim.scenario.errors import ScenarioError, listed
from sim.time import clipped

LARGEST: Final = 2_000_000_000
"""Bytes: about ten million rows."""
LONGEST_LINE: Final = 64_000
"""Characters of a line."""
BLOCK: Final = 50_000

_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a file: the line on which each begins, and their cells by column."""

    lines: Sequence[int]
    columns: dict[str, Sequence[str]]


class Sheet:
    """One CSV file, its header read and found good."""

    def __init__(
        self, origin: Origin, columns: Sequence[str], required: Sequence[str], aliases: dict[str, str] | None = None
    ) -> None:
        """``columns``: those that may stand in it. ScenarioError for a file that is none of this kind."""
        self.origin = origin
        self._allowed = columns
        self._aliases = aliases or {}
        check(origin, "a CSV file")
        first = self._first()
        if first is None:
            wanted = listed(required, "and")
            raise origin.refusal(f"the file is empty; it has a header line with at least {wanted}")
        self.header = self._header(first, required)

    def _header(self, cells: list[str], required: Sequence[str]) -> list[str]:
        origin = self.origin
        names = [re.sub(r"[\s-]+", "_", cell.strip().lower()) for cell in cells]
        names = [self._aliases.get(name, name) for name in names]
        if not set(names) & set(self._allowed):
            for mark, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
                if any(mark in cell for cell in cells):
                    raise origin.refusal(f"the columns are separated by {word}; save the file with commas", 1)
            raise origin.refusal(
                f"the first line names no column that is known; it is a header with {listed(self._allowed, 'and')}, "
                f"of which {listed(required, 'and')} must be there",
                1,
            )
        for number, name in enumerate(names):
            if name not in self._allowed:
                shown = f"unknown column '{clipped(name)}'" if name else f"column {number + 1} has no name"
                near = no_such("column", name, self._allowed).partition("; ")[2]
                raise origin.refusal(f"{shown}; {near}", 1)
            if name in names[:number]:
                raise origin.refusal("this column stands here twice; keep one", 1, name)
        for name in required:
            if name not in names:
                raise origin.refusal(f"the column {name} is missing; {listed(required, 'and')} must be there", 1)
        return names

    def blocks(self) -> Iterator[Block]:
        """The rows below the header."""
        with self._text() as text:
            reader = csv.reader(text, strict=True)
            next(reader)
            while some := self._some(reader):
                yield self._block(*some, reader.line_num)

    def _some(self, reader: Any) -> tuple[int, list[list[str]]] | None:
        """The next rows, and how many lines there were before them; None at the end."""
        before = reader.line_num
        try:
            rows = list(islice(reader, BLOCK))
        except csv.Error:
            raise self.origin.refusal(
                "a quote is not closed here, or stands inside a cell without being doubled", self._bad_row()
            ) from None
        except UnicodeDecodeError:
            raise self._not_utf8() from None
        return (before, rows) if rows else None

    def _block(self, before: int, rows: list[list[str]], after: int) -> Block:
        width = len(self.header)
        lines: Sequence[int] = range(before + 1, after + 1)
        if len(rows) != len(lines):  # cells of several lines
            lines = [before + 1]
            for row in rows[:-1]:
                lines.append(lines[-1] + 1 + sum(cell.count("\n") for cell in row))
        if set(map(len, rows)) != {width}:
            for line, row in zip(lines, rows, strict=True):
                if row and len(row) != width:
                    held = f"{len(row)} cell{'s' if len(row) != 1 else ''} and the header {width}"
                    raise self.origin.refusal(f"this row has {held}; put quotes around a cell with a comma", line)
            lines = [line for line, row in zip(lines, rows, strict=True) if row]
            rows = [row for row in rows if row]
        columns: dict[str, Sequence[str]] = dict(zip(self.header, zip(*rows, strict=True), strict=True)) if rows else {}
        for name, cells in columns.items():
            together = "".join(cells)
            if not together.isprintable() and _UNPRINTABLE.search(together):
                line = next(line for line, cell in zip(lines, cells, strict=True) if _UNPRINTABLE.search(cell))
                raise self.origin.refusal("the cell holds a control character; a CSV file is plain text", line, name)
        return Block(lines, columns)

    def _first(self) -> list[str] | None:
        """The cells of the header line."""
        with self._text() as text:
            try:
                line = text.readline(LONGEST_LINE + 1)
                if len(line) > LONGEST_LINE:
                    raise self.origin.refusal(f"this line is longer than {LONGEST_LINE:,} characters", 1)
                return next(csv.reader([line], strict=True), None) if line else None
            except UnicodeDecodeError:
                raise self._not_utf8() from None
            except csv.Error:
                raise self.origin.refusal("a quote is not closed here; the header is one line", 1) from None

    def _text(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(opened(self.origin), "utf-8-sig", newline="")

    def _bad_row(self) -> int:
        """The line on which the first row begins that is no CSV."""
        line = 1
        with self._text() as text, suppress(csv.Error):
            reader = csv.reader(text, strict=True)
            for _ in reader:
                line = reader.line_num + 1
        return line

    def _not_utf8(self) -> ScenarioError:
        line = 1
        with opened(self.origin) as stream:
            for line, raw in enumerate(stream, 1):  # noqa: B007 - the line that breaks off is the answer
                try:
                    raw.decode("utf-8")
                except UnicodeDecodeError:
                    break
        return self.origin.refusal("this is not UTF-8 text; save the file as CSV UTF-8", line)


def check(origin: Origin, kind: str) -> None:
    """Refuse what cannot be such a file at all: missing, a directory, too large, binary, UTF-16."""
    if origin.path is not None:
        try:
            status = origin.path.stat()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "the path is not valid"
            raise origin.refusal(f"the file cannot be read ({reason}); name {kind}") from None
        if S_ISDIR(status.st_mode):
            raise origin.refusal(f"this is a directory; name {kind}")
        if not S_ISREG(status.st_mode):
            raise origin.refusal(f"this is no regular file; name {kind}")
        if status.st_size > LARGEST:
            raise origin.refusal(f"the file has {status.st_size / 1e9:.1f} GB; at most 2 GB are read")
    try:
        with opened(origin) as stream:
            head = stream.read(4096)
    except OSError as error:
        raise origin.refusal(f"the file cannot be read ({error.strerror}); name {kind}") from None
    if head.startswith(_UTF16):
        raise origin.refusal("this is UTF-16 text; save the file as UTF-8", 1)
    if b"\0" in head:
        raise origin.refusal(f"this is a binary file; name {kind}", head.count(b"\n", 0, head.index(b"\0")) + 1)


def opened(origin: Origin) -> IO[bytes]:
    """The bytes, from their beginning."""
    if origin.content is not None:
        return io.BytesIO(origin.content)
    assert origin.path is not None
    return origin.path.open("rb")


def digest(origin: Origin) -> str:
    """SHA-256 of the bytes."""
    with opened(origin) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]  # a binary file or BytesIO
