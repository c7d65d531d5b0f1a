"""Run the long tests and write what came of them to ``docs/validation.md``: what `make test-long` does.

Everything on that page was measured in the run that wrote it; nothing is carried over from an earlier one.
"""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parent / "validation.md"
HEAD = """# Validation

What the long tests found when they were last run: properties searched for counterexamples at full size, every lost
request of a story, and whatever else takes minutes. `make test-long` runs them and writes this page; `make test` runs a
bounded sample of the same tests.

"""
THEORY = """
## Theory beside simulation

Every variant of `sim/whatif/validation.py` was lived through {replications} times by 10,000 people for 90 days, and its
figures held against closed forms. All verdicts hold together with 99 % (Holm, fixed seeds). What no form covers has its
reason. The forms stand in `sim/whatif/forms.py`, the conditions in `sim/whatif/terms.py` and
`sim/whatif/hindrances.py`; sections (§) are those of the methodology that the forms name.

"""
PAIRS = """
## The same people and events in every variant

Variants share their chance, so that a difference between two of them varies less than two runs of their own would: by
methodology §3.13, between an interval and twice that, by 0.30 as much. 800 replications of 300 people for 20 days:

| interval | twice that | variance of the difference, as a share of that of unpaired runs |
| --- | --- | ---: |
"""
DETAILS = """
## Every figure

What is expected is the mean over replications: a sample's quantile hangs on how many events it has, and Little's law is
about those that there were. `from` and `to` are the interval around what was simulated, of the differences between
the two replication by replication; {figures} intervals hold together with 99 %, so each is wider than one alone would
be. Times end in `_s` and are seconds.
"""


class Collector:
    """Hears how every test went."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, float]] = []
        self.theory: dict[str, list[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one test: the call, or a set-up or tear-down that failed."""
        if report.when == "call" or report.failed:
            place, _, name = report.nodeid.partition(".py::")
            claim = name.removeprefix("test_").replace("::runTest", "").replace("_", " ").replace("|", "\\|")
            row = f"`{place.removeprefix('tests/')}`: {claim}"
            for name, value in report.user_properties:
                if name.startswith("validation"):
                    self.theory.setdefault(name, []).append(str(value))
            self.rows.append((row, f"**{report.outcome}**" if report.failed else report.outcome, report.duration))


def page(rows: list[tuple[str, str, float]], theory: dict[str, list[str]]) -> str:
    """The page: a line of sums, a row for every test, one for every variant that theory was held against, and each of
    its figures."""
    failed = sum(outcome.startswith("**") for _, outcome, _ in rows)
    minutes = sum(seconds for _, _, seconds in rows) / 60
    sums = f"{len(rows) - failed} passed, {failed} failed"
    lines = [
        f"CPython {platform.python_version()} on {platform.system()}: {sums} in {minutes:.1f} minutes.\n",
        "| test | outcome | seconds |",
        "| --- | --- | ---: |",
        *(f"| {claim} | {outcome} | {seconds:.1f} |" for claim, outcome, seconds in rows),
    ]
    parts = [HEAD + "\n".join(lines) + "\n"]
    if "validation" in theory:
        (replications,), (figures,) = theory["validation replications"], theory["validation figures"]
        parts.append(THEORY.format(replications=replications) + "\n".join(theory["validation"]) + "\n")
        if "validation pairs" in theory:
            parts.append(PAIRS + "\n".join(theory["validation pairs"]) + "\n")
        parts.append(DETAILS.format(figures=figures) + "\n".join(theory["validation detail"]) + "\n")
    return "".join(parts)


def main(arguments: list[str]) -> int:
    """Run, write, and say how it went: pytest's exit code."""
    collector = Collector()
    code = pytest.main(["-m", "long", "--hypothesis-profile=search", *arguments], plugins=[collector])
    if collector.rows:
        PAGE.write_text(page(collector.rows, collector.theory), encoding="utf-8")
    return int(code)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
