"""The summary as a page of text and as CSV: complete, honest about what is not known, and 80 columns wide."""

from __future__ import annotations

import copy
import csv
import io
from functools import cache
from typing import Any

import pytest

from sim.observation.summary import summarize
from sim.scenario import load, scenario_from
from sim.tables import summary_csv, summary_table
from sim.wording import WIDTH, counted, duration, listed, quantity, result_text, share
from sim.world import World
from tests.contract.stories import STORIES
from tests.sim.observation.long_story import LONG_STORY


@cache
def _made(name: str) -> dict[str, Any]:
    values = {**STORIES, "long story": LONG_STORY}
    world = World(scenario_from(values[name]) if name in values else load(name).scenario)
    world.run()
    return summarize(world, wall_s=0.5)


def of(name: str) -> dict[str, Any]:
    """The summary of a scenario that has run."""
    return copy.deepcopy(_made(name))


def section(page: str, beginning: str) -> str:
    """The block of a page that begins with some words."""
    return next(block for block in page.split("\n\n") if block.startswith(beginning))


@pytest.mark.parametrize("name", ["hello", "long story", *STORIES])
def test_a_page_says_simulated_first_and_is_no_wider_than_a_terminal(name: str) -> None:
    page = summary_table(of(name))
    assert page.startswith("SIMULATED: ")
    assert page.endswith("\n")
    assert max(map(len, page.splitlines())) <= WIDTH
    assert all(line == line.rstrip() for line in page.splitlines())


def test_one_contract_that_ended_is_no_two() -> None:
    summary = of("hello")
    assert "2\ncontracts ended." in summary_table(summary)
    summary["events"]["contractor_expiry"] = 1
    assert "1\ncontract ended." in summary_table(summary)


def test_counts_of_a_large_company_are_written_as_all_its_numbers_are() -> None:
    summary = of("hello")
    summary["events"]["joiner"] = summary["no_change"] = 13617
    page = summary_table(summary)
    assert "13,617 joined" in page
    assert "Without a latency: 13,617 that changed nothing." in page


def test_a_page_shows_how_often_how_long_and_where_the_time_went() -> None:
    summary = of("hello")
    summary["latency"]["leaver"] = {
        "n": 30, "censored": 0, "mean_s": 3600.0, "p50_s": 3000.0, "p95_s": 7500.0, "p99_s": 7600.0, "max_s": 90000.0,
        "hops": {"hr_s": 2400.0, "wait_s": 1199.5, "processing_s": 0.5, "retry_s": 0.0, "ticket_s": 0.0},
    }  # fmt: skip
    page = summary_table(summary)
    leaver = next(line for line in page.splitlines() if line.startswith("leaver, until no access is left"))
    assert leaver.split()[6:] == ["30", "0", "1h", "2h", "05m", "1d", "01h"]
    hops = section(page, "Of that mean")
    assert next(line for line in hops.splitlines() if line.startswith("leaver")).split() == [
        "leaver", "40m", "20m", "0.5s", "0s", "0s",
    ]  # fmt: skip


def test_few_values_have_no_percentiles_and_the_page_says_so() -> None:
    page = summary_table(of("hello"))
    assert "No percentiles below n = 20." in page
    joiner = next(line for line in page.splitlines() if line.startswith("joiner, until"))
    assert "  -  " in joiner


def test_a_biased_mean_is_marked_and_explained() -> None:
    summary = of("hello")
    assert "*" not in summary_table(summary)
    summary["latency"]["joiner"].update(censored=1, censored_s=[5.0], biased=True)
    page = summary_table(summary)
    assert f"{duration(summary['latency']['joiner']['mean_s'])}*" in page
    assert "* More than 1 % were still open when the run ended" in page


def test_where_all_rows_have_percentiles_nothing_is_said_about_them() -> None:
    summary = of("hello")
    for row in summary["latency"].values():
        row.update(n=20 if row["n"] else 0, p95_s=1.0)
    assert "No percentiles" not in summary_table(summary)


def test_a_mean_that_nothing_has_finished_for_is_a_dash_and_not_marked() -> None:
    summary = of("hello")
    summary["latency"]["rehire"].update(censored=1, censored_s=[5.0], biased=True)
    line = next(line for line in summary_table(summary).splitlines() if line.startswith("rehire, until"))
    assert line.split()[-5:] == ["0", "1", "-", "-", "-"]


def test_a_run_in_which_nothing_happened_says_so() -> None:
    world = World(load("plain", ["workforce.size=1", "duration=1h", "workforce.rates={joiners: 0}"]).scenario)
    world.run()
    page = summary_table(summarize(world))
    assert "1 person at the end (0 on a contract), 1 at most. Nothing happened." in page
    assert "Time until" not in page
    assert "Of that mean" not in page
    assert "Why, and how many" not in page


def test_what_did_not_happen_is_left_out() -> None:
    page = summary_table(of("hello"))
    assert "rehire" not in page
    assert "leave of absence" not in page
    assert "Still open" not in page
    assert "Its initial cycle" not in page


def test_failures_and_skips_are_listed_by_code_with_what_they_mean_the_most_frequent_first() -> None:
    summary = of("hello")
    summary["provisioning"].update(
        failures={"InvalidAnchor": 2, "EntryConflict": 1_200, "Timeout": 0},
        skipped={"RedundantExport": 9, "NotEffectivelyEntitled": 3},
        retries=4, given_up=1, quarantined_s=3_600.0, notifications=2,
    )  # fmt: skip
    block = section(summary_table(summary), "Failures in the provisioning log").splitlines()
    assert [line.split() for line in block[2:4]] == [
        ["EntryConflict:", "the", "target", "has", "another", "object", "with", "this", "value", "1,200"],
        ["InvalidAnchor:", "the", "linked", "object", "is", "gone", "from", "the", "target", "2"],
    ]
    skipped = section(summary_table(summary), "Passed over in the provisioning log").splitlines()
    assert skipped[2].split() == ["NotEffectivelyEntitled:", "not", "assigned", "to", "the", "application", "3"]
    assert " ".join(skipped[3:]) == (
        "4 new attempts at what had failed, 1 object given up for good, 1h in quarantine, 2 mails to the administrator."
    )


def test_a_long_code_has_its_meaning_below_it_and_no_line_is_too_wide() -> None:
    summary = of("hello")
    code = "SystemForCrossDomainIdentityManagementCredentialValidationFailure"
    summary["provisioning"]["failures"] = {code: 1_234_567, "Unheard": 1}
    page = summary_table(summary)
    block = section(page, "Failures in the provisioning log").splitlines()
    assert (block[2].split(), block[3]) == ([f"{code}:", "1,234,567"], "  the credentials are not accepted")
    assert block[4].split() == ["Unheard", "1"]
    assert max(map(len, page.splitlines())) <= WIDTH


def test_of_many_codes_the_rarest_are_added_up() -> None:
    summary = of("hello")
    summary["provisioning"]["failures"] = {f"Code{n}": n for n in range(1, 12)}
    block = section(summary_table(summary), "Failures in the provisioning log").splitlines()
    assert block[2].split() == ["Code11", "11"]
    assert block[-1].split() == ["3", "more", "codes", "6"]


def test_a_run_in_which_all_went_well_says_nothing_about_failures() -> None:
    page = summary_table(of("hello"))
    assert "provisioning log" not in page
    assert "in quarantine" not in page


@pytest.mark.parametrize(("value", "words"), [(0, "0 users"), (1, "1 user"), (1_200, "1,200 users")])
def test_one_of_a_thing_is_singular(value: int, words: str) -> None:
    assert counted(value, "user") == words


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 3, "0 %"),
        (3, 3, "100 %"),
        (1, 3, "33 %"),
        (999, 1000, "over 99 %"),
        (1, 1000, "under 1 %"),
        (0.5, 1, "50 %"),
    ],
)
def test_a_share_that_is_not_all_or_nothing_never_reads_as_if_it_were(part: float, whole: float, text: str) -> None:
    assert share(part, whole) == text


def test_words_are_listed_as_one_says_them() -> None:
    assert [listed(list("abc")[:count]) for count in (0, 1, 2, 3)] == ["", "a", "a and b", "a, b and c"]


def test_open_grants_are_named_with_cause_and_what_they_wait_for() -> None:
    summary = of("hello")
    grant = {
        "principal": "ann@contoso.example", "account": "prod", "permission_set": "Audit",
        "since": "2026-03-02T08:00:00Z", "cause": "leaver", "waiting_for": "hr", "usable": None,
    }  # fmt: skip
    summary["orphaned_access"]["open"] = [grant, {**grant, "waiting_for": "nobody"}, *[grant] * 5]
    summary["orphaned_access"]["grants"]["now"] = 120
    block = section(summary_table(summary), "Still open")
    assert block.splitlines()[:5] == [
        "Still open, the oldest first:",
        "  ann@contoso.example: Audit on prod",
        "    since 2026-03-02T08:00:00Z, left the company; waits for HR to tell the",
        "    directory",
        "  ann@contoso.example: Audit on prod",
    ]
    assert "    since 2026-03-02T08:00:00Z, left the company; nobody will end it" in block
    assert block.splitlines()[-1] == "  and 115 more"


def test_causes_and_waits_are_those_with_hours() -> None:
    summary = of("hello")
    orphaned = summary["orphaned_access"]
    block = section(summary_table(summary), "Why")
    assert len(block.splitlines()) == 2 + sum(row["person_hours"] > 0 for row in orphaned["by_cause"].values())
    block = section(summary_table(summary), "What its end")
    assert len(block.splitlines()) == 2 + sum(hours > 0 for hours in orphaned["by_waiting_for"].values())


def test_findings_are_shown_where_there_are_any() -> None:
    summary = of("hello")
    summary["finding"] = ["HR dominates.", "Mend that first."]
    assert "\n\nHR dominates.\nMend that first.\n\n" in summary_table(summary)


def test_promises_are_shown_with_how_they_were_kept_and_whom_it_took_longest() -> None:
    summary = of("hello")
    assert "Promises" not in summary_table(summary)
    case = {"person": "ann@contoso.example", "at": "2026-03-02T08:00:00Z", "duration_s": 7200.0, "longest_hop": "hr"}
    kept = {"n": 40, "within": 1.0, "breached": 0, "undecided": 3, "ready_at_start": 0.5, "worst": []}
    summary["sla"] |= {
        "clock": "notified",
        "targets": {"leaver": 3600.0, "joiner": 14400.0, "mover": 60.0},
        "leaver": {"n": 300, "within": 299 / 300, "breached": 1, "undecided": 0, "worst": [case]},
        "joiner": kept,
        "mover": {"n": 0, "within": None, "breached": None, "undecided": 2, "worst": []},
    }
    block = section(summary_table(summary), "Promises, from when HR knew").splitlines()
    assert block[0].split()[5:] == ["target", "n", "kept", "broken", "open", "slowest"]
    assert [line.split() for line in block[2:5]] == [
        ["leavers", "1h", "300", "over", "99", "%", "1", "0", "2h"],
        ["movers", "1m", "0", "-", "-", "2", "-"],
        ["joiners", "4h", "40", "100", "%", "0", "3", "-"],
    ]
    assert block[5:] == [
        "  slowest leaver: ann@contoso.example, 2026-03-02T08:00:00Z, 2h, HR most of all",
        "Everything was there at the start for 50 % of the joiners.",
    ]


def test_a_run_without_a_job_says_so() -> None:
    summary = of("hello")
    summary["provisioning"] |= {"strategy": "none", "cycles": 0}
    assert "\nNo job ran.\n" in summary_table(summary)


def test_every_figure_can_be_found_in_the_csv() -> None:
    summary = of("long story")
    rows = list(csv.reader(io.StringIO(summary_csv(summary))))
    assert rows[0] == ["key", "value"]
    found = {row[0]: row[1] for row in rows}
    assert len(found) == len(rows)
    assert found["simulated"] == "true"
    assert found["latency.leaver.n"] == str(summary["latency"]["leaver"]["n"])
    assert float(found["latency.leaver.mean_s"]) == summary["latency"]["leaver"]["mean_s"]
    assert found["orphaned_access.usable.now"] == ""
    assert found["orphaned_access.open.0.principal"] == summary["orphaned_access"]["open"][0]["principal"]
    assert found["latency.absence.durations_s.0"] == str(summary["latency"]["absence"]["durations_s"][0])
    assert set(summary) == {key.split(".")[0] for key in found} - {"key"}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"), (0.0, "0s"), (0.1, "0.1s"), (0.0667, "0.067s"), (12.34, "12.3s"), (60.0, "1m"), (61.4, "1m 01s"),
        (2400.0, "40m"), (3599.9, "1h"), (4265.0, "1h 11m"), (86_400.0, "1d"), (97_200.0, "1d 03h"),
    ],
)  # fmt: skip
def test_durations_have_two_units_at_most(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (0, "0"), (0.0004, "< 0.01"), (0.149, "0.149"), (8.4719, "8.47"), (24.0, "24"), (1150.6, "1,151")],
)
def test_quantities_have_three_digits_and_none_is_rounded_to_nothing(value: float | None, text: str) -> None:
    assert quantity(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(14, "14"), (3824449.699, "3,824,449.699"), (92.91357614, "92.914"), (1369.2, "1,369.2"), (0.99987, "0.9999"),
     (0.00001234, "1.234e-05"), ("< 61", "< 61")],
)  # fmt: skip
def test_a_result_has_no_more_places_than_anybody_reads(value: object, text: str) -> None:
    assert result_text(value) == text


def test_a_results_table_stands_last_and_says_what_agrees() -> None:
    summary = of("hello")
    assert "held against what was reported" not in summary_table(summary)
    summary["results"] = [
        {"label": "Users", "metric": "target.users", "reported": 17, "measured": 17, "agrees": True},
        {"label": "Latency", "metric": "x", "reported": "< 2400", "measured": 1234.5678, "agrees": True},
        {"label": "Unknown", "metric": "y", "reported": 0, "measured": None, "agrees": False},
    ]
    blocks = summary_table(summary).split("\n\n")
    assert blocks[-2].splitlines() == [
        "Results, held against what was reported  reported   measured  agrees",
        "--------------------------------------------------------------------",
        "Users                                          17         17     yes",
        "Latency                                    < 2400  1,234.568     yes",
        "Unknown                                         0          -      NO",
        "The bearer token of automatic provisioning expires at 2027-03-02T08:00:00Z.",
    ]


@pytest.mark.parametrize(
    ("people", "told"),
    [(1, "One person's user is switched off with all"), (2, "The users of 2 people are switched off with all")],
)
def test_suspended_access_is_told_in_words_that_fit_its_number(people: int, told: str) -> None:
    summary = of("hello")
    summary["suspended_access"]["now"] = people
    assert told in summary_table(summary)
