"""The rows of a file of people and events, cell by cell: words as numbers, instants as ms from the start.

Invariant: every cell that is used has been checked by itself here; whether the rows make sense together is for
:mod:`sim.owndata.lives`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Final, TypeVar

from sim.owndata import columns as named
from sim.owndata.cells import CellError, Column, Instants, instant, numbered, text, word
from sim.owndata.refusals import Origin, no_such
from sim.owndata.sheet import Sheet
from sim.workforce.plan import NEVER, EventKind, Reason

_T = TypeVar("_T")

UNCHANGED: Final = -1
"""An empty cell among words."""
UNKNOWN: Final = -(1 << 62)
"""An instant that the file does not say."""
FACTS: Final = ("department", "employment", "role", "location")

_LOCAL: Final = r"[A-Za-z0-9._'^#!~-]{1,64}"
_DOMAIN: Final = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_UPN: Final = rf"(?=.{{3,128}}$){_LOCAL}@{_DOMAIN}"
IS_ADDRESS: Final = re.compile(_UPN).fullmatch
"""Whether a text is a userPrincipalName."""
_NICKNAME: Final = r"[A-Za-z0-9._'+=!#^~-]{1,64}"
_CONTRACTS: Final = frozenset({EventKind.JOINER, EventKind.CONTRACT_EXTENSION, EventKind.CONTRACT_RESTORED})
_LASTING: Final = frozenset({EventKind.CONTRACT_EXTENSION, EventKind.CONTRACT_RESTORED})
_MANAGED: Final = frozenset({EventKind.MOVER, EventKind.MANAGER_CHANGE})

_INSTANTS: Final = frozenset({"effective_at", "known_at", "directory_at", "contract_end", "account_at"})
_FROM_0: Final = frozenset({"origin", "reason", "identity"})


@dataclass(slots=True)
class Texts:
    """Distinct texts of a column, numbered in the order in which they appear."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        """The number of a text."""
        return self.numbers.setdefault(text, len(self.numbers))

    def all(self) -> tuple[str, ...]:
        """The texts by number."""
        return tuple(self.numbers)


@dataclass(slots=True)
class Firsts:
    """The rows with which people first appear, as columns; texts are empty where the file has none."""

    label: list[int] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    department: list[int] = field(default_factory=list)
    employment: list[int] = field(default_factory=list)
    role: list[int] = field(default_factory=list)
    location: list[int] = field(default_factory=list)
    title: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    contract_end: list[int] = field(default_factory=list)
    manager: list[int] = field(default_factory=list)
    given_name: list[int] = field(default_factory=list)
    family_name: list[int] = field(default_factory=list)
    user_principal_name: list[str] = field(default_factory=list)
    mail_nickname: list[str] = field(default_factory=list)
    employee_id: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Happenings:
    """The events, as columns; `UNCHANGED` where a cell is empty, `UNKNOWN` for instants."""

    label: list[int] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    known_at: list[int] = field(default_factory=list)
    directory_at: list[int] = field(default_factory=list)
    department: list[int] = field(default_factory=list)
    employment: list[int] = field(default_factory=list)
    role: list[int] = field(default_factory=list)
    location: list[int] = field(default_factory=list)
    title: list[int] = field(default_factory=list)
    reason: list[int] = field(default_factory=list)
    value: list[int] = field(default_factory=list)
    manager: list[int] = field(default_factory=list)
    """Label of the manager, of whom a later row may be the first."""


class Rows:
    """Everything that a file says."""

    def __init__(
        self, origin: Origin, start: datetime, duration: int, zone: tzinfo, departments: Sequence[str] = ()
    ) -> None:
        """``departments``: those that the scenario allows; none: whatever the file says."""
        self.origin = origin
        self._start, self._zone = start, zone
        self._duration = duration
        self._allowed = departments
        self._spelt: dict[str, str] = {}  # departments, by how they are spelt without capitals
        self.labels = Texts()
        self.departments, self.places = Texts(), Texts()
        self.roles, self.givens, self.families, self.domains = Texts(), Texts(), Texts(), Texts()
        self.titles = Texts()
        self.beside: dict[tuple[str, ...], int] = {}
        """Groups that somebody is in beside those that the facts give, numbered as they appear."""
        self.group_lines: dict[str, int] = {}
        """The first line in which each of these groups stands."""
        self.first = Firsts()
        self.first_line: dict[int, int] = {}
        self.events = Happenings()
        read_instant = instant(start, zone)

        def when(cell: str) -> int:
            found = read_instant(cell)
            return UNKNOWN if found is None else found

        def or_never(cell: str) -> int:
            return int(NEVER) if cell.lower() == named.NEVER else when(cell)

        numbers: dict[str, Callable[[str], int]] = {
            "kind": word("kind", named.KINDS),
            "origin": word("origin", numbered(named.ORIGINS), 0),
            "effective_at": when,
            "known_at": or_never,
            "directory_at": or_never,
            "contract_end": when,
            "account_at": when,
            "department": self._department,
            "employment": word("employment", numbered(named.EMPLOYMENTS), UNCHANGED),
            "role": self._optional(self.roles, "role"),
            "location": self._optional(self.places, "location"),
            "title": _pooled(self.titles, text("title", 128)),
            "groups": self._groups,
            "reason": word("reason", named.REASONS, int(Reason.NONE)),
            "identity": word("identity", numbered(named.IDENTITIES), 0),
            "given_name": _pooled(self.givens, text("given_name", 256)),
            "family_name": _pooled(self.families, text("family_name", 256)),
            "domain": _pooled(self.domains, text("domain", 60, _DOMAIN)),
        }
        texts = {
            "user_principal_name": text("user_principal_name", 128, _UPN),
            "mail_nickname": text("mail_nickname", 64, _NICKNAME),
            "employee_id": text("employee_id", 16),
        }
        self._numbers = {
            name: Instants(origin, name, read, start) if name in _INSTANTS else Column(origin, name, read)
            for name, read in numbers.items()
        }
        self._texts = {name: Column(origin, name, read_text) for name, read_text in texts.items()}
        for block in Sheet(origin, named.COLUMNS, named.REQUIRED, named.ALIASES).blocks():
            self._take(block.lines, block.columns)

    # --- cells -------------------------------------------------------------------------------------------

    def _department(self, cell: str) -> int:
        if not cell:
            return UNCHANGED
        if self._allowed and cell not in self._allowed:
            raise CellError(no_such("department of this scenario", cell, self._allowed))
        name = text("department", 256)(cell)
        if self._spelt.setdefault(name.casefold(), name) != name:
            raise CellError("this differs from a department further up in nothing but capitals; write both alike")
        return self.departments.number(name)

    def _groups(self, cell: str) -> int:
        if not cell:
            return UNCHANGED
        read = text("group", 256)
        return self.beside.setdefault(tuple(map(read, named.names_in_a_cell(cell))), len(self.beside))

    def _optional(self, texts: Texts, what: str) -> Callable[[str], int]:
        read = text(what, 256)

        def number(cell: str) -> int:
            if not cell:
                return UNCHANGED
            return texts.number("" if cell == named.NONE else read(cell))

        texts.number("")  # none at all has the number 0
        return number

    # --- rows --------------------------------------------------------------------------------------------

    def _take(self, lines: Sequence[int], cells: dict[str, Sequence[str]]) -> None:
        origins = self._numbers["origin"].values(cells["origin"], lines) if "origin" in cells else []
        if any(origins):  # what a timeline did is the timeline's
            kept = [i for i, origin in enumerate(origins) if origin == 0]
            lines, cells = _chosen(lines, kept), {name: _chosen(column, kept) for name, column in cells.items()}
        if not lines:
            return
        count = len(lines)
        person = list(map(str.strip, cells["person"]))
        if not all(person):
            raise self.origin.refusal("the cell is empty; every row names a person", lines[person.index("")], "person")
        number = self.labels.numbers
        read: dict[str, list[int]] = {"label": [number.setdefault(each, len(number)) for each in person]}
        read["line"] = list(lines)
        for name, column in self._numbers.items():
            if name in cells:
                read[name] = column.values(cells[name], lines)
            else:
                empty = UNKNOWN if name in _INSTANTS else 0 if name in _FROM_0 else UNCHANGED
                read[name] = [empty] * count
        read["at"] = read["effective_at"]
        kinds = read["kind"]
        beginning = [i for i, kind in enumerate(kinds) if kind in named.BEGINNINGS]
        if EventKind.NO_SHOW in kinds:  # of somebody whose joining stands in a row of its own, or of nobody so far
            came = {read["label"][i] for i in beginning if kinds[i] != EventKind.NO_SHOW} | self.first_line.keys()
            beginning = [i for i in beginning if kinds[i] != EventKind.NO_SHOW or read["label"][i] not in came]
        if beginning:
            self._begin(beginning, read, cells, lines)
        happening = [i for i, kind in enumerate(kinds) if kind != named.HERE]
        if happening:
            self._happen(happening, read, cells)

    def _begin(
        self, rows: list[int], read: dict[str, list[int]], cells: dict[str, Sequence[str]], lines: Sequence[int]
    ) -> None:
        """Keep who appears for the first time."""
        first, seen = self.first, self.first_line
        labels, begun = _chosen(read["label"], rows), _chosen(read["line"], rows)
        before = [seen.setdefault(label, line) for label, line in zip(labels, begun, strict=True)]
        if before != begun:
            line, earlier = next(pair for pair in zip(begun, before, strict=True) if pair[0] != pair[1])
            raise self.origin.refusal(
                f"somebody who stands in line {earlier} already; who comes back is a row of kind rehire or return",
                *(line, "person"),
            )
        for i in rows:
            if read["kind"][i] == named.HERE and read["at"][i] > 0:
                raise self.origin.refusal(
                    "this lies after the start of the scenario; who comes later is a row of kind joiner",
                    *(read["line"][i], "effective_at"),
                )
        self._check_contracts(rows, read, "this lies before the first day (effective_at)")
        departments = _chosen(read["department"], rows)
        if UNCHANGED in departments:
            raise self.origin.refusal(
                "the cell is empty; the row with which somebody first appears says where",
                *(begun[departments.index(UNCHANGED)], "department"),
            )
        managers = _chosen(cells["manager"], rows) if "manager" in cells else ()
        number = self.labels.number
        first.manager.extend(
            [number(cell.strip()) if cell.strip() else UNCHANGED for cell in managers] or [UNCHANGED] * len(rows)
        )
        names = ("given_name", "family_name")
        for name in ("label", "line", "kind", "at", *FACTS, "title", "groups", "contract_end", *names):
            getattr(first, name).extend(_chosen(read[name], rows))
        if self.beside:
            groups = tuple(self.beside)
            for beside, line in zip(_chosen(read["groups"], rows), begun, strict=True):
                for group in groups[beside] if beside != UNCHANGED else ():
                    self.group_lines.setdefault(group, line)
        for name, column in self._texts.items():
            written = column.values(_chosen(cells[name], rows), begun) if name in cells else [""] * len(rows)
            getattr(first, name).extend(written)

    def _happen(self, rows: list[int], read: dict[str, list[int]], cells: dict[str, Sequence[str]]) -> None:
        """Keep what happens."""
        events, lines, kinds = self.events, read["line"], read["kind"]
        for i in rows:
            if not 0 <= read["at"][i] < self._duration:
                raise self._not_in_the_run(read["at"][i], lines[i])
        lasting = [i for i in rows if kinds[i] in _LASTING]
        self._check_contracts(lasting, read, "this lies before the day of the event (effective_at)")
        for name in ("label", "line", "kind", "at", "known_at", "directory_at", *FACTS, "title", "reason"):
            getattr(events, name).extend(_chosen(read[name], rows))
        events.value.extend([self._value(kinds[i], i, read) for i in rows])
        managers = cells.get("manager", ())
        events.manager.extend(
            [self._manager(kinds[i], lines[i], managers[i].strip() if managers else "") for i in rows]
        )

    def _check_contracts(self, rows: list[int], read: dict[str, list[int]], sentence: str) -> None:
        """Refuse a contract that ends on a day before it begins; on the day itself it may, at whatever hour."""
        for i in rows:
            begins, ends = read["at"][i], read["contract_end"][i]
            if UNKNOWN not in (begins, ends) and ends < begins and self._day(ends) < self._day(begins):
                raise self.origin.refusal(
                    f"{sentence}; write that day or a later one, or leave the cell empty",
                    *(read["line"][i], "contract_end"),
                )

    def _day(self, at: int) -> date:
        return (self._start + timedelta(milliseconds=at)).astimezone(self._zone).date()

    def _not_in_the_run(self, at: int, line: int) -> Exception:
        if at == UNKNOWN:
            sentence = "the cell is empty; an event has its instant"
        elif at < 0:
            sentence = "this lies before the start of the scenario; who was there then is a row of kind present"
        else:
            days = at // 86_400_000 + 1
            sentence = f"this lies after the end of the run; write duration: {days}d or more, or leave the row out"
        return self.origin.refusal(sentence, line, "effective_at")

    def _value(self, kind: int, row: int, read: dict[str, list[int]]) -> int:
        """What stands in the schedule's column `value`, but for managers."""
        if kind in _CONTRACTS:
            ends = read["contract_end"][row]
            return 0 if ends == UNKNOWN else ends
        if kind == EventKind.NO_SHOW:
            made = read["account_at"][row]
            return 0 if made == UNKNOWN else made
        if kind == EventKind.REHIRE:
            return read["identity"][row]
        if kind == EventKind.NAME_CHANGE:
            column = "domain" if read["reason"][row] == Reason.ACQUISITION else "family_name"
            if read[column][row] == UNCHANGED:
                sentence = "the cell is empty; a name_change says what it is from now on"
                raise self.origin.refusal(sentence, read["line"][row], column)
            return read[column][row]
        return 0

    def _manager(self, kind: int, line: int, cell: str) -> int:
        if kind not in _MANAGED:
            return UNCHANGED
        return self.labels.number(cell) if cell else UNCHANGED


def _pooled(texts: Texts, read: Callable[[str], str]) -> Callable[[str], int]:
    return lambda cell: texts.number(read(cell)) if cell else UNCHANGED


def _chosen(column: Sequence[_T], rows: list[int]) -> Sequence[_T]:
    """These rows of a column; all of them as they are."""
    return column if len(rows) == len(column) else [column[i] for i in rows]
