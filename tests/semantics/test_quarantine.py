"""Quarantine over time: when it begins, when the job is tried in it, what people wait for meanwhile, when it ends.

Somebody leaves at 10m = 600,000; the cycle at 40m = 2,400,000 meets a target that refuses. An attempt comes 5m after
the end of the cycle that led into quarantine, the next 40m after that one, then 80m and so on.
"""

from __future__ import annotations

from typing import Any

import pytest

from mockservices.clock import Millis
from mockservices.scim.credentials import base_path, bearer_token
from mockservices.tokens import fingerprint
from sim.observation.summary import summarize
from sim.ports import Answer, Request
from sim.provisioning.quarantine import QuarantineRow
from tests.semantics.story import HOUR, MINUTE, Answers, Latency, Piece, Seen, act, begin, join, run, told, what

EXCEPTION, PROPORTION = "EncounteredQuarantineException", "EncounteredEscrowProportionThreshold"


def answering(status: int, *kinds: str, until: int) -> Answers:
    """A target that answers these kinds of request (none named: all) with a status until then."""
    return lambda request, now: Answer(status) if now < until and (not kinds or what(request) in kinds) else None


def heard(values: dict[str, Any], answers: Answers | None = None) -> tuple[Seen, list[QuarantineRow]]:
    """A story run to its end, and its quarantines."""
    seen = begin(values, answers)
    rows: list[QuarantineRow] = []
    seen.world.driver.ward.sink = rows.append
    seen.world.run()
    return seen, rows


def test_a_refused_token_stops_the_cycle_at_once_and_people_wait_for_the_quarantine() -> None:
    """GET @2,400,000 refused: nothing more is sent, imposed at 2,400,100. Attempts at 2,700,100 (a probe, refused;
    imposed again at 2,700,200) and 40m later at 5,100,200: probe, GET @300, PATCH @400. Lifted with the last answer at
    5,100,500. Retry: 2,400,000 to 2,700,100 and 2,700,200 to 5,100,200."""
    timeline = [act("10m", "leave", "ann"), act("11m", "leave", "bob")]
    seen, rows = heard(told(*timeline), answering(401, until=46 * MINUTE))
    assert [each for each in seen.requests if each[0] < 5_200_000] == [
        (2_400_000, "GET Users"),
        (2_700_100, "GET Users"),
        (5_100_200, "GET Users"),
        (5_100_300, "GET Users"),
        (5_100_400, "PATCH Users"),
        (5_100_500, "GET Users"),
        (5_100_600, "PATCH Users"),
    ]
    assert rows == [(EXCEPTION, 2_400_100, 5_100_700)]
    assert seen.latencies[0] == Latency("leaver", "ann", 600_000, 5_100_400, 0, 1_800_000, 300, 2_700_100)
    assert [piece for piece in seen.pieces if piece.who == "ann"] == [
        Piece("ann", "leaver", "cycle", 600_000, 2_400_000),
        Piece("ann", "leaver", "retry", 2_400_000, 2_400_100),
        Piece("ann", "leaver", "quarantine", 2_400_100, 2_700_100),
        Piece("ann", "leaver", "processing", 2_700_100, 2_700_200),
        Piece("ann", "leaver", "quarantine", 2_700_200, 5_100_200),
        Piece("ann", "leaver", "processing", 5_100_200, 5_100_400),
    ]
    assert summarize(seen.world)["provisioning"]["quarantined_s"] == 2_700.6
    assert seen.world.parts.state.escrows == {}


def test_quarantine_before_the_first_attempt_is_part_of_the_wait() -> None:
    """Bob leaves at 50m = 3,000,000, while the job is in quarantine because of Ann: first picked up at 5,100,200. The
    cycle that was stopped left the watermark where it was, so Ann comes first: GET @300, PATCH @400; Bob @500, @600."""
    timeline = [act("10m", "leave", "ann"), act("50m", "leave", "bob")]
    seen, _ = heard(told(*timeline), answering(401, until=46 * MINUTE))
    assert seen.latencies[1] == Latency("leaver", "bob", 3_000_000, 5_100_600, 0, 2_100_200, 400, 0)
    assert [(p.waiting, p.since, p.until) for p in seen.pieces if p.who == "bob"] == [
        ("quarantine", 3_000_000, 5_100_200),
        ("processing", 5_100_200, 5_100_600),
    ]


def test_what_waits_for_hr_waits_for_hr_in_quarantine_too() -> None:
    timeline = [act("10m", "leave", "ann"), act("50m", "leave", "bob", hr_lag="10m")]
    seen, _ = heard(told(*timeline), answering(401, until=46 * MINUTE))
    assert [(p.waiting, p.since) for p in seen.pieces if p.who == "bob"][:2] == [
        ("hr", 3_000_000),
        ("quarantine", 3_600_000),
    ]


def test_an_answer_that_no_scim_service_gives_is_as_bad_as_a_refused_token() -> None:
    """The look-up of a joiner answers 404 where an empty list would be right. At 2,700,100: the probe, find, POST, GET
    of the group, PATCH."""
    seen, rows = heard(told(join("10m", "dan")), answering(404, until=41 * MINUTE))
    assert rows == [(EXCEPTION, 2_400_100, 2_700_600)]
    assert seen.held("dan") == ["ReadOnly@dev"]


def secrets(seen: Seen, token: str) -> dict[str, str]:
    address = f"https://scim.example{base_path(seen.world.services)}"
    return {"BaseAddress": address, "SecretToken": fingerprint(token)}


def save(seen: Seen, values: dict[str, str]) -> None:
    application = seen.world.services.application.id
    seen.world.command("graph.secrets.set", {"servicePrincipal": application, "values": values})


def test_saved_credentials_that_open_nothing_send_nothing_and_right_ones_end_it() -> None:
    """Wrong ones are saved at 10m, right ones at 60m. Quarantined at the gate of 40m = 2,400,000, tried at 2,700,000
    and 5,100,000; there the leaver's GET and PATCH follow the probe."""
    seen = begin(told(act("20m", "leave", "ann")))
    world = seen.world
    world.run_until(10 * MINUTE)
    save(seen, secrets(seen, "wrong"))
    world.run_until(60 * MINUTE)
    assert seen.requests == []
    job: Any = world.services.job
    status = job.resource()["status"]
    assert status["code"] == "Quarantine"
    assert status["countSuccessiveCompleteFailures"] == 2
    assert (status["lastExecution"]["state"], status["lastExecution"]["countImported"]) == ("Failed", 0)
    quarantine = status["quarantine"]
    assert quarantine["error"]["code"] == "SystemForCrossDomainIdentityManagementCredentialValidationFailure"
    assert quarantine["error"]["tenantActionable"] is True
    assert (quarantine["reason"], quarantine["seriesCount"]) == (EXCEPTION, 2)
    assert quarantine["seriesBegan"] == "2026-03-02T08:40:00Z"
    assert quarantine["currentBegan"] == "2026-03-02T08:45:00Z"
    assert quarantine["nextAttempt"] == "2026-03-02T09:25:00Z"
    save(seen, secrets(seen, bearer_token(world.services)))
    world.run()
    assert seen.requests[0] == (5_100_000, "GET Users")
    assert seen.held("ann") == []
    assert job.resource()["status"]["quarantine"] is None
    assert job.resource()["status"]["code"] == "Active"


def test_a_missing_address_is_told_in_the_services_own_words() -> None:
    """The sample of https://learn.microsoft.com/en-us/graph/application-provisioning-configure-api"""
    seen = begin(told())
    save(seen, {"BaseAddress": ""})
    seen.world.run_until(41 * MINUTE)
    job: Any = seen.world.services.job
    quarantine = job.resource()["status"]["quarantine"]
    assert quarantine["error"] == {
        "code": "SystemForCrossDomainIdentityManagementInvalidCredentials",
        "message": "Please provide a valid tenant URL for your application.",
        "tenantActionable": True,
    }


STRICT: dict[str, Any] = {"floor": 2, "share": 40}


def failing(**more: Any) -> dict[str, Any]:
    """Two people leave at 10m and 11m, in a job that two failures can put into quarantine, with a ladder of 1h."""
    provisioning = {"quarantine": STRICT, "retries": {"ladder": ["1h"]}, **more}
    values = told(act("10m", "leave", "ann"), act("11m", "leave", "bob"), duration="8h")
    values["provisioning"].update(provisioning)
    return values


def test_too_large_a_share_of_failures_leads_into_quarantine_and_their_success_out_of_it() -> None:
    """At 40m both PATCH requests are refused: 2 of 2 events. Imposed at 2,400,400, tried at 2,700,400 and 5,100,400
    (nothing is due: 1h after 2,400,100 and 2,400,300), then 80m later at 9,900,400: GET, PATCH, GET, PATCH. Lifted at
    9,900,800."""
    seen, rows = heard(failing(), answering(409, "PATCH Users", until=HOUR))
    assert [at for at, _ in seen.requests] == [
        *(2_400_000, 2_400_100, 2_400_200, 2_400_300),
        *(9_900_400, 9_900_500, 9_900_600, 9_900_700),
    ]
    assert rows == [(PROPORTION, 2_400_400, 9_900_800)]
    assert [(p.waiting, p.since, p.until) for p in seen.pieces if p.who == "ann"] == [
        ("cycle", 600_000, 2_400_000),
        ("processing", 2_400_000, 2_400_100),
        ("retry", 2_400_100, 2_400_400),
        ("quarantine", 2_400_400, 9_900_400),
        ("processing", 9_900_400, 9_900_500),
    ]


def test_one_failure_below_the_floor_is_no_quarantine() -> None:
    values = told(act("10m", "leave", "ann"))
    values["provisioning"]["quarantine"] = STRICT
    _, rows = heard(values, answering(409, "PATCH Users", until=HOUR))
    assert rows == []


def test_a_start_lets_the_job_out_and_begins_at_once() -> None:
    """Started at 50m = 3,000,000: an incremental cycle, in which nothing is due yet; gates count again from 80m on."""
    seen = begin(failing(), answering(409, "PATCH Users", until=45 * MINUTE))
    seen.world.run_until(50 * MINUTE)
    before = seen.world.driver.sums.cycles
    job: Any = seen.world.services.job
    job.start()
    assert seen.world.driver.ward.current is None
    seen.world.run_until(51 * MINUTE)
    assert seen.world.driver.sums.cycles == before + 1
    assert seen.world.driver.next_cycle(seen.world.now) == 80 * MINUTE
    seen.world.run()
    assert seen.held("ann") == []


def test_a_restart_of_the_quarantine_alone_keeps_what_failed() -> None:
    seen = begin(failing(), answering(409, "PATCH Users", until=45 * MINUTE))
    seen.world.run_until(50 * MINUTE)
    seen.world.driver.restart(frozenset({"QuarantineState"}))
    assert len(seen.world.parts.state.escrows) == 2
    assert seen.world.parts.state.watermark is not None
    assert seen.world.driver.ward.current is None
    assert seen.pieces[-1].waiting == "retry"


def test_a_paused_job_is_not_tried_in_quarantine() -> None:
    seen = begin(failing(), answering(409, "PATCH Users", until=45 * MINUTE))
    seen.world.run_until(41 * MINUTE)
    job: Any = seen.world.services.job
    job.pause()
    cycles = seen.world.driver.sums.cycles
    seen.world.run_until(7 * HOUR)
    assert seen.world.driver.sums.cycles == cycles
    assert job.resource()["schedule"]["state"] == "Paused"
    assert seen.pieces[-1].waiting == "nobody"


def test_after_four_weeks_the_job_is_switched_off_until_somebody_starts_it() -> None:
    """``disabled_after: 90m``: quarantined at 2,400,400, switched off at 7,800,400. What failed waits for nobody then.
    Started at 3h: a cycle begins at once, in which what failed is due."""
    values = failing(quarantine={**STRICT, "disabled_after": "90m"})
    seen = begin(values, answering(409, "PATCH Users", until=HOUR))
    seen.world.run_until(3 * HOUR)
    job: Any = seen.world.services.job
    assert job.resource()["schedule"]["state"] == "Disabled"
    assert job.resource()["status"]["code"] == "Quarantine"
    assert seen.world.driver.next_cycle(seen.world.now) is None
    assert [(p.waiting, p.since) for p in seen.pieces if p.who == "bob"][-1] == ("nobody", 7_800_400)
    job.start()
    seen.world.run()
    assert job.resource()["schedule"]["state"] == "Active"
    assert seen.held("bob") == []
    assert [mail.kind for mail in seen.world.driver.notifications] == ["quarantine", "disabled"]
    assert seen.world.driver.notifications[1].at == 7_800_400


def test_one_mail_when_it_begins_and_one_when_its_reason_changes() -> None:
    """Two conflicts at 40m; from 41m on the token is refused, which the attempt at 45m meets when it has something to
    send: Cyd leaves at 42m."""

    def answers(request: Request, now: int) -> Answer | None:
        if now >= 41 * MINUTE:
            return Answer(401)
        return Answer(409) if what(request) == "PATCH Users" else None

    values = failing(notify="ops@contoso.example")
    values["timeline"].append(act("42m", "leave", "cyd"))
    seen, rows = heard(values, answers)
    mails = seen.world.driver.notifications
    assert [(mail.kind, mail.at) for mail in mails] == [("quarantine", 2_400_400), ("quarantine_reason", 2_700_500)]
    assert {mail.to for mail in mails} == {"ops@contoso.example"}
    assert {mail.sender for mail in mails} == {"azure-noreply@microsoft.com"}
    assert "Unauthorized (401)" in mails[1].text
    assert [row[0] for row in rows] == [PROPORTION]


def test_an_initial_cycle_with_too_many_failures_forgets_them_and_is_repeated() -> None:
    """Three users cannot be created at 0: their escrows are pruned, and the next attempt is an initial cycle again.
    By then the target has recovered: three users, and out of quarantine."""
    values = told(start_state="empty")
    values["provisioning"]["quarantine"] = STRICT
    seen = begin(values, answering(409, "POST Users", until=3 * MINUTE))
    seen.world.run_until(4 * MINUTE)
    job: Any = seen.world.services.job
    status = job.resource()["status"]
    assert (status["code"], status["escrowsPruned"]) == ("Quarantine", True)
    assert seen.world.parts.state.escrows == {}
    seen.world.run()
    status = job.resource()["status"]
    assert (status["code"], status["escrowsPruned"]) == ("Active", False)
    assert seen.world.driver.sums.tally.users_created == 3
    assert [seen.held(who) for who in ("ann", "bob")] == [["ReadOnly@dev"], ["PowerUser@dev"]]


@pytest.mark.parametrize("moment", [Millis(41 * MINUTE), Millis(3 * HOUR)])
def test_the_summary_counts_the_quarantine_that_goes_on(moment: Millis) -> None:
    seen = begin(failing(), answering(409, "PATCH Users", until=8 * HOUR))
    seen.world.run_until(moment)
    assert summarize(seen.world)["provisioning"]["quarantined_s"] == (moment - 2_400_400) / 1000


def test_a_job_that_is_never_in_quarantine_says_so() -> None:
    seen = run(told(act("10m", "leave", "ann")))
    provisioning = summarize(seen.world)["provisioning"]
    assert (provisioning["quarantined_s"], provisioning["notifications"]) == (0.0, 0)


def test_whoever_a_stopped_cycle_was_about_is_looked_at_again_though_their_group_is_gone() -> None:
    """Auditors is gone since the cycle at 40m. Cyd leaves Engineers; a refused token stops the cycle at 80m before her.

    At 82m Engineers is deleted, and a deleted group tells of no members, nor of whom it had lost. The attempt at 85m
    looks at Cyd all the same, who is in no group that is assigned, and disables her.
    """
    seen = begin(
        told(
            act("1m", "delete_group", group="Auditors"),
            act("70m", "disable", "ann"),
            act("71m", "remove_member", "cyd", group="Engineers"),
            act("82m", "delete_group", group="Engineers"),
            faults=[{"name": "token", "kind": "expired_credentials", "at": "79m", "for": "2m"}],
        )
    )
    provider = seen.world.services.provider
    found = [provider.user_by("userName", f"{name}.example@contoso.example") for name in ("ann", "cyd")]
    seen.world.run_until(84 * MINUTE)
    assert [user.active for user in found if user is not None] == [True, True]
    seen.world.run_until(87 * MINUTE)
    assert [user.active for user in found if user is not None] == [False, False]
