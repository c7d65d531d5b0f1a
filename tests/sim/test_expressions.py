"""Conditions on a summary: what is allowed, what each mistake is answered with."""

from __future__ import annotations

from typing import Any

import pytest

from sim.errors import JmlabError
from sim.expressions import Counts, ExpressionError, parse_condition
from sim.observation.summary import summarize
from sim.scenario import load
from sim.world import World

SUMMARY: dict[str, Any] = {
    "scenario": "hello",
    "simulated": True,
    "finding": [],
    "latency": {"leaver": {"n": 3, "mean_s": 7200.5, "p95_s": None}},
    "sla": {"leaver": {"within": 0.98}},
    "empty": {},
    "phases": None,
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("sla.leaver.within < 0.99", True),
        ("sla.leaver.within<0.98", False),
        ("sla.leaver.within <= 0.98", True),
        ("  latency.leaver.n  ==  3 ", True),
        ("latency.leaver.n == 3.0", True),
        ("latency.leaver.n >= 4", False),
        ("latency.leaver.n > -1", True),
        ("latency.leaver.mean_s > 7.2e3", True),
        ("latency.leaver.mean_s > .5", True),
    ],
)
def test_a_condition_holds_or_does_not(text: str, holds: bool) -> None:
    assert parse_condition(text).judge(SUMMARY).holds is holds


def test_a_verdict_says_what_was_found_and_what_was_asked() -> None:
    verdict = parse_condition("latency.leaver.mean_s > 7200").judge(SUMMARY)
    assert verdict.value == 7200.5
    assert verdict.sentence == "latency.leaver.mean_s = 7200.5 is > 7200"
    assert parse_condition("latency.leaver.n > 3").judge(SUMMARY).sentence == "latency.leaver.n = 3 is not > 3"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "'' is no condition; write KEY, one of < <= > >= ==, NUMBER: 'latency.leaver.p95_s > 7200'"),
        ("sla.leaver.within", "'sla.leaver.within' is no condition; write KEY, one of < <= > >= ==, NUMBER: "),
        (
            "latency.leaver.n = 3",
            "'latency.leaver.n = 3': = is not allowed; write one of < <= > >= == (did you mean ==?)",
        ),
        ("latency.leaver.n != 3", "'latency.leaver.n != 3': != is not allowed; write one of < <= > >= =="),
        ("< 3", "'< 3': '' is no key; write a key of the summary with dots, for example "),
        ("a..b < 3", "'a..b < 3': 'a..b' is no key; "),
        ("__class__() < 3", "'__class__() < 3': '__class__()' is no key; "),
        ("latency.leaver.n < 40m", "'latency.leaver.n < 40m': '40m' is no number; write one in the unit of the key, "),
        ("latency.leaver.n <", "'latency.leaver.n <': '' is no number; "),
        ("latency.leaver.n < nan", "'latency.leaver.n < nan': 'nan' is no number; "),
        ("latency.leaver.n < 1e999", "'latency.leaver.n < 1e999': '1e999' is no number; "),
        ("latency.leaver.n < 3 < 4", "'latency.leaver.n < 3 < 4': '3 < 4' is no number; "),
    ],
)
def test_a_condition_in_another_form_is_refused_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse_condition(text)
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)
    assert isinstance(refused.value, JmlabError)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "latency.leavr.n < 1",
            "latency.leavr.n < 1: the summary has no key latency.leavr; did you mean latency.leaver?",
        ),
        ("sla.x < 1", "sla.x < 1: the summary has no key sla.x; there is leaver"),
        ("empty.x-1 < 1", "empty.x-1 < 1: the summary has no key empty.x-1; there is nothing"),
        (
            "latency.leaver < 1",
            "latency.leaver < 1: latency.leaver is no number; name one of latency.leaver.n, latency.",
        ),
        ("scenario < 1", "scenario < 1: scenario is 'hello' and no number; name a key of the summary that is one"),
        ("simulated == 1", "simulated == 1: simulated is 'True' and no number; name a key of the summary that is one"),
        ("finding < 1", "finding < 1: finding is a list and no number; name a key of the summary that is one"),
        ("finding.first < 1", "finding.first < 1: finding is a list and has no first"),
        ("latency.leaver.n.x < 1", "latency.leaver.n.x < 1: latency.leaver.n is a value and has no x"),
        (
            "latency.leaver.p95_s < 1",
            (
                "latency.leaver.p95_s < 1: latency.leaver.p95_s is null; "
                "this run had nothing of the kind, or this version cannot measure it"
            ),
        ),
        ("phases.first.n < 1", "phases.first.n < 1: phases.first.n is null; "),
    ],
)
def test_what_cannot_be_judged_is_an_error_in_one_sentence_and_never_a_no(text: str, sentence: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse_condition(text).judge(SUMMARY)
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)


def test_a_misspelt_key_is_found_before_a_world_has_run() -> None:
    shape = summarize(World(load("hello").scenario))
    assert parse_condition("sla.leaver.within < 0.99").figure(shape) is None
    assert parse_condition("orphaned_access.by_cause.drift.now > 0").figure(shape) == 0
    with pytest.raises(ExpressionError, match=r"did you mean orphaned_access\.by_cause\.drift\?"):
        parse_condition("orphaned_access.by_cause.dirft.now > 0").figure(shape)


def test_what_is_counted_by_words_is_nought_for_a_word_that_never_came_up() -> None:
    summary = {"provisioning": {"failures": Counts({"EntryConflict": 2}, ["EntryConflict", "Timeout"])}}
    assert parse_condition("provisioning.failures.EntryConflict == 2").judge(summary).holds
    assert parse_condition("provisioning.failures.Timeout == 0").judge(summary).holds
    with pytest.raises(ExpressionError, match=r"did you mean provisioning\.failures\.Timeout\?"):
        parse_condition("provisioning.failures.Timeot == 0").judge(summary)


@pytest.mark.parametrize(("written", "seconds"), [("15m", 900.0), ("1h30m", 5_400.0), ("900", 900.0), ("500ms", 0.5)])
def test_of_a_key_that_counts_seconds_the_number_may_be_a_duration(written: str, seconds: float) -> None:
    assert parse_condition(f"latency.leaver.p95_s < {written}").number == seconds


def test_of_any_other_key_it_may_not() -> None:
    with pytest.raises(ExpressionError, match="'15m' is no number"):
        parse_condition("provisioning.requests < 15m")
