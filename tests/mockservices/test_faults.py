"""Which requests go wrong: rules, their conditions, draws, limits, and who is struck."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockservices.clock import Clock, Millis
from mockservices.errors import ServiceError
from mockservices.faults import JOB, OPERATIONS, OUTSIDE, PASSED, PROBE, WAIT, Faults, Rule, Struck, Verdict, aws_limits

PATIENCE = 60_000 - 100


def faults(*rules: Rule, now: int = 0, limits: Rule | None = None, key: str = "1/0") -> Faults:
    clock = Clock(datetime(2026, 3, 2, 8, tzinfo=UTC), Millis(now))
    made = Faults(clock, key, request_time=Millis(100), time_out=Millis(60_000), limits=limits)
    for rule in rules:
        made.add(rule)
    return made


def at(made: Faults, now: int, operation: str = "create_user", name: str = "ann", client: str = JOB) -> Verdict:
    made._clock.now = Millis(now)
    return made.decide(client, "scim", operation, name)


def kinds(made: Faults, *names: str, operation: str = "create_user") -> list[str]:
    return [made.decide(JOB, "scim", operation, name).kind for name in names]


# --- what each kind means ----------------------------------------------------------------------------------


def test_without_rules_nobody_has_to_ask() -> None:
    assert faults().idle
    assert not faults(Rule("a", "outage")).idle
    assert not faults(limits=aws_limits()).idle


@pytest.mark.parametrize("kind", ["fail_before", "outage", "lost_answer"])
def test_job_waits_a_minute_in_all_for_an_answer_that_never_comes(kind: str) -> None:
    """A request usually takes 100 ms; the time-out is 60 s, so it takes 59,900 ms more."""
    verdict = at(faults(Rule("a", kind)), 5)
    assert verdict.delay == 59_900
    assert (verdict.dropped, verdict.lost, verdict.refused) == (kind != "lost_answer", kind == "lost_answer", False)


def test_refusals_are_answered() -> None:
    for rule in (
        Rule("a", "server_error", status=502, retry_after=7),
        Rule("a", "outage", status=503, retry_after=7),
        Rule("a", "throttled", status=429, retry_after=7),
        Rule("a", "expired_credentials", retry_after=7),
    ):
        verdict = at(faults(rule), 0)
        assert verdict.refused
        assert (verdict.status, verdict.retry_after, verdict.delay) == (rule.status, 7, 0)


def test_latencies_add_up_and_an_answer_may_take_a_minute_but_no_longer() -> None:
    def slow(*delays: int) -> Verdict:
        return at(faults(*(Rule(f"slow-{i}", "latency", delay=Millis(d)) for i, d in enumerate(delays))), 0)

    assert slow(1_000, 500) == Verdict(delay=1_500)
    assert slow(PATIENCE) == Verdict(delay=PATIENCE)
    assert slow(PATIENCE, 1) == Verdict("lost_answer", delay=PATIENCE)


def test_a_refusal_that_comes_too_late_is_no_answer_to_a_request_that_was_not_carried_out() -> None:
    made = faults(Rule("slow", "latency", delay=Millis(PATIENCE + 1)), Rule("down", "server_error", status=503))
    assert at(made, 0) == Verdict("fail_before", delay=PATIENCE)


def test_a_late_refusal_is_late() -> None:
    made = faults(Rule("down", "server_error", status=503), Rule("slow", "latency", delay=Millis(30)))
    assert at(made, 0) == Verdict("server_error", 503, None, 30)


def test_blocked_user_agent_strikes_changes_of_those_who_do_not_say_who_they_are() -> None:
    made = faults(Rule("edge", "blocked_user_agent"))
    assert made.decide(OUTSIDE, "scim", "update_user", "ann").kind == "blocked_user_agent"
    assert made.decide(OUTSIDE, "scim", "update_user", "ann", agent=True) == PASSED
    assert made.decide(OUTSIDE, "scim", "create_user", "ann") == PASSED


# --- conditions ----------------------------------------------------------------------------------------------


def test_rule_is_in_force_from_its_first_millisecond_and_no_longer_at_its_end() -> None:
    made = faults(Rule("a", "outage", at=Millis(1000), lasts=Millis(500)))
    assert [bool(at(made, now).kind) for now in (999, 1000, 1499, 1500)] == [False, True, True, False]


def test_rule_that_waits_is_started_and_ended() -> None:
    made = faults(Rule("a", "outage", at=None, lasts=Millis(500)))
    assert at(made, 100) == PASSED
    made.start("a")
    assert [bool(at(made, now).kind) for now in (100, 599, 600)] == [True, True, False]
    made.start("a")
    made._clock.now = Millis(700)
    made.end("a")
    assert at(made, 700) == PASSED
    made.start("a")
    made.end()
    assert at(made, 700) == PASSED
    assert made.in_force() == []


def test_to_end_what_has_not_begun_keeps_it_from_beginning() -> None:
    made = faults(Rule("a", "outage", at=Millis(1000)))
    made.end("a")
    assert at(made, 2000) == PASSED


def test_unknown_and_taken_names_are_refused() -> None:
    made = faults(Rule("a", "outage"))
    acts: tuple[tuple[Callable[[], None], int, str], ...] = (
        (lambda: made.start("b"), 404, 'there is no fault called "b"; there are a'),
        (lambda: made.end("b"), 404, 'there is no fault called "b"; there are a'),
        (lambda: made.add(Rule("a", "outage")), 409, 'there is a fault called "a" already'),
        (lambda: faults().start("b"), 404, 'there is no fault called "b"; there is none at all'),
    )
    for act, status, sentence in acts:
        with pytest.raises(ServiceError, match=sentence) as caught:
            act()
        assert caught.value.status == status


def test_operation_service_and_object_pick_requests_out() -> None:
    rule = Rule("a", "server_error", status=500, operation="update_user", objects=frozenset({"ann@x.example"}))
    made = faults(rule)
    asked = [("scim", "update_user", "ann@x.example"), ("scim", "update_user", "Ann@X.example"),
             ("scim", "update_user", "bob@x.example"), ("scim", "get_user", "ann@x.example"),
             ("graph", "update_user", "ann@x.example")]  # fmt: skip
    assert [bool(made.decide(OUTSIDE, *each).kind) for each in asked] == [True, True, False, False, False]


def test_times_is_counted_for_every_object_by_itself_over_all_operations() -> None:
    made = faults(Rule("a", "server_error", status=500, times=2))
    assert [bool(kind) for kind in kinds(made, "ann", "ann", "ann", "bob", "ann", "bob", "bob")] == [
        True, True, False, True, False, True, False,
    ]  # fmt: skip
    assert kinds(made, "ann", operation="get_user") == [""]


def test_first_rule_that_strikes_decides_and_only_it_counts() -> None:
    made = faults(Rule("a", "server_error", status=500, times=1), Rule("b", "lost_answer"))
    assert kinds(made, "ann", "ann") == ["server_error", "lost_answer"]
    assert made.hits() == {"a": 1, "b": 1}


# --- draws ---------------------------------------------------------------------------------------------------


def test_share_is_about_that_of_the_attempts() -> None:
    """Of 10,000 attempts, with a share of 10 % the standard deviation is 30: 5 of them are 150."""
    made = faults(Rule("a", "lost_answer", share=Fraction(1, 10)))
    struck = sum(bool(kind) for kind in kinds(made, *(f"user{i}" for i in range(10_000))))
    assert 850 <= struck <= 1150


def test_draws_differ_by_rule_seed_operation_object_and_attempt() -> None:
    half = Fraction(1, 2)

    def drawn(name: str = "a", key: str = "1/0", operation: str = "create_user", who: str = "ann") -> list[str]:
        return kinds(faults(Rule(name, "lost_answer", share=half), key=key), *[who] * 64, operation=operation)

    streams = [drawn(), drawn("b"), drawn(key="2/0"), drawn(operation="get_user"), drawn(who="bob")]
    assert len({tuple(stream) for stream in streams}) == len(streams)
    assert drawn() == drawn()


Sent = list[tuple[int, str, str]]


def fates(made: Faults, sent: Sent) -> dict[tuple[str, str], list[str]]:
    """What becomes of each object's requests, in their order."""
    told: dict[tuple[str, str], list[str]] = {}
    for now, operation, name in sorted(sent, key=lambda each: each[0]):
        told.setdefault((operation, name), []).append(at(made, now, operation, name).kind)
    return told


REQUESTS = st.lists(
    st.tuples(st.integers(0, 10**6), st.sampled_from(OPERATIONS[:3]), st.sampled_from(["ann", "bob", "cyd"])),
    max_size=60,
)


@given(REQUESTS, st.lists(st.integers(0, 10**6), min_size=60, max_size=60), st.integers(1, 20))
def test_which_attempts_fail_hangs_neither_on_time_nor_on_order(sent: Sent, moved: list[int], share: int) -> None:
    """Every request is sent at another time, in another order among the objects; of each object the first stays the
    first."""
    rules = (Rule("a", "lost_answer", share=Fraction(share, 20)), Rule("b", "server_error", status=500,
             share=Fraction(1, 2)))  # fmt: skip
    shifted = [(then, operation, name) for then, (_, operation, name) in zip(moved, sent, strict=False)]
    assert fates(faults(*rules), sent) == fates(faults(*rules), shifted)


@given(REQUESTS, REQUESTS)
def test_outside_clients_change_nothing_for_the_job(sent: Sent, others: Sent) -> None:
    rules = (
        Rule("a", "lost_answer", share=Fraction(1, 3), times=2),
        Rule("b", "throttled", rate=Fraction(1), burst=2, retry_after=WAIT, status=429),
    )
    alone, beside = faults(*rules, limits=aws_limits()), faults(*rules, limits=aws_limits())
    both = sorted([(JOB, *each) for each in sent] + [(OUTSIDE, *each) for each in others], key=lambda each: each[1])
    told = [at(beside, now, operation, name, client) for client, now, operation, name in both]
    assert [verdict for verdict, (client, *_) in zip(told, both, strict=True) if client == JOB] == [
        at(alone, now, operation, name) for client, now, operation, name in both if client == JOB
    ]
    assert alone.hits() == beside.hits()


def test_test_of_the_connection_sees_what_is_wrong_and_leaves_no_mark() -> None:
    struck: list[Struck] = []
    made = faults(Rule("a", "expired_credentials", times=1), Rule("b", "throttled", rate=Fraction(1), burst=1))
    made.sink = struck.append
    for number in range(3):
        assert at(made, 0, "find_user", f"probe-{number}", PROBE).kind == "expired_credentials"
    assert (made.hits(), struck) == ({"a": 0, "b": 0}, [])
    assert made.shown()[0]["job"] == {"attempts": 0, "hits": 0}


# --- throttles -----------------------------------------------------------------------------------------------


def test_throttle_says_when_the_bucket_has_a_token_again_in_whole_seconds() -> None:
    """One token in 2.5 s: at 0 it is 2,500 ms away, at 600 ms 1,900 ms, which are 3 and 2 whole seconds."""
    made = faults(Rule("a", "throttled", rate=Fraction(2, 5), burst=1, retry_after=WAIT, status=429))
    assert at(made, 0) == PASSED
    assert at(made, 0) == Verdict("throttled", 429, 3)
    assert at(made, 600) == Verdict("throttled", 429, 2)
    assert at(made, 2500) == PASSED


def test_aws_lets_twenty_requests_a_second_through_and_names_no_time() -> None:
    made = faults(limits=aws_limits())
    assert [at(made, 0).status for _ in range(21)] == [0] * 20 + [429]
    assert at(made, 49) == Verdict("throttled", 429, None)
    assert at(made, 50) == PASSED
    assert made.hits() == {"limits": 2}


def test_what_never_arrives_or_is_refused_takes_no_token_and_a_lost_answer_does() -> None:
    """With ``kind`` for the first 30 attempts on ann, 20 of bob's go through afterwards where ann took none."""
    for kind, left in (("fail_before", 20), ("server_error", 20), ("lost_answer", 0)):
        made = faults(Rule("a", kind, status=500, objects=frozenset({"ann"})), limits=aws_limits())
        kinds(made, *["ann"] * 30)
        assert kinds(made, *["bob"] * 21).count("") == left


# --- what is told of them ------------------------------------------------------------------------------------


def test_every_fault_that_hits_the_job_is_told_with_its_attempt() -> None:
    struck: list[Struck] = []
    made = faults(Rule("a", "lost_answer", times=1), Rule("slow", "latency", delay=Millis(5)))
    made.sink = struck.append
    at(made, 7, "get_user", "Ann")
    at(made, 8, "get_user", "ann")
    at(made, 9, "get_user", "ann", OUTSIDE)
    assert struck == [
        (7, "a", "lost_answer", "get_user", "ann", 1),
        (7, "slow", "latency", "get_user", "ann", 1),
        (8, "slow", "latency", "get_user", "ann", 2),
    ]


def test_rule_goes_through_json_and_back() -> None:
    rules: list[dict[str, Any]] = [
        {"kind": "throttled", "rate": Fraction(1, 3), "burst": 4, "retry_after": WAIT},
        {"kind": "lost_answer", "share": Fraction(1, 10), "objects": frozenset({"b", "a"}), "times": 3, "at": None},
    ]
    for more in rules:
        rule = Rule("a", **more)
        assert Rule.of(rule.arguments()) == rule


def test_shown_are_rules_and_limits_with_what_they_did() -> None:
    made = faults(Rule("a", "outage", at=Millis(1000), lasts=Millis(1000)), limits=aws_limits())
    at(made, 1000)
    assert made.shown()[0] == {
        "name": "a", "kind": "outage", "service": "scim", "operation": "any", "in_force": True,
        "since": "2026-03-02T08:00:01Z", "until": "2026-03-02T08:00:02Z",
        "job": {"attempts": 1, "hits": 1}, "outside": {"attempts": 0, "hits": 0},
    }  # fmt: skip
    assert [row["name"] for row in made.shown()] == ["a", "limits"]


def test_rule_without_a_name_gets_the_next_that_is_free() -> None:
    made = faults(Rule("fault-2", "outage"))
    assert made.free_name() == "fault-3"
    assert faults().free_name() == "fault-1"
