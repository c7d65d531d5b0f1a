"""One replication of many variants: ordinary ones in columns, one of each company simulated beside them, the rest too.

Invariant: what comes out is what simulating every variant would give. In each replication one of the variants that were
reckoned, by turns, is simulated as well; should a single figure differ, all of its company are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sim.scenario import Scenario
from sim.scenario.canonical import canonical_text
from sim.scenario.organisation import Before
from sim.scenario.settings import Pace, Provisioning, Target
from sim.time import format_duration
from sim.whatif.columns.figures import figures_of
from sim.whatif.columns.structure import structure_of
from sim.whatif.figures import Figures
from sim.world import World


def together(
    scenarios: Mapping[str, Scenario],
    companies: Mapping[str, str],
    seed: int,
    replication: int,
    simulate: Callable[[str], Figures],
) -> dict[str, Figures]:
    """The figures of every variant, in the order of ``scenarios``.

    ``companies``: what :func:`company` says of the variants that are to be reckoned where that can be done.
    """
    found: dict[str, Figures] = {}
    alike: dict[str, list[str]] = {}
    for name, key in companies.items():
        alike.setdefault(key, []).append(name)
    for names in alike.values():
        found.update(_reckoned({name: scenarios[name] for name in names}, seed, replication, simulate))
    return {name: found[name] if name in found else simulate(name) for name in scenarios}


def _reckoned(
    scenarios: Mapping[str, Scenario], seed: int, replication: int, simulate: Callable[[str], Figures]
) -> dict[str, Figures]:
    """The variants of one company that are ordinary in this replication."""
    structure = structure_of(World(next(iter(scenarios.values())), seed=seed, replication=replication))
    if structure is None:
        return {}
    found: dict[str, Figures] = {}
    for name, scenario in scenarios.items():
        figures = figures_of(structure, scenario, seed, replication)
        if figures is not None:
            found[name] = figures
    if not found:
        return {}
    names = tuple(found)
    checked = names[replication % len(names)]
    simulated = simulate(checked)
    if list(simulated.items()) != list(found[checked].items()):
        return {checked: simulated}
    return found


def company(scenario: Scenario) -> str | None:
    """What variants have in common that differ in nothing but when their cycles come and how fast the job works in
    them; None: a scenario that is to be simulated anyway."""
    if not _usual(scenario):
        return None
    interval = Provisioning().interval
    usual = {"interval": interval, "hours": (), "phase": "random", "overrun": "at_once", "pace": Pace()}
    same = {
        "provisioning": scenario.provisioning.model_copy(update=usual),
        "target": scenario.target.model_copy(update={"request_time": Target().request_time}),
    }
    listing = scenario.listing
    text = canonical_text(scenario.model_copy(update=same))
    return f"{'' if listing is None else listing.sha256}{format_duration(scenario.duration)}{text}"


def _usual(scenario: Scenario) -> bool:
    """Whether nothing is set that the short way knows and columns do not; see :meth:`sim.routine.Routine.look`."""
    provisioning, access, target = scenario.provisioning, scenario.organisation.access, scenario.target
    return (
        scenario.workforce is not None
        and scenario.start_state == "in_sync"
        and scenario.before == Before()
        and not scenario.phases
        and not scenario.faults
        and not scenario.timeline
        and provisioning.strategy == "cycle"
        and provisioning.runbook == "none"
        and provisioning.overrun != "after_end"
        and provisioning.members_per_patch == 1
        and provisioning.deletion_threshold is None
        and not provisioning.connection_probe
        and not (access.requests or access.exceptions or access.toxic)
        and target.sessions is None
        and target.limits == "none"
        and target.request_time <= provisioning.request_timeout
        and target.set_up == "done"
        and target.token_life >= scenario.duration + scenario.drain
    )
