"""The canonical trace: what a line is, and that the digest covers all of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockservices.changes import Trace, fields_text
from mockservices.clock import Clock, Millis

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


def digest_of(*changes: tuple[int, str, str, str, str]) -> str:
    clock = Clock(datetime(2026, 3, 2, 8, tzinfo=UTC))
    trace = Trace(clock)
    for at, service, verb, key, fields in changes:
        clock.now = Millis(at)
        trace.record(service, verb, key, fields)
    return trace.digest()


FIRST = (0, "scim", "user.create", "u1", '{"userName":"ana"}')
SECOND = (5, "scim", "user.update", "u1", '{"active":false}')


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), VALUES))
def test_fields_are_json_with_sorted_names_and_no_spaces(fields: dict[str, object]) -> None:
    expected = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert fields_text(fields) == expected


def test_the_digest_is_sha256_over_the_lines() -> None:
    lines = '0\t1\tscim\tuser.create\tu1\t{"userName":"ana"}\n5\t2\tscim\tuser.update\tu1\t{"active":false}\n'
    assert digest_of(FIRST, SECOND) == sha256(lines.encode()).hexdigest()


def test_fields_are_put_into_words_only_when_changes_are_handed_on() -> None:
    kept: list[str] = []
    trace = Trace(Clock(datetime(2026, 3, 2, 8, tzinfo=UTC)), kept.extend)
    trace.record("scim", "user.create", "u1", {"userName": "ana"})
    assert kept == []
    trace.flush()
    assert kept == ['0\t1\tscim\tuser.create\tu1\t{"userName":"ana"}\n']
    assert trace.digest() == digest_of(FIRST)


@pytest.mark.parametrize(
    "altered",
    [
        (1, *FIRST[1:]),
        (0, "graph", *FIRST[2:]),
        (0, "scim", "user.delete", *FIRST[3:]),
        (0, "scim", "user.create", "u2", FIRST[4]),
        (*FIRST[:4], '{"userName":"anb"}'),
    ],
    ids=["time", "service", "verb", "key", "fields"],
)
def test_any_part_of_a_change_alters_the_digest(altered: tuple[int, str, str, str, str]) -> None:
    assert digest_of(altered, SECOND) != digest_of(FIRST, SECOND)


def test_the_order_of_two_changes_at_one_instant_alters_the_digest() -> None:
    other = (0, *SECOND[1:])
    assert digest_of(FIRST, other) != digest_of(other, FIRST)


def test_the_sink_gets_every_line_once_and_in_order() -> None:
    kept: list[str] = []

    def keep(lines: Sequence[str]) -> None:
        kept.extend(lines)

    trace = Trace(Clock(datetime(2026, 3, 2, 8, tzinfo=UTC)), keep)
    for i in range(5000):
        trace.record("scim", "user.create", f"u{i}")
    digest = trace.digest()
    assert [line.split("\t")[1] for line in kept] == [str(i + 1) for i in range(5000)]
    assert sha256("".join(kept).encode()).hexdigest() == digest


def test_asking_for_the_digest_changes_nothing() -> None:
    trace = Trace(Clock(datetime(2026, 3, 2, 8, tzinfo=UTC)))
    trace.record("scim", "user.create", "u1")
    assert trace.digest() == trace.digest()
    trace.record("scim", "user.delete", "u1")
    first = trace.digest()
    assert first == digest_of((0, "scim", "user.create", "u1", "{}"), (0, "scim", "user.delete", "u1", "{}"))


def test_changes_are_numbered_from_one() -> None:
    trace = Trace(Clock(datetime(2026, 3, 2, 8, tzinfo=UTC)))
    assert trace.seq == 0
    trace.record("scim", "user.create", "u1")
    assert trace.seq == 1
