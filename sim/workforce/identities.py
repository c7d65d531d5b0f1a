"""Who the people of a generated workforce are: names, posts, managers and nicknames, drawn for everybody at once.

Invariant: a person is the same whatever happens in the run: each column has a stream of its own, drawn in the order of
the rows, so that more joiners leave those before them as they were.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.randomness import BITS, Ints, Streams, WeightedChoice, draw_uniform
from sim.workforce.hierarchy import hierarchy
from sim.workforce.identity import IdentityPlan
from sim.workforce.names import load_pools
from sim.workforce.people import People
from sim.workforce.posts import Posts


def make_people(
    plan: IdentityPlan,
    posts: Posts,
    streams: Streams,
    *,
    size: int,
    domains: Sequence[str],
    department: Ints,
    employment: NDArray[np.integer],
    joined_at: Ints,
    domain_of: Ints | None = None,
    ends_at: Ints | None = None,
    location: Ints | None = None,
) -> People:
    """People for these columns, of which the first ``size`` rows are there at the start; raises LocaleError.

    ``location``: draws in [0, 2**31), where they have been made already.
    """
    total = len(department)
    pools = load_pools(plan.locales)
    given, family = pools.draw(streams, total)
    role = None
    if posts.drawn:
        role = streams.stream("workforce/roles").integers(0, 1 << WeightedChoice.BITS, total)
        if location is None:
            location = streams.stream("workforce/locations").integers(0, 1 << WeightedChoice.BITS, total)
    return People(
        size=size,
        domains=domains,
        combinations=posts.combinations,
        pools=pools,
        given=given,
        family=family,
        facts=posts.at(department, employment.astype(np.int64), role, location),
        joined_at=joined_at,
        grade=streams.stream("workforce/grades").integers(0, 256, total, dtype=np.uint8),
        domain_of=domain_of,
        ends_at=ends_at,
        hierarchy=hierarchy(department, employment, joined_at, size, plan.span) if plan.managers else None,
        shares=_shares(plan, size, total, streams),
        taken=plan.taken,
    )


def _shares(plan: IdentityPlan, size: int, total: int, streams: Streams) -> NDArray[np.bool_] | None:
    if plan.nickname_collisions <= 0:
        return None
    drawn = draw_uniform(streams.stream("workforce/names/nickname"), total)
    shares = drawn < int(plan.nickname_collisions * (1 << BITS))
    if plan.settled:
        shares[:size] = False
    return shares
