"""The periodic access review: who still holds what they should not, as far as the reviewers see it.

Invariant: looks at people whom something has touched, for nobody else holds anything orphaned; what it sees becomes a
ticket, so that taking it away is worked like everything else.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy.events import Event

from sim.kernel import Kernel, Order
from sim.observation.ledger import Ledger
from sim.provisioning.ticketing.desk import Desk
from sim.provisioning.ticketing.draws import Draws
from sim.scenario.ticketing import Review


def reviews(kernel: Kernel, desk: Desk, ledger: Ledger, draws: Draws, plan: Review) -> Generator[Event, Any, None]:
    """The SimPy process that reviews every so often since the start, while access is given by ticket."""
    number = 0
    while True:
        number += 1
        yield kernel.at(number * plan.every, Order.TICKET)
        if not desk.raising:
            continue
        for person in ledger.touched():
            seen = [
                grant
                for grant in sorted(person.orphans)
                if not desk.covered(person, grant)
                and draws.strikes(plan.catches, person.number, number, f"review {grant}")
            ]
            if seen:
                desk.review(person, frozenset(seen), number)
