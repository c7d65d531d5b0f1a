"""The page about promises does what it says, and names every key and every target that there is."""

from __future__ import annotations

from pathlib import Path

from sim.observation.promises import PROMISES
from sim.observation.words import HOPS
from sim.scenario.sla import Sla
from tests.docs.test_howtos import ROOT, follow, home

__all__ = ["home"]
PAGE = ROOT / "docs" / "sla.md"


def test_the_page_does_what_it_says(home: Path) -> None:
    follow(PAGE, home)


def test_it_names_every_target_and_every_figure() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert set(PROMISES) == set(Sla.model_fields)
    figures = ("n", "within", "breached", "undecided", "worst", "ready_at_start", "person", "at", "duration_s")
    for word in (*PROMISES, *HOPS, *figures, "longest_hop", "at_start", "effective", "notified"):
        assert f"`{word}`" in text, word
