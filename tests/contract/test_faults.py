"""Whatever goes wrong goes wrong in the same way in process and over HTTP: answers, state, digests, counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from sim.ports import NO_ANSWER, Answer, Patch, Request, Target
from sim.scenario import Scenario, scenario_from
from sim.serving import Session
from sim.world import Transport, World
from tests.contract.conftest import Run
from tests.contract.stories import STORIES

KINDS: dict[str, list[dict[str, Any]]] = {
    "fail_before": [{"kind": "fail_before", "share": 0.3}],
    "lost_answer": [{"kind": "lost_answer", "share": 0.3}],
    "lost creations": [{"kind": "lost_answer", "operation": "create_user", "times": 1}],
    "drawn 429": [{"kind": "throttled", "share": 0.4, "retry_after": "30s"}],
    "bucket": [{"kind": "throttled", "rate": 0.5, "burst": 2}],
    "server_error": [{"kind": "server_error", "status": 502, "share": 0.4, "retry_after": "5s"}],
    "latency": [{"kind": "latency", "delay": "2s", "share": 0.5}],
    "too late": [{"kind": "latency", "delay": "60s", "share": 0.3}],
    "outage": [{"kind": "outage", "at": "1h", "for": "90m"}],
    "outage with 503": [{"kind": "outage", "at": "1h", "for": "90m", "status": 503, "retry_after": "60s"}],
    "expired_credentials": [{"kind": "expired_credentials", "at": "1h", "for": "90m"}],
    "not_scim": [{"kind": "not_scim", "share": 0.3}],
    "not_scim with 200": [{"kind": "not_scim", "status": 200, "operation": "find_user", "times": 1}],
    "blocked_user_agent": [{"kind": "blocked_user_agent", "times": 2}],
    "everything": [
        {"kind": "latency", "delay": "300ms", "share": 0.5},
        {"kind": "lost_answer", "share": 0.1},
        {"kind": "server_error", "status": 500, "share": 0.6, "operation": "update_group"},
        {"kind": "throttled", "rate": 2, "burst": 3},
    ],
}


@dataclass(slots=True)
class Listening:
    """Notes what the job hears."""

    target: Target
    heard: list[Answer] = field(default_factory=list)

    def send(self, request: Request) -> Answer:
        """See :class:`sim.ports.Target`."""
        answer = self.target.send(request)
        # nobody reads what comes back from a change; the direct port does not make it
        read = answer.found if not isinstance(request, Patch) else ()
        self.heard.append(Answer(answer.status, read, answer.detail, answer.retry_after, answer.lasted, answer.scim))
        return answer

    def check(self, base_address: str, secret_token: str, probe: str) -> str | None:
        """See :class:`sim.ports.Target`."""
        return self.target.check(base_address, secret_token, probe)


def heard_over(scenario: Scenario, transport: Transport) -> tuple[World, list[Answer]]:
    """A finished world and every answer that its job heard."""
    if transport == "direct":
        world = World(scenario)
        listening = world.driver.target = Listening(world.driver.target)
        world.run()
        return world, listening.heard
    session = Session(scenario, transport="wire", speed=None)
    try:
        world = session.world
        listening = world.driver.target = Listening(world.driver.target)
        session.run(until=world.end)
        return world, listening.heard
    finally:
        session.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["from nothing", "hr", "groups and scope"])
def test_both_transports_fail_alike(kind: str, name: str) -> None:
    scenario = scenario_from({**STORIES[name], "faults": KINDS[kind]})
    direct, heard_direct = heard_over(scenario, "direct")
    wire, heard_wire = heard_over(scenario, "wire")
    assert heard_wire == heard_direct
    assert wire.trace_sha256 == direct.trace_sha256
    assert wire.traffic_sha256 == direct.traffic_sha256
    assert wire.services.faults.shown() == direct.services.faults.shown()
    # a request that is dropped never reaches the service; one whose answer is lost does
    dropped = sum(row["job"]["hits"] for row in wire.services.faults.shown() if kind in {"fail_before", "outage"})
    assert wire.services.traffic.own_counts.get("scim", 0) == wire.driver.sums.tally.requests - dropped


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_strikes_somebody(kind: str) -> None:
    """Else the test above would compare nothing."""
    world, heard = heard_over(scenario_from({**STORIES["from nothing"], "faults": KINDS[kind]}), "direct")
    assert all(world.services.faults.hits().values()), world.services.faults.hits()
    assert any(not answer.ok or answer.lasted for answer in heard)


def answers(kind: str, *, name: str = "from nothing") -> list[Answer]:
    return heard_over(scenario_from({**STORIES[name], "faults": KINDS[kind]}), "direct")[1]


@pytest.mark.parametrize("kind", ["fail_before", "lost_answer", "too late", "outage"])
def test_no_answer_took_a_minute(kind: str) -> None:
    """59.9 s more than the 100 ms that a request takes."""
    lost = [answer for answer in answers(kind) if answer.status == NO_ANSWER]
    assert lost
    assert set(lost) == {Answer(NO_ANSWER, lasted=59_900)}


def test_retry_after_comes_in_seconds() -> None:
    assert {answer.retry_after for answer in answers("drawn 429") if answer.status == 429} == {30}
    assert {answer.retry_after for answer in answers("bucket") if answer.status == 429} <= {1, 2}


def test_page_that_is_no_scim_is_no_success() -> None:
    pages = [answer for answer in answers("not_scim with 200") if not answer.scim]
    assert pages
    assert {(page.status, page.ok) for page in pages} == {(200, False)}


def test_lost_answer_was_carried_out_and_what_failed_before_was_not(run_over: Run) -> None:
    """Of an initial cycle on its own, every creation of a user is lost."""
    for kind, there in (("lost_answer", 3), ("fail_before", 0)):
        fault = {"kind": kind, "operation": "create_user"}
        told = {**STORIES["from nothing"], "duration": "15m", "timeline": [], "faults": [fault]}
        for transport in ("direct", "wire"):
            world = run_over(scenario_from(told), transport)
            assert world.services.provider.users_count == there


def test_limits_of_aws_answer_429_by_themselves(run_over: Run) -> None:
    """At 100 requests a second, AWS's 20 a second do not suffice for what a cycle sends at once."""
    fast = {"phase": "10m", "pace": {"initial": 500, "incremental": 500}}
    told = {**STORIES["workforce"], "start_state": "empty", "duration": "3h", "provisioning": fast}
    target = {"limits": "aws", "request_time": "2ms"}
    direct, wire = (run_over(scenario_from({**told, "target": target}), each) for each in ("direct", "wire"))
    assert wire.traffic_sha256 == direct.traffic_sha256
    assert wire.services.faults.hits() == direct.services.faults.hits()
    assert direct.services.faults.hits()["limits"] > 0


def test_faults_are_started_and_ended_by_the_timeline(run_over: Run) -> None:
    """The cycles are at 10 + 40k minutes: of those, 50 and 90 lie between 40m and 100m."""
    timeline = [
        *STORIES["hr"]["timeline"],
        {"at": "40m", "do": "start_fault", "fault": "down"},
        {"at": "100m", "do": "end_fault", "fault": "down"},
    ]
    told = {**STORIES["hr"], "timeline": timeline, "faults": [{"name": "down", "kind": "outage", "started": False}]}
    direct, wire = run_over(scenario_from(told), "direct"), run_over(scenario_from(told), "wire")
    assert wire.traffic_sha256 == direct.traffic_sha256
    assert direct.timeline.refused == []
    (row,) = direct.services.faults.shown()
    assert row["job"]["hits"] > 0
    assert (row["since"], row["until"]) == ("2026-03-02T08:40:00Z", "2026-03-02T09:40:00Z")


# --- the token, and whether there is an endpoint at all ---------------------------------------------------------


def test_job_with_an_expired_token_gets_401(run_over: Run) -> None:
    told = {**STORIES["hr"], "target": {"token_life": "1h"}}
    for transport in ("direct", "wire"):
        _, heard = heard_over(scenario_from(told), transport)
        assert {answer.status for answer in heard} >= {200, 401}
        assert {answer.detail for answer in heard if answer.status == 401} == {"The request is not authorized."}


def test_there_is_no_endpoint_before_automatic_provisioning_is_on() -> None:
    timeline = [
        {"at": "0m", "do": "aws_identity_source", "source": "external"},
        {"at": "30m", "do": "aws_automatic_provisioning"},
    ]
    told = {**STORIES["from nothing"], "timeline": timeline, "duration": "2h"}
    for transport in ("direct", "wire"):
        world, heard = heard_over(scenario_from(told), transport)
        assert {answer.status for answer in heard if answer.status == 401} == {401}
        assert world.services.provider.users_count == 3
