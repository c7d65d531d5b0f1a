"""How long things take when they take differently long: tables that everything with a duration can draw from.

Invariant: a table is worked out in decimal arithmetic, which rounds alike everywhere; no logarithm of a CPU's is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import Final

from mockservices.clock import Millis
from sim.randomness import Quantiles
from sim.scenario.distributions import Empirical, Lognormal, Spread
from sim.time import LONGEST

_THOUSAND: Final = 1_000

# The standard normal distribution: (cumulative probability in parts of 1,000, value in parts of 10**6). The outermost
# thousandth on either side ends at four standard deviations.
# fmt: off
NORMAL: Final = (
    (0, -4_000_000), (1, -3_090_232), (2, -2_878_162), (5, -2_575_829), (10, -2_326_348), (20, -2_053_749),
    (35, -1_811_911), (50, -1_644_854), (75, -1_439_531), (100, -1_281_552), (150, -1_036_433), (200, -841_621),
    (250, -674_490), (300, -524_401), (350, -385_320), (400, -253_347), (450, -125_661), (500, 0), (550, 125_661),
    (600, 253_347), (650, 385_320), (700, 524_401), (750, 674_490), (800, 841_621), (850, 1_036_433),
    (900, 1_281_552), (925, 1_439_531), (950, 1_644_854), (965, 1_811_911), (975, 1_959_964), (985, 2_170_090),
    (990, 2_326_348), (995, 2_575_829), (998, 2_878_162), (999, 3_090_232), (1_000, 4_000_000),
)
# fmt: on
_P95: Final = 1_644_854


def lognormal(median: int, p95: int) -> Quantiles:
    """The lognormal distribution in ms with this median and this 95 % quantile, in 35 straight lines.

    It ends four standard deviations from the median, and at the longest duration there is. Raises ValueError unless
    0 < median <= p95.
    """
    if not 0 < median <= p95:
        raise ValueError("a lognormal distribution has a median above 0 and a p95 that is not shorter")
    with localcontext() as context:
        context.prec = 40
        spread = (Decimal(p95) / median).ln() / _P95
        values = [min(int(median * (spread * z).exp()), LONGEST) for _, z in NORMAL]
    return Quantiles([(share, value) for (share, _), value in zip(NORMAL, values, strict=True)], _THOUSAND)


def table(spread: Spread) -> Quantiles:
    """What a scenario says of how long something takes, as a table."""
    if isinstance(spread, Lognormal):
        return lognormal(spread.median, spread.p95)
    return empirical(spread.durations if isinstance(spread, Empirical) else (spread.low, spread.high))


def empirical(durations: Sequence[Millis]) -> Quantiles:
    """The distribution of measured durations: straight lines between them in order, each as likely as the next.

    Raises ValueError when there are none.
    """
    if not durations:
        raise ValueError("a measured distribution has at least one duration")
    ordered = sorted(durations)
    if len(ordered) == 1:
        ordered *= 2
    return Quantiles(list(enumerate(ordered)), len(ordered) - 1)
