"""The golden example in ``docs/trace.md`` is what the code makes of those changes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from mockservices.changes import Trace, fields_text
from mockservices.clock import Clock, Millis

PAGE = (Path(__file__).parents[2] / "docs" / "trace.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_example_hashes_to_the_digest_that_stands_below_it() -> None:
    assert sha256(block("trace").encode()).hexdigest() == block("sha256").strip()


def test_the_code_writes_the_example() -> None:
    clock = Clock(datetime(2026, 3, 2, 8, tzinfo=UTC))
    trace = Trace(clock)
    ann, target, group = (f"6f1c9a52-0000-4000-8000-00000000000{n}" for n in "1ab")
    upn = "ann@contoso.example"
    person = {"userPrincipalName": upn, "displayName": "Ann Ößler", "accountEnabled": True}
    trace.record("graph", "user.create", ann, fields_text(person))
    clock.now = Millis(2_400_000)
    mail = {"value": upn, "type": "work", "primary": True}
    trace.record("scim", "user.create", target, fields_text({"userName": upn, "emails": [mail], "active": True}))
    clock.now = Millis(2_400_100)
    trace.record("scim", "member.add", f"{group}/{target}")
    assert trace.digest() == block("sha256").strip()
