"""Answers that are late, that never come, or that ask to be left alone; and what that does to everything after them."""

from __future__ import annotations

from typing import Any

import pytest

from sim.ports import NO_ANSWER, Answer, Request
from tests.semantics.story import HOUR, MINUTE, Answers, Latency, Seen, act, begin, join, run, told, what


def once(kind: str, answer: Answer, *, times: int = 1) -> Answers:
    """The first requests of a kind are answered so; they are not carried out."""
    left = [times]

    def answers(request: Request, now: int) -> Answer | None:
        if what(request) != kind or not left[0]:
            return None
        left[0] -= 1
        return answer

    return answers


def test_a_late_answer_moves_everything_after_it() -> None:
    """GET @2,400,000 takes 7 s more: Ann's PATCH is at 2,407,100, Bob's GET at 2,407,200."""
    seen = run(
        told(act("10m", "leave", "ann"), act("11m", "leave", "bob")), once("GET Users", Answer(500, lasted=7_000))
    )
    assert [at for at, _ in seen.requests[:3]] == [2_400_000, 2_407_100, 2_407_200]


def test_an_answer_that_does_not_come_costs_the_time_out_and_is_tried_in_the_next_cycle() -> None:
    """GET @2,400,000: nothing for 60 s, 59.9 s more than usual. Processing 59,900, then retry to 4,800,000."""
    seen = run(told(act("10m", "leave", "ann")), once("GET Users", Answer(NO_ANSWER)))
    assert seen.latencies == [Latency("leaver", "ann", 600_000, 4_800_100, 0, 1_800_000, 60_000, 2_340_100)]
    assert [row.reason for row in seen.world.log.rows if row.status == "failure"] == ["Timeout"]


def test_an_answer_that_comes_after_the_time_out_is_one_that_does_not_come() -> None:
    seen = run(told(act("10m", "leave", "ann")), once("GET Users", Answer(500, lasted=60_000)))
    assert [row.reason for row in seen.world.log.rows if row.status == "failure"] == ["Timeout"]
    assert seen.latencies[0].processing == 60_000


def test_how_long_an_answer_may_take_is_a_setting() -> None:
    seen = run(
        told(act("10m", "leave", "ann"), provisioning__request_timeout="10s"), once("GET Users", Answer(NO_ANSWER))
    )
    assert seen.latencies[0].processing == 9_900 + 100


def test_a_429_pauses_the_job_for_as_long_as_it_says_and_repeats_that_request_only() -> None:
    """PATCH @2,400,100 refused with Retry-After 30; again 30.1 s later, and Bob after it."""
    seen = run(
        told(act("10m", "leave", "ann"), act("11m", "leave", "bob")), once("PATCH Users", Answer(429, retry_after=30))
    )
    assert seen.requests == [
        (2_400_000, "GET Users"),
        (2_400_100, "PATCH Users"),
        (2_430_200, "PATCH Users"),
        (2_430_300, "GET Users"),
        (2_430_400, "PATCH Users"),
    ]
    assert seen.world.driver.sums.tally.errors == 0
    assert seen.latencies[0].processing == 30_200


def test_a_429_is_honoured_so_many_times_and_then_fails() -> None:
    """Twice in this scenario: the third refusal fails, and the next cycle tries again."""
    values = told(act("10m", "leave", "ann"), provisioning__retry_after_limit=2)
    seen = run(values, once("PATCH Users", Answer(429, retry_after=1), times=3))
    assert [at for at, asked in seen.requests if asked == "PATCH Users"] == [2_400_100, 2_401_200, 2_402_300, 4_800_100]
    assert [row.reason for row in seen.world.log.rows if row.status == "failure"] == ["TooManyRequests"]


@pytest.mark.parametrize(("policy", "answer"), [("next_cycle", Answer(429, retry_after=30)), ("honour", Answer(429))])
def test_a_429_without_a_wish_or_for_a_job_that_hears_none_waits_for_the_next_cycle(
    policy: str, answer: Answer
) -> None:
    seen = run(told(act("10m", "leave", "ann"), provisioning__retry_after=policy), once("PATCH Users", answer))
    assert [at for at, asked in seen.requests if asked == "PATCH Users"] == [2_400_100, 4_800_100]


def test_while_the_job_waits_the_world_goes_on() -> None:
    """Ann's request is refused for a minute; Bob leaves meanwhile, after the gate: his turn is the next cycle's."""
    seen = run(
        told(act("10m", "leave", "ann"), act("2430s", "leave", "bob")), once("GET Users", Answer(429, retry_after=60))
    )
    assert {each.who: each.end for each in seen.latencies} == {"ann": 2_460_200, "bob": 4_800_100}


class LosingAnswers:
    """Carries the first request of a kind out and loses the answer."""

    def __init__(self, seen: Seen, kind: str) -> None:
        self.target = seen.world.driver.target
        self.kind = kind
        self.lost = 0
        self.sent: list[str] = []

    def send(self, request: Request) -> Answer:
        self.sent.append(what(request))
        answer = self.target.send(request)
        if what(request) == self.kind and not self.lost:
            self.lost += 1
            return Answer(NO_ANSWER)
        return answer

    def check(self, base_address: str, secret_token: str, probe: str) -> str | None:
        return self.target.check(base_address, secret_token, probe)


def losing(kind: str, values: dict[str, Any]) -> tuple[Seen, LosingAnswers]:
    seen = begin(values)
    target = seen.world.driver.target = LosingAnswers(seen, kind)
    seen.world.run()
    return seen, target


@pytest.mark.parametrize("kind", ["POST Users", "POST Groups", "PATCH Groups", "GET Users", "GET Groups"])
def test_a_lost_answer_in_an_initial_cycle_leaves_no_duplicate_and_ends_in_the_next(kind: str) -> None:
    seen, target = losing(kind, told(start_state="empty"))
    assert target.lost == 1
    provider = seen.world.services.provider
    assert (provider.users_count, provider.groups_count) == (3, 3)
    assert seen.by_kind() == {}
    assert [seen.held(who) for who in ("ann", "bob", "cyd")] == [
        ["ReadOnly@dev"],
        ["PowerUser@dev"],
        ["Audit@prod", "ReadOnly@dev"],
    ]
    assert max(at for at, _ in seen.requests) < 80 * MINUTE


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("PATCH Users", act("10m", "leave", "ann")),
        ("GET Users", act("10m", "leave", "ann")),
        ("DELETE Users", act("10m", "purge", "ann")),
        ("PATCH Groups", act("10m", "move", "ann", department="Operations")),
        ("DELETE Groups", act("10m", "unassign", group="Operators")),
        ("PATCH Groups", act("10m", "rename_group", group="Operators", to="Operations")),
    ],
)
def test_a_lost_answer_loses_no_change(kind: str, action: dict[str, Any]) -> None:
    seen, target = losing(kind, told(action))
    assert target.lost == 1
    assert seen.by_kind() == {}
    assert seen.world.parts.state.escrows == {}


def test_a_lost_creation_is_looked_up_and_adopted() -> None:
    seen, target = losing("POST Users", told(join("10m", "dan")))
    assert target.sent.count("POST Users") == 1
    assert seen.held("dan") == ["ReadOnly@dev"]


def test_a_job_that_posts_again_stays_on_the_conflict_until_what_failed_is_forgotten() -> None:
    """As one report has it: POST at 40m (lost), POST at 80m: 409, and then up the ladder. After a restart that forgets
    what failed, it is looked up and adopted."""
    seen = begin(told(join("10m", "dan"), provisioning__lost_create="repost", duration="8h"))
    target = seen.world.driver.target = LosingAnswers(seen, "POST Users")
    seen.world.run_until(3 * HOUR)
    assert target.sent.count("POST Users") == 2
    assert seen.world.log.rows[-1].reason == "EntryConflict"
    assert seen.held("dan") == []
    seen.world.driver.restart()
    seen.world.run()
    assert target.sent.count("POST Users") == 2
    assert seen.held("dan") == ["ReadOnly@dev"]
    assert seen.world.services.provider.users_count == 4


def test_a_target_that_is_slower_than_the_time_out_never_answers() -> None:
    """Every answer takes two minutes, and the job waits for one."""
    seen = run(told(act("10m", "leave", "ann"), provisioning__request_timeout="1m", target__request_time="2m"))
    assert {row.reason for row in seen.world.log.rows} == {"Timeout"}
