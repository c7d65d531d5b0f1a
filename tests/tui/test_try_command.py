"""`jmlab try`: of a recorded run at some time, of a served world now, and one sentence for what is not there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sim import places
from sim.scenario import load
from sim.serving import Session
from tests.outside import Outside
from tests.sim.test_serving import assert_replays, clock, served
from tests.tui.conftest import Call

DANA = "dana.whitfield@northwind-cloud.example"


@pytest.fixture
def kept(jmlab: Call, tmp_path: Path) -> str:
    """The Friday, with nothing done but to wait, in a directory of its own."""
    folder = str(tmp_path / "friday")
    assert jmlab("run", "friday-1003", "--quiet", "--out", folder).code == 0
    return folder


def test_it_shows_the_doors_and_when_they_close(kept: str, jmlab: Call) -> None:
    outcome = jmlab("try", DANA, "--account", "production", "--at", "2h20m", kept)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == (
        f"SIMULATED: friday-1003, {DANA} on production (204404701150) at 2026-03-06T10:20:00Z\n"
        "\n"
        f"Administrator, as the user {DANA}\n"
        "  ○ sign-in     closed since 10:03:00\n"
        "                Microsoft Entra ID: AADSTS50057: The user account is disabled.\n"
        "  ● assignment  open, closes at 10:40:00\n"
        "  ● session     open since 08:30:00, closes at 10:40:00\n"
        "                role session of 09:50:00, until 10:50:00\n"
        "                role session of 10:20:00, until 11:20:00\n"
        "\n"
        "YES until 10:40:00: usable, from the portal session of 08:30:00.\n"
        "The run was followed until 13:00:00.\n"
    )


def test_when_all_doors_are_closed_it_says_what_still_works(kept: str, jmlab: Call) -> None:
    outcome = jmlab("try", "dana", "--account", "production", "--at", "2026-03-06T11:00:00Z", kept)
    assert outcome.out.endswith(
        "  ○ sign-in     closed since 10:03:00\n"
        "                Microsoft Entra ID: AADSTS50057: The user account is disabled.\n"
        "  ○ assignment  closed since 10:40:00\n"
        "  ○ session     closed since 10:40:00\n"
        "                role session of 10:20:00, until 11:20:00: outlives its grant (residual)\n"
        "\n"
        "NO: the assignment is closed.\n"
        "What was started before works until 11:20:00.\n"
        "The run was followed until 13:00:00.\n"
    )


def test_what_happens_at_the_very_instant_has_happened(kept: str, jmlab: Call) -> None:
    before, then = (
        json.loads(jmlab("try", "dana", "--account", "production", "--at", at, "--format", "json", kept).out)
        for at in ("2h2m59s", "2h3m")
    )
    signing_in = [told["tries"][0]["doors"]["sign_in"]["open"] for told in (before, then)]
    assert signing_in == [True, False]


def test_denied_and_residual_are_named(jmlab: Call, tmp_path: Path) -> None:
    folder = str(tmp_path / "denied")
    assert jmlab("run", "friday-1003", "--set", "runbook=deny", "--quiet", "--out", folder).code == 0
    out = jmlab("try", "dana", "--account", "production", "--at", "2h20m", folder).out
    assert "role session of 10:20:00, until 11:20:00: denied everything, so worth nothing\n" in out
    assert (
        "NO until 10:40:00: denied; credentials are handed out from the portal session of 08:30:00, and an explicit "
        "Deny makes them worthless.\n"
    ) in out
    folder = str(tmp_path / "mover")
    assert jmlab("run", "mover-keeps-the-door", "--quiet", "--out", folder).code == 0
    out = jmlab("try", "milo", "--account", "production", "--at", "3h", folder).out
    assert (
        "YES until 11:40:00: residual, from the portal session of 08:30:00; the assignment has ended, and that session "
        "still starts the role.\n"
    ) in out


def test_several_ways_are_told_one_by_one(jmlab: Call, tmp_path: Path) -> None:
    """Peter Vance has two assignments on two accounts, Mina Sato one on each of two; Ravi's clerk has none on prod."""
    folder = str(tmp_path / "before")
    assert jmlab("run", "before-federation", "--quiet", "--out", folder).code == 0
    out = jmlab("try", "pvance", "--account", "prod", "--at", "1h", folder).out
    assert "as the user pvance\n  ● sign-in     open, closes at 10:00:00\n" in out
    assert "YES until 16:30:00: usable, from the portal session of 08:30:00.\n" in out
    out = jmlab("try", "m.sato", "--account", "prod", "--at", "1h", folder).out
    assert "YES until 10:00:00: usable, by signing in.\n" in out
    out = jmlab("try", "rmenon", "--account", "prod", "--at", "1h", folder).out
    assert "\nNothing was ever assigned here, as the user rmenon\n" in out
    assert "\nNO: there is nothing to start.\n" in out


def test_programs_get_the_same_as_json(kept: str, jmlab: Call) -> None:
    shown = json.loads(jmlab("try", "dana", "--account", "production", "--at", "2h20m", "--format", "json", kept).out)
    assert (shown["schema"], shown["simulated"], shown["scenario"]) == ("jmlab.try/1", True, "friday-1003")
    assert (shown["answer"], shown["verdict"], shown["until"]) == ("YES", "usable", "2026-03-06T10:40:00Z")
    assert (shown["at"], shown["known_until"]) == ("2026-03-06T10:20:00Z", "2026-03-06T13:00:00Z")
    assert shown["tries"][0]["doors"]["session"] == {
        "open": True,
        "since": "2026-03-06T08:30:00Z",
        "until": "2026-03-06T10:40:00Z",
    }
    assert shown["tries"][0]["role_sessions"][1] == {
        "started": "2026-03-06T10:20:00Z",
        "expires": "2026-03-06T11:20:00Z",
        "works": True,
        "residual": False,
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("dena", "production"), f"there is no person 'dena' in this world (did you mean {DANA}?)\n"),
        (("zzz", "production"), "there is no person 'zzz' in this world\n"),
        (("dana", "Productoin"), "there is no account 'Productoin' in this world (did you mean production?)\n"),
        (("dana", "zzz"), "there is no account 'zzz' in this world; there are production\n"),
        (("dana", "production", "--at", "6h"), "--at: 6h lies after the end of the run; it was 5h long\n"),
        (
            ("dana", "production", "--at", "2026-03-06T07:00:00Z"),
            "--at: 2026-03-06T07:00:00Z lies before the start of the run, 2026-03-06T08:00:00Z\n",
        ),
        (
            ("dana", "production", "--permission-set", "Administrators"),
            "there is no permission set 'Administrators' in this world (did you mean Administrator?)\n",
        ),
    ],
)
def test_what_is_not_there_is_told_in_one_sentence(
    kept: str, jmlab: Call, arguments: tuple[str, ...], said: str
) -> None:
    who, account, *more = arguments
    outcome = jmlab("try", who, "--account", account, *more, kept)
    assert (outcome.code, outcome.out, outcome.err) == (2, "", said)


def test_without_a_world_and_without_a_run_it_says_how_to_have_one(jmlab: Call) -> None:
    outcome = jmlab("try", "dana", "--account", "production")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("no world is being served and there is no last run; start one with: jmlab serve")


def test_the_last_run_is_meant_when_none_is_named_and_none_is_served(kept: str, jmlab: Call) -> None:
    named = jmlab("try", "dana", "--account", "production", kept)
    assert jmlab("try", "dana", "--account", "production").out == named.out
    assert jmlab("try", "dana", "last", "--account", "production").out == named.out


def test_in_a_served_world_it_is_tried_now_and_changes_nothing(state: Path, jmlab: Call) -> None:
    scenario = load("friday-1003").scenario
    with served(scenario, speed=1) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        clock(outside, by="2h20m1s")
        announced = _announce(session)
        shown = json.loads(jmlab("try", "dana", "--account", "production", "--format", "json").out)
        assert (shown["answer"], shown["until"]) == ("YES", "2026-03-06T16:30:00Z")
        assert shown["known_until"] == shown["at"] == "2026-03-06T10:20:01Z"
        out = jmlab("try", "dana", "--account", "production").out
        assert out.endswith(
            "YES until 16:30:00: usable, from the portal session of 08:30:00.\n"
            "As far as is known now; the next cycle begins at 10:40:00.\n"
        )
        outcome = jmlab("try", "dena", "--account", "production")
        assert (outcome.code, outcome.err) == (2, f"there is no person 'dena' in this world (did you mean {DANA}?)\n")
        assert {command.action for command in session.world.commands} == {"clock.pause", "clock.advance"}
        announced.unlink()
    assert_replays(session, scenario)


def _announce(session: Session) -> Path:
    return places.announce({**session.addresses(), "pid": os.getpid(), "scenario": "friday-1003", "access_token": "x"})
