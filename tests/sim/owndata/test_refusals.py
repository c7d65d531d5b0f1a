"""A bad file is refused in one sentence: file, line, column, what is allowed. No name is quoted."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sim.owndata.listing import read_listing
from sim.owndata.refusals import Origin
from sim.scenario import ScenarioError
from sim.time import DAY

HEADER = "person,kind,effective_at,department,employment"
START = datetime(2026, 3, 2, tzinfo=UTC)
COLUMNS = (
    "person, kind, effective_at, known_at, directory_at, department, employment, role, location, title, groups, "
    "reason, contract_end, manager, account_at, identity, domain, given_name, family_name, user_principal_name, "
    "mail_nickname, employee_id, origin"
)
KINDS = (
    "present, joiner, mover, leaver, contractor_expiry, contract_extension, contract_restored, conversion, rehire, "
    "absence, return, name_change, manager_change or no_show"
)
ADA = "ada,present,,Engineering,employee"


def refusal(content: bytes | str) -> str:
    """The sentence about a file of a run of five days."""
    raw = content if isinstance(content, bytes) else content.encode()
    with pytest.raises(ScenarioError) as caught:
        read_listing(Origin("events.csv", content=raw), start=START, duration=5 * DAY, domain="contoso.example")
    return str(caught.value)


def rows(*lines: str, header: str = HEADER) -> str:
    return "\n".join([header, *lines]) + "\n"


SENTENCES = {
    "empty": ("", "events.csv: the file is empty; it has a header line with at least person, kind and department"),
    "semicolons": (
        rows(header=HEADER.replace(",", ";")),
        "events.csv:1: the columns are separated by semicolons; save the file with commas",
    ),
    "tabs": (
        rows(header=HEADER.replace(",", "\t")),
        "events.csv:1: the columns are separated by tabs; save the file with commas",
    ),
    "no header": (
        "t.chen,Tao,Chen,Engineering\n",
        (f"events.csv:1: the first line names no column that is known; it is a header with {COLUMNS} and outcome, "
        "of which person, kind and department must be there"),
    ),
    "unknown column": (
        rows(header=HEADER + ",efective_at"),
        f"events.csv:1: unknown column 'efective_at'; allowed: {COLUMNS} or outcome (did you mean 'effective_at'?)",
    ),
    "column twice": (rows(header=HEADER + ",Kind"), "events.csv:1: kind: this column stands here twice; keep one"),
    "column missing": (
        rows(header="person,kind"),
        "events.csv:1: the column department is missing; person, kind and department must be there",
    ),
    "nobody": (rows(), "events.csv: there is nobody in this file; a row of kind present or joiner is somebody"),
    "too few cells": (
        rows(ADA, "bo,present"),
        "events.csv:3: this row has 2 cells and the header 5; put quotes around a cell with a comma",
    ),
    "open quote": (
        rows(ADA, 'bo,present,,"Engineering,employee'),
        "events.csv:3: a quote is not closed here, or stands inside a cell without being doubled",
    ),
    "unknown kind": (
        rows(ADA, "ada,leavr,2026-03-03,,"),
        f"events.csv:3: kind: 'leavr' is no kind; allowed: {KINDS} (did you mean 'leaver'?)",
    ),
    "a name where a kind should be": (
        rows(ADA, "ada,Okonkwo,2026-03-03,,"),
        f"events.csv:3: kind: this is no kind; allowed: {KINDS}",
    ),
    "no kind": (rows("ada,,,Engineering,"), "events.csv:2: kind: the cell is empty; a row has its kind"),
    "nobody's row": (rows(" ,present,,A,"), "events.csv:2: person: the cell is empty; every row names a person"),
    "no department": (
        rows("ada,present,,,"),
        "events.csv:2: department: the cell is empty; the row with which somebody first appears says where",
    ),
    "bad employment": (
        rows("ada,present,,A,contracter"),
        ("events.csv:2: employment: 'contracter' is no employment; allowed: employee or contractor "
        "(did you mean 'contractor'?)"),
    ),
    "bad instant": (
        rows(ADA, "ada,leaver,03/04/2026,,"),
        "events.csv:3: effective_at: this is no instant; write 2026-03-02T08:00:00Z, or a date such as 2026-03-02",
    ),
    "no such day": (
        rows(ADA, "ada,leaver,2026-02-30,,"),
        "events.csv:3: effective_at: this is no instant; write 2026-03-02T08:00:00Z, or a date such as 2026-03-02",
    ),
    "no instant": (
        rows(ADA, "ada,leaver,,,"), "events.csv:3: effective_at: the cell is empty; an event has its instant",
    ),
    "before the start": (
        rows(ADA, "ada,leaver,2026-03-01,,"),
        ("events.csv:3: effective_at: this lies before the start of the scenario; who was there then is a row of kind "
        "present"),
    ),
    "after the end": (
        rows(ADA, "ada,leaver,2026-03-09T12:00:00Z,,"),
        ("events.csv:3: effective_at: this lies after the end of the run; write duration: 8d or more, or leave the row "
        "out"),
    ),
    "too fine": (
        rows(ADA, "ada,leaver,2026-03-03T00:00:00.0001Z,,"),
        "events.csv:3: effective_at: this is finer than a millisecond; write at most three digits after the point",
    ),
    "leaver of nobody": (
        rows(ADA, "bo,leaver,2026-03-03,,"),
        "events.csv:3: person: a leaver of somebody who is not there; begin with a row of kind present or joiner",
    ),
    "leaver twice": (
        rows(ADA, "ada,leaver,2026-03-03,,", "ada,leaver,2026-03-04,,"),
        "events.csv:4: kind: a leaver of somebody who is gone (line 3); a row rehire comes first",
    ),
    "mover before joining": (
        rows("bo,joiner,2026-03-04,A,", "bo,mover,2026-03-03,B,"),
        "events.csv:3: kind: a mover of somebody who has not come yet (line 2); the row joiner comes first",
    ),
    "return of somebody who is there": (
        rows(ADA, "ada,return,2026-03-03,,"),
        "events.csv:3: kind: a return of somebody who is there (line 2); a row leaver or absence comes first",
    ),
    "present twice": (
        rows(ADA, ADA),
        "events.csv:3: person: somebody who stands in line 2 already; who comes back is a row of kind rehire or return",
    ),
    "one address for two": (
        rows(
            "1,present,A,ada@contoso.example", "2,present,A,ADA@contoso.example",
            header="person,kind,department,user_principal_name",
        ),
        "events.csv:3: user_principal_name: line 2 has this one already; it belongs to one person",
    ),
    "no address": (
        rows("1,present,A,ada", header="person,kind,department,user_principal_name"),
        "events.csv:2: user_principal_name: this is no user_principal_name; write one such as t.chen@contoso.example",
    ),
    "there at the start and since later": (
        rows("bo,present,2026-03-04,A,"),
        ("events.csv:2: effective_at: this lies after the start of the scenario; who comes later is a row of kind "
        "joiner"),
    ),
    "contract over before the first day": (
        rows("bo,joiner,2026-03-04,A,,2026-03-03T23:59:00Z", header=HEADER + ",contract_end"),
        ("events.csv:2: contract_end: this lies before the first day (effective_at); write that day or a later one, or "
        "leave the cell empty"),
    ),
    "contract of somebody who is there over before they came": (
        rows("bo,present,2025-03-04,A,contractor,2025-03-03", header=HEADER + ",contract_end"),
        ("events.csv:2: contract_end: this lies before the first day (effective_at); write that day or a later one, or "
        "leave the cell empty"),
    ),
    "contract extended into the past": (
        rows(ADA + ",", "ada,contract_extension,2026-03-04,,,2026-03-01", header=HEADER + ",contract_end"),
        ("events.csv:3: contract_end: this lies before the day of the event (effective_at); write that day or a later "
        "one, or leave the cell empty"),
    ),
    "manager unknown": (
        rows("1,present,,A,", "1,manager_change,2026-03-03,A,2", header="person,kind,effective_at,department,manager"),
        "events.csv:3: manager: this is nobody of the file; name a person",
    ),
    "own manager": (
        rows("1,present,,A,", "2,present,,A,2", header="person,kind,effective_at,department,manager"),
        "events.csv:3: manager: nobody is their own manager; leave the cell empty",
    ),
    "department in two spellings": (
        rows("1,present,Finance", "2,present,finance", header="person,kind,department"),
        "events.csv:3: department: this differs from a department further up in nothing but capitals; write both alike",
    ),
    "long employee id": (
        rows("1,present,A,12345678901234567", header="person,kind,department,employee_id"),
        "events.csv:2: employee_id: this has 17 characters; employee_id has at most 16",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SENTENCES)
def test_a_bad_file_is_refused_in_one_sentence(name: str) -> None:
    content, sentence = SENTENCES[name]
    assert refusal(content) == sentence


@pytest.mark.parametrize(
    "row",
    [
        "bo,joiner,2026-03-04T09:00:00Z,A,,2026-03-04",
        "bo,joiner,2026-03-04,A,,",
        "bo,present,,A,,2025-01-01",
        "bo,present,2024-03-04,A,,2025-01-01",
    ],
    ids=["ends on its first day", "no end", "since when is not said", "ended long ago, and still there"],
)
def test_a_contract_may_end_from_the_first_day_on(row: str) -> None:
    raw = rows(row, header=HEADER + ",contract_end").encode()
    listing = read_listing(Origin("events.csv", content=raw), start=START, duration=5 * DAY, domain="contoso.example")
    assert len(listing.people) == 1


def test_a_file_in_another_encoding_is_refused_with_its_line() -> None:
    latin = rows(ADA, "zoë,present,,A,").encode("latin-1")
    assert refusal(latin) == "events.csv:3: this is not UTF-8 text; save the file as CSV UTF-8"
    assert refusal(rows(ADA).encode("utf-16")) == "events.csv:1: this is UTF-16 text; save the file as UTF-8"


def test_a_control_character_is_refused_with_line_and_column() -> None:
    assert refusal(rows(ADA, "b\x07o,present,,A,")) == (
        "events.csv:3: person: the cell holds a control character; a CSV file is plain text"
    )


def test_a_line_is_told_by_where_its_row_begins() -> None:
    assert refusal(rows('"ada","present","","A\nB",""')).startswith("events.csv:2: department: ")
    assert refusal(rows(ADA, '"b\nc",present,,A,', "d,leaver,2026-03-03,,")).startswith("events.csv:5: person: ")


def test_200_mb_of_zeros_and_a_directory_are_refused_at_once(tmp_path: Path) -> None:
    with (tmp_path / "zeros.csv").open("wb") as stream:
        stream.truncate(200_000_000)
    began = time.perf_counter()
    for path, said in ((tmp_path / "zeros.csv", "this is a binary file"), (tmp_path, "this is a directory")):
        with pytest.raises(ScenarioError, match=said):
            read_listing(Origin(path.name, path), start=START, duration=DAY, domain="contoso.example")
    assert time.perf_counter() - began < 1


def test_what_looks_like_a_formula_is_text() -> None:
    content = rows("=cmd|' /C calc'!A0,present,,=1+1,employee")
    listing = read_listing(
        Origin("events.csv", content=content.encode()), start=START, duration=DAY, domain="contoso.example"
    )
    assert listing.people.facts_of(0).department == "=1+1"
    assert listing.people.family_name(0) == "=cmd|' /C calc'!A0"
