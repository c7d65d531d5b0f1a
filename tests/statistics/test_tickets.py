"""Access by ticket against its closed forms, with fixed seeds and at a significance of 1e-4 for each comparison.

Where a form speaks of the rate at which people leave, what is compared is conditioned on who left and when: so the
tests say something about tickets, and nothing about how events are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, sqrt
from typing import Any, Final

import pytest

from sim.observation.summary import summarize
from sim.observation.words import CONTRACTOR_EXPIRY, LEAVER
from sim.scenario import Scenario, scenario_from
from sim.time import DAY, HOUR
from sim.world import World

Z: Final = 3.891
"""A normal variable is farther from its mean than this many standard deviations once in 10,000 times."""
YEAR: Final = 365 * DAY
AT_ONCE: Final = {"forgotten": 0}


def company(
    size: int, days: int, departments: int = 1, rates: dict[str, float] | None = None, gone: int = 0, **ticket: Any
) -> Scenario:
    """A company in which every department has one group and one grant, and HR takes no time; ``gone``: how many
    leave, spread evenly."""
    names = [f"D{i}" for i in range(departments)]
    catalogue = {f"G-{name}": [{"permission_set": name, "account": "prod"}] for name in names}
    return scenario_from(
        {
            "scenario": "company",
            "title": "A company for one closed form",
            "start": "2026-03-02T00:00:00Z",
            "duration": f"{days}d",
            "start_state": "in_sync",
            "organisation": {
                "departments": [{"name": name} for name in names],
                "access": {
                    "birthright": [{"department": name, "groups": [f"G-{name}"]} for name in names],
                    "catalogue": catalogue,
                },
            },
            "workforce": {
                "size": size,
                "contractors": ticket.pop("share_of_contractors", 0),
                **(
                    {"counts": {"leaver": gone}}
                    if gone
                    else {"rates": {"joiners": 0, "movers": 0, "leavers": 0.5, **(rates or {})}}
                ),
            },
            "provisioning": {"strategy": "ticket", "ticket": ticket},
        }
    )


def ran(scenario: Scenario, seed: int, until: int | None = None) -> World:
    """A world that has run, to its end or to a time."""
    world = World(scenario, seed=seed)
    world.run_until(world.end if until is None else until)
    return world


def agrees(values: Sequence[float], mean: float, sd: float) -> None:
    """The mean of independent values of known spread lies where it should."""
    found = sum(values) / len(values)
    assert abs(found - mean) < Z * sd / sqrt(len(values)), (found, mean)


def waits(world: World, kind: str) -> list[int]:
    """Finished latencies of a kind, in ms."""
    return list(world.parts.ledger.events.latencies.done.get(kind, ()))


# --- how long a ticket takes ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nobody_forgets() -> list[World]:
    """Three years in which 2,000 people leave at half a year each, 24 to 72 hours a ticket, none forgotten."""
    scenario = company(2_000, 365, delay={"uniform": ["24h", "72h"]}, leavers=AT_ONCE)
    return [ran(scenario, seed) for seed in (1, 2, 3)]


def test_from_24_to_72_hours_are_48_with_a_spread_of_13_9(nobody_forgets: list[World]) -> None:
    """U(a, b): mean (a + b) / 2, variance (b - a)^2 / 12 = 192 h^2; the variance of a squared deviation is
    (b - a)^4 (1 / 80 - 1 / 144)."""
    hours = [wait / HOUR for world in nobody_forgets for wait in waits(world, LEAVER)]
    assert len(hours) > 1_500
    agrees(hours, 48, sqrt(192))
    agrees([(hour - 48) ** 2 for hour in hours], 192, sqrt(48**4 * (1 / 80 - 1 / 144)))


def test_person_hours_are_the_sum_of_all_latencies_the_open_ones_included(nobody_forgets: list[World]) -> None:
    for world in nobody_forgets:
        now = world.now
        still = sum(now - m.start for p in world.parts.ledger.touched() for m in p.measures if m.kind == LEAVER)
        exact = sum(waits(world, LEAVER)) + still
        assert world.parts.ledger.exposure.cause_people[LEAVER].sum_ms(now) == exact


def test_people_with_access_after_leaving_are_as_many_as_littles_law_says(nobody_forgets: list[World]) -> None:
    """Who left at t is still there at H with probability P(L > H - t); rate * E L = 2000 * 0.5 / 8760 h * 48 h = 5.5
    on average."""
    for world in nobody_forgets:
        mean = summarize(world)["orphaned_access"]["people"]["mean"]
        left = world.parts.ledger.events.counts[LEAVER]
        assert mean == pytest.approx(left / (365 * 24) * 48, rel=Z * 1.155 / sqrt(left) + 0.01)


def test_a_survey_delay_has_the_median_of_its_table() -> None:
    """Half of the tickets take more than 1.6 days."""
    scenario = company(3_000, 365, delay="survey", leavers=AT_ONCE)
    world = ran(scenario, 4)
    early = [m for m in waits(world, LEAVER) if m <= 1.6 * DAY]
    events = world.parts.ledger.events.counts[LEAVER]
    recent = sum(world.now - m.start < 1.6 * DAY for p in world.parts.ledger.touched() for m in p.measures)
    assert abs(len(early) + recent / 2 - events / 2) < Z * sqrt(events) / 2 + recent


# --- forgotten tickets ------------------------------------------------------------------------------------------


def test_what_is_forgotten_piles_up_and_what_is_not_keeps_its_level() -> None:
    """Orphans(t) = rate (1 - p) E L + rate p t: given who left when, each is there at the end with probability
    q = p + (1 - p) P(L > t), and they are independent."""
    p, expected, variance, found, forgotten, left = 0.05, 0.0, 0.0, 0, 0, 0
    for seed in range(1, 9):
        world = ran(company(2_000, 365, leavers={"forgotten": p}), seed)
        ages = _ages(world)
        for age in ages:
            later = 1 - min(max((age / HOUR - 24) / 48, 0), 1)
            q = p + (1 - p) * later
            expected, variance = expected + q, variance + q * (1 - q)
        found += world.parts.ledger.exposure.cause_people[LEAVER].now
        forgotten += summarize(world)["provisioning"]["tickets"]["forgotten"]
        left += len(ages)
    assert abs(found - expected) < Z * sqrt(variance)
    assert abs(forgotten - p * left) < Z * sqrt(left * p * (1 - p))
    nominal = 8 * (left / 8 / YEAR) * ((1 - p) * 48 * HOUR + p * YEAR)
    assert expected == pytest.approx(nominal, rel=0.03), "which is the closed form with the rate that was"


def _ages(world: World) -> list[int]:
    """How long ago everybody left who left."""
    schedule = world.parts.schedule
    assert schedule is not None
    return [world.now - int(at) for at, kind in zip(schedule.at, schedule.kind, strict=True) if kind == 2]


# --- reviews ----------------------------------------------------------------------------------------------------

REVIEWED: Final = 20
"""Days between reviews; after ten of them what one review leaves behind is as much as it will ever be."""


def test_a_review_that_sees_half_leaves_what_the_closed_form_says() -> None:
    """Just before a review rate p P / c, just after it (1 - c) of that, on average rate p P (1 / c - 1 / 2).

    Tickets take no time here, so only what was forgotten is there. After k reviews the sum of the geometric series
    lacks (1 - c)^k of it: a thousandth after ten.
    """
    p, c, period = 0.5, 0.5, REVIEWED * DAY
    scenario = company(
        1_500, REVIEWED * 11, gone=1_200, delay="0m", leavers={"forgotten": p},
        review={"every": f"{REVIEWED}d", "catches": c},
    )  # fmt: skip
    rate = 1_200 / (11 * period)
    before, after, mean = [], [], []
    for seed in range(1, 31):
        world = ran(scenario, seed, 10 * period)
        level = world.parts.ledger.exposure.cause_people[LEAVER]
        before.append(level.now / (rate * p * period / c))
        world.run_until(10 * period + 1)
        after.append(level.now / (rate * p * period * (1 - c) / c))
        began = level.sum_ms(world.now)
        world.run_until(11 * period)
        mean.append((level.sum_ms(world.now) - began) / period / (rate * p * period * (1 / c - 1 / 2)))
    for ratios in (before, after, mean):
        agrees(ratios, 1.0, _spread(ratios))


def _spread(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))


# --- contractors whom nobody ends -------------------------------------------------------------------------------


def test_contractors_wait_half_a_quarter_and_a_ticket() -> None:
    """Nobody raises a ticket; everybody is reviewed every 91 days: U(0, 91 d) and then 24 to 72 hours. Given when the
    contract ended, what is left after the review is the ticket alone."""
    period = 91 * DAY
    scenario = company(
        1_500, 4 * 91 + 4, rates={"leavers": 0}, share_of_contractors=1, contractors={"forgotten": 1},
        review={"every": "91d", "catches": 1},
    )  # fmt: skip
    world = World(scenario, seed=6)
    rows: list[Any] = []
    world.parts.ledger.events.latencies.sink = rows.append
    world.run()
    ended = [row for row in rows if row[0] == CONTRACTOR_EXPIRY and row[3] < 4 * period]
    assert len(ended) > 1_000
    agrees([(row[4] - row[3] - (period - row[3] % period)) / HOUR for row in ended], 48, sqrt(192))
    agrees([(row[4] - row[3]) / DAY for row in ended], 91 / 2 + 2, sqrt(91**2 / 12 + 192 / 24**2))


# --- movers who keep --------------------------------------------------------------------------------------------


def test_movers_who_keep_gather_access_as_the_closed_form_says() -> None:
    """Excess per head (mu k p / a)(1 - e^(-a t)) with mu = 0.5, k = 1, p = 0.5, a = 0.3 after a year: 0.216."""
    mu, p, a = 0.5, 0.5, 0.3
    rates = {"movers": mu, "leavers": a, "joiners": a}
    scenario = company(1_000, 365, departments=30, rates=rates, delay="0m", leavers=AT_ONCE, movers={"keeps": p})
    excess = []
    for seed in range(1, 7):
        world = ran(scenario, seed)
        excess.append(world.parts.ledger.exposure.cause_grants["mover"].now / 1_000)
    assert sum(excess) / len(excess) == pytest.approx(mu * p / a * (1 - exp(-a)), rel=0.08)


# --- common random numbers --------------------------------------------------------------------------------------


def test_another_delay_forgets_the_same_people() -> None:
    def forgotten(**ticket: Any) -> list[tuple[int, int]]:
        world = ran(company(1_000, 180, leavers={"forgotten": 0.2}, **ticket), 7)
        desk = world.carried.desk
        assert desk is not None
        return sorted((row[1], row[3]) for row in desk.rows() if row[5] == "forgotten")

    usual = forgotten()
    assert len(usual) > 20
    assert usual == forgotten(delay="0m") == forgotten(operators={"number": 1}) == forgotten(ends="delete")


def test_no_strategy_changes_a_person_or_an_event() -> None:
    told = []
    for strategy in ("cycle", "ticket", "event", "none"):
        scenario = company(500, 90)
        provisioning = scenario.provisioning.model_copy(update={"strategy": strategy})
        world = World(scenario.model_copy(update={"provisioning": provisioning}), seed=8)
        world.run()
        assert world.parts.schedule is not None
        assert world.parts.start is not None
        counts = tuple(sorted(world.parts.ledger.events.counts.items()))
        told.append((world.parts.schedule.digest(), world.parts.start.people.digest(), counts))
    assert len(set(told)) == 1


# --- push -------------------------------------------------------------------------------------------------------


def test_a_push_is_never_quicker_than_the_queue_of_requests() -> None:
    """M/D/1 with s = 40 ms: E L = s + rho s / (2 (1 - rho)); at 25 requests a second and a few hundred leavers a year
    rho is 1e-6, so it is 40 ms: the GET that comes before the PATCH."""
    scenario = company(1_000, 90)
    push = scenario.provisioning.push.model_copy(update={"delay": 0})
    pace = scenario.provisioning.pace.model_copy(update={"incremental": 25.0})
    provisioning = scenario.provisioning.model_copy(update={"strategy": "event", "push": push, "pace": pace})
    target = scenario.target.model_copy(update={"request_time": 0})
    world = ran(scenario.model_copy(update={"provisioning": provisioning, "target": target}), 9)
    lasted = waits(world, LEAVER)
    assert len(lasted) > 80
    assert min(lasted) == 40
    assert sum(lasted) / len(lasted) < 45
