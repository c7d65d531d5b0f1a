"""``jmlab whatif --screen`` and ``--preset`` as one types them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.tui.conftest import Call

SMALL = ("whatif", "plain", "--set", "workforce.size=200", "--until", "20d", "--quiet")


def test_a_screening_is_marked_and_has_the_form_of_an_experiment(jmlab: Call) -> None:
    outcome = jmlab(*SMALL, "--screen", "--preset", "entra-40m", "--preset", "nightly", "--format", "json")
    assert outcome.code == 0, outcome.err
    found: dict[str, Any] = json.loads(outcome.out)
    assert found["screened"] is True
    assert found["simulated"] is False
    assert [variant["name"] for variant in found["variants"]] == ["entra-40m", "nightly"]
    assert all(variant["feasible"]["today"] for variant in found["variants"])
    assert found["variants"][1]["paired_to_baseline"]["latency.leaver.mean_s"]["mean_difference"] > 3600


def test_the_page_of_a_screening_says_so_in_its_first_words(jmlab: Call) -> None:
    outcome = jmlab(*SMALL, "--screen", "--vary", "provisioning.interval=20m,2h")
    assert outcome.out.startswith("SCREENED BY ARITHMETIC, NOT SIMULATED: plain, ")


@pytest.mark.slow
def test_an_experiment_has_its_verdicts_by_theory(jmlab: Call) -> None:
    outcome = jmlab(*SMALL, "--preset", "entra-40m", "--replications", "3", "--workers", "1", "--format", "json")
    assert outcome.code == 0, outcome.err
    (variant,) = json.loads(outcome.out)["variants"]
    told = variant["theory"]["latency.joiner.mean_s"]
    assert told["verdict"] == "agrees"
    assert told["expected"] == pytest.approx(1200.3, abs=0.5)
    assert told["why"].startswith("§3.1")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--screen", "--set", "provisioning.overrun=after_end"), "--screen does not cover the variant"),
        (("--preset", "nightlly"), "did you mean 'nightly'"),
        (("--screen", "--sensitivity", "oat"), "--screen answers at once"),
    ],
)
def test_what_cannot_be_screened_or_is_no_preset_is_one_sentence(
    jmlab: Call, more: tuple[str, ...], sentence: str
) -> None:
    outcome = jmlab(*SMALL, *more)
    assert outcome.code == 2
    assert sentence in outcome.err
    assert len(outcome.err.strip().splitlines()) == 1
