from __future__ import annotations

import math

import numpy as np
import pytest

from sim.randomness import Streams
from sim.whatif import forms

MINUTE = 60.0
HOUR = 3_600.0
DAY = 86_400.0


def test_the_wait_for_a_cycle_of_40_minutes() -> None:
    """Uniform over the interval: mean 20 min, sd 11.55 min, p95 38 min, p99 39.6 min."""
    law = forms.cycle_wait(40)
    assert law.mean == 20
    assert law.sd == pytest.approx(11.547, abs=1e-3)
    assert forms.cycle_wait_quantile(40, 0.95) == 38
    assert forms.cycle_wait_quantile(40, 0.99) == pytest.approx(39.6)


@pytest.mark.parametrize(
    ("busy", "mean", "first_come", "at_random"), [(0.4, 28.04, 6.951, 12.449), (0.8, 36.04, 2.444, 14.809)]
)
def test_service_moves_the_mean_and_the_order_the_spread(
    busy: float, mean: float, first_come: float, at_random: float
) -> None:
    """T = 40 and s = 0.04 minutes: figures that a Monte Carlo prototype confirmed to three digits."""
    assert forms.cycle_wait(40, 0.04, busy).mean == pytest.approx(mean)
    assert forms.cycle_wait(40, 0.04, busy).sd == pytest.approx(first_come, abs=1e-3)
    assert forms.cycle_wait(40, 0.04, busy, order="random").sd == pytest.approx(at_random, abs=1e-3)


@pytest.mark.parametrize(("rate", "probability"), [(24, 0.0962), (24.5, 0.2553), (24.8, 0.3917)])
def test_how_often_a_cycle_overruns(rate: float, probability: float) -> None:
    """25 requests a minute of 40 minutes are 1,000: more than that in one interval, of Poisson arrivals."""
    assert forms.overrun_probability(rate, 40, 0.04) == pytest.approx(probability, abs=5e-4)


@pytest.mark.parametrize(
    ("busy", "between", "latency"), [(0.4, 68.33, 48.89), (0.8, 205.0, 185.6), (0.88, 341.7, 322.4)]
)
def test_a_pause_after_the_end_costs_more_the_busier_the_service_is(
    busy: float, between: float, latency: float
) -> None:
    """T = 40, d0 = 1, s = 0.04 minutes."""
    rate = busy / 0.04
    assert forms.fixed_delay(rate, 40, 0.04, 1).mean == pytest.approx(between, rel=1e-3)
    assert forms.fixed_delay_latency(rate, 40, 0.04, 1) == pytest.approx(latency, rel=1e-3)


def test_skipped_gates_lock_a_service_that_is_busy_more_than_half_the_time() -> None:
    assert not forms.locks_at(0.45, 1)
    assert forms.locks_at(0.55, 1)
    assert not forms.locks_at(0.55, 2)
    assert forms.locks_at(0.9, 3)


def test_a_bulk_waits_for_the_gate_and_for_the_half_of_it_that_is_ahead() -> None:
    """1,000 changes at 10 a second: 20 minutes and 50.05 seconds."""
    assert forms.bulk_latency(40 * MINUTE, 1_000, 0.1) == pytest.approx(1_250.05)


@pytest.mark.parametrize(
    ("failing", "mean", "sd", "p95", "p99", "backed_off"),
    [(0.1, 24.44, 18.19, 62.2, 80.0, 25.0), (0.3, 37.14, None, None, 156.0, 50.0)],
)
def test_failures_are_made_good_a_cycle_later(
    failing: float, mean: float, sd: float | None, p95: float | None, p99: float, backed_off: float
) -> None:
    law = forms.retried_wait(40, failing)
    assert law.mean == pytest.approx(mean, abs=5e-3)
    assert forms.retried_wait_quantile(40, failing, 0.99) == pytest.approx(p99, abs=0.1)
    assert forms.backed_off_wait(40, failing) == pytest.approx(backed_off)
    if sd is not None and p95 is not None:
        assert law.sd == pytest.approx(sd, abs=1e-2)
        assert forms.retried_wait_quantile(40, failing, 0.95) == pytest.approx(p95, abs=0.1)


def test_without_failures_the_quantile_is_that_of_the_wait() -> None:
    assert forms.retried_wait_quantile(40, 0, 0.9) == 36


def test_doubling_pauses_have_no_mean_from_one_half_on() -> None:
    assert forms.backed_off_wait(40, 0.5) == math.inf


def test_retried_waits_agree_with_drawing_them() -> None:
    streams = Streams(5)
    n = 200_000
    tries = streams.stream("tries").geometric(0.7, n) - 1
    waits = streams.stream("waits").random(n) * 40 + 40 * tries
    law = forms.retried_wait(40, 0.3)
    assert abs(waits.mean() - law.mean) < 4 * law.sd / math.sqrt(n)
    assert np.quantile(waits, 0.9) == pytest.approx(forms.retried_wait_quantile(40, 0.3, 0.9), rel=0.01)


def test_an_outage_costs_with_the_square_of_its_length() -> None:
    """One of three days a year at 3.62 leavers an hour: 3.62 x 72^2 / 2 / 8,760 = 1.07 people on average."""
    assert forms.outage_exposure(3.62, 72) / 8_760 == pytest.approx(1.07, abs=5e-3)


def test_an_outage_ends_with_the_next_gate_and_not_with_itself() -> None:
    """Three hours of hourly cycles: nobody is carried for four, 8 h2 and not 4 x 1/2 h2, so V (V + T) / 2 = 6 more."""
    assert forms.outage_exposure(1, 3, 1) == 6
    assert forms.outage_exposure(5, 3, 1) == 30
    assert forms.outage_exposure(1, 3, 1e-6) == pytest.approx(forms.outage_exposure(1, 3), rel=1e-5)


@pytest.mark.parametrize(("length", "interval"), [(3.0, 1.0), (3.3, 1.0), (0.4, 1.0), (5.0, 0.7)])
def test_what_an_outage_costs_agrees_with_missing_gates_at_every_phase(length: float, interval: float) -> None:
    """Of gates at phases from 0 to T those within the outage are missed; n of them add T2 n (n + 1) / 2."""
    phases = (np.arange(20_000) + 0.5) / 20_000 * interval
    missed = np.ceil((length - phases) / interval)
    added = interval**2 * missed * (missed + 1) / 2
    assert forms.outage_exposure(1, length, interval) == pytest.approx(added.mean(), rel=1e-3)


def test_a_quarantine_is_over_with_the_first_attempt_after_its_cause() -> None:
    """One attempt, ten intervals after the first cycle with work: then as if eleven had been one. (121 - 11) / 2 = 55.

    With so many events that every cycle has work; the end of the cause lies within the attempt for every phase.
    """
    assert forms.quarantine_exposure(50, 1, 5, [10]) == pytest.approx(55)
    assert forms.quarantine_exposure(50, 1, 5, [1, 2, 10, 20]) == pytest.approx(55)


def test_what_a_quarantine_costs_agrees_with_living_through_it() -> None:
    """Events at a rate of 0.8 per interval, refused for 6.5; attempts 0.2, 1.2, 3.2, 7.2, 15.2 after the first refusal.

    Each run adds up all waits, less what they would be: half an interval each, over 40 intervals.
    """
    draws = Streams(9).stream("quarantine")
    attempts = [0.2, 1.2, 3.2, 7.2, 15.2]
    added = []
    for _ in range(6_000):
        phase, begin = draws.random(), 5.0
        events = np.sort(draws.random(draws.poisson(0.8 * 40)) * 40)
        gates = np.arange(60) + phase
        refused = [
            g for g in gates[(gates >= begin) & (gates < begin + 6.5)] if np.any((events > g - 1) & (events <= g))
        ]
        through = gates
        if refused:
            until = next(refused[0] + each for each in attempts if refused[0] + each >= begin + 6.5)
            through = np.sort(np.append(gates[(gates < refused[0]) | (gates > until)], until))
        waits = through[np.searchsorted(through, events)] - events
        added.append(waits.sum() - 0.5 * len(events))
    expected = 0.8 * forms.quarantine_exposure(0.8, 1, 6.5, attempts)
    assert abs(np.mean(added) - expected) < 4 * np.std(added) / math.sqrt(len(added))


def test_people_on_average_by_littles_law() -> None:
    """31,700 leavers a year at 20 minutes: 1.21 people; with tickets of 48 hours 174."""
    rate = 31_700 / (365 * DAY)
    assert forms.little(rate, 20 * MINUTE) == pytest.approx(1.206, abs=1e-3)
    assert forms.little(rate, forms.uniform(24 * HOUR, 72 * HOUR).mean) == pytest.approx(173.7, abs=0.1)


def test_the_time_average_spreads_by_1155_over_the_root_of_the_leavers() -> None:
    """10,000 people, 3,170 leavers a year: 2.05 %."""
    horizon = 365 * DAY
    rate = 3_170 / horizon
    mean = forms.little(rate, 20 * MINUTE)
    assert forms.orphans_sd(rate, 40 * MINUTE, horizon) / mean == pytest.approx(0.0205, abs=1e-4)


def test_tickets_of_one_to_three_days() -> None:
    assert forms.uniform(24, 72).mean == 48
    assert forms.uniform(24, 72).sd == pytest.approx(13.86, abs=0.01)
    assert forms.triangular(24, 48, 72).mean == 48
    assert forms.triangular(24, 48, 72).sd == pytest.approx(9.80, abs=0.01)


def test_what_is_forgotten_grows_for_ever_and_a_review_bounds_it() -> None:
    """31,700 leavers a year, 5 % forgotten: 1,585 more every year. 17 % of heads, yearly review of 80 %: .64 %."""
    assert forms.forgotten(31_700, 0.05, 1) == pytest.approx(1_585)
    assert forms.reviewed(0.17, 0.05, 1, 0.8) == pytest.approx(0.006375)


def test_movers_collect_one_entitlement_a_head_in_the_long_run() -> None:
    """Mu = .12, k = 3, p = .5, a = .18: 1.0, and 63 % of it after 1/a = 5.6 years."""
    assert forms.kept_by_movers(0.12, 3, 0.5, 0.18) == pytest.approx(1.0)
    assert forms.kept_by_movers(0.12, 3, 0.5, 0.18, 1 / 0.18) == pytest.approx(0.632, abs=1e-3)


def test_contracts_that_nobody_ends() -> None:
    """A quarterly attestation and 48 hours by hand: 47 days; daily and then a cycle: half a day and 20 minutes."""
    assert forms.attested(90 * DAY, 48 * HOUR) == pytest.approx(47 * DAY)
    law = forms.scheduled_expiry(DAY, 40 * MINUTE)
    assert law.mean == DAY / 2 + 20 * MINUTE
    assert law.variance == pytest.approx((DAY**2 + (40 * MINUTE) ** 2) / 12)


def test_a_push_takes_little_more_than_its_service() -> None:
    assert forms.pushed(0.001, 0.04) == pytest.approx(0.04, rel=1e-4)
    assert forms.pushed(12.5, 0.04) == pytest.approx(0.06)


def test_what_comes_within_a_push_s_delay_goes_along() -> None:
    """One in ten seconds and a delay of 10 s: of two on average one waits 10 s and the other 5, so 7.5."""
    assert forms.gathered_wait(0.1, 10).mean == pytest.approx(7.5)
    assert forms.gathered_wait(0.1, 10).variance == pytest.approx(100 / 2 + 100 / 3 / 2 - 7.5**2)
    assert forms.gathered_wait(0.1, 0).mean == 0
    assert forms.gathered_wait_quantile(0.1, 10, 0.5) == 10
    assert forms.gathered_wait_quantile(0.1, 10, 0.25) == pytest.approx(5)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9, 0.98])
def test_the_quantile_of_a_sum_of_two_uniform_times(share: float) -> None:
    draws = Streams(4).stream("sums")
    sums = draws.random(200_000) * 48 + draws.random(200_000) * 6
    assert forms.sum_quantile(48, 6, share) == pytest.approx(np.quantile(sums, share), rel=0.02)
    assert forms.sum_quantile(6, 48, share) == forms.sum_quantile(48, 6, share)
    assert forms.sum_quantile(48, 0, share) == pytest.approx(48 * share)
