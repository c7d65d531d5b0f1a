"""What a scenario asks of its generated workforce, in the words of the workforce.

Invariant: nothing is decided here; every setting of the scenario becomes the one of the plan that it names.
"""

from __future__ import annotations

from mockservices.clock import Millis
from sim.scenario.distributions import Spread
from sim.scenario.fields import Distribution
from sim.scenario.models import Scenario
from sim.scenario.weekdays import CalendarDays, LeavingDays, MovingDays
from sim.scenario.workforce import Workforce
from sim.scenario.working_life import Bulk, HrProcess
from sim.spread import table
from sim.time import DAY
from sim.workforce.almanac import StartDays, WeekWeights
from sim.workforce.identity_settings import identity_plan
from sim.workforce.life import (
    AbsencePlan,
    BulkPlan,
    ContractPlan,
    CorporateDays,
    HrPlan,
    JoiningPlan,
    LeavingPlan,
    Location,
    MovingPlan,
    RehirePlan,
)
from sim.workforce.plan import EventKind, LagPlan, WorkforcePlan


def workforce_plan(scenario: Scenario) -> WorkforcePlan | None:
    """What the scenario asks of the generated workforce; None when it has none."""
    workforce = scenario.workforce
    if not isinstance(workforce, Workforce):
        return None
    counts = workforce.counts
    departments = tuple((d.name, float(d.weight)) for d in scenario.organisation.departments) or (("Everybody", 1.0),)
    renewal, joining, leaving, moving = (
        workforce.contract.renewal,
        workforce.joining,
        workforce.leaving,
        workforce.moving,
    )
    rehires, absences = workforce.rehires, workforce.absences
    return WorkforcePlan(
        size=workforce.size,
        domain=scenario.organisation.domain,
        departments=departments,
        contractors=workforce.contractors,
        joiners=workforce.rates.joiners,
        leavers=workforce.rates.leavers,
        movers=workforce.rates.movers,
        counts=None
        if counts is None
        else {
            EventKind.JOINER: counts.joiner,
            EventKind.MOVER: counts.mover,
            EventKind.LEAVER: counts.leaver,
            EventKind.CONTRACTOR_EXPIRY: counts.contractor_expiry,
        },
        contract_mean=workforce.contract.mean,
        calendar=workforce.calendar,
        hr_lag=_lag(workforce.hr_lag),
        identities=identity_plan(scenario),
        joining=None if joining is None else JoiningPlan(joining.prehire, joining.no_show),
        leaving=None if leaving is None else LeavingPlan(leaving.involuntary, leaving.retirement, leaving.death),
        moving=None
        if moving is None
        else MovingPlan(
            promotions=moving.promotions,
            manager_changes=moving.manager_changes,
            secondments=moving.secondments,
            secondment=(moving.secondment.low, moving.secondment.high),
            cascades=moving.cascades,
        ),
        contract=None
        if renewal is None
        else ContractPlan(
            extended=renewal.extended,
            after_end=renewal.after_end,
            converted=renewal.converted,
            notice=renewal.notice,
            lapse=renewal.lapse,
            cap=renewal.cap,
        ),
        rehires=None if rehires is None else RehirePlan(rehires.share, rehires.new_identity, table(rehires.gap)),
        absences=None if absences is None else AbsencePlan(absences.rate, table(absences.length)),
        name_changes=0 if workforce.name_changes is None else workforce.name_changes.rate,
        bulk=tuple(_bulk(bulk) for bulk in workforce.bulk),
        hr=None if workforce.hr is None else _hr(workforce.hr),
        days=CorporateDays() if workforce.days is None else _days(workforce.days),
        home=Location(None, workforce.timezone, workforce.holidays),
        locations=tuple(
            Location(
                place.name,
                workforce.timezone if place.timezone is None else place.timezone,
                workforce.holidays if place.holidays is None else place.holidays,
            )
            for place in scenario.organisation.locations
        ),
    )


def _lag(spread: Spread) -> LagPlan:
    if isinstance(spread, Distribution):
        return LagPlan(spread.low, spread.high)
    return LagPlan(table=table(spread))


def _bulk(bulk: Bulk) -> BulkPlan:
    share, over = bulk.share or 0, bulk.over or Millis(0)
    return BulkPlan(bulk.kind, bulk.at, share, bulk.people, over, bulk.after, bulk.domain)


def _hr(hr: HrProcess) -> HrPlan:
    known, outside = hr.known, hr.outside
    return HrPlan(
        same_day=known.same_day,
        late=known.late,
        notice=known.notice,
        lateness=table(known.lateness),
        noticed=(known.no_show.low, known.no_show.high),
        feed=hr.feed,
        workflow=hr.workflow or None,
        outside=0 if outside is None else outside.share,
        outside_how="never" if outside is None or outside.how == "account_expires" else outside.how,
        outside_every=Millis(DAY) if outside is None else outside.every,
    )


def _days(days: CalendarDays) -> CorporateDays:
    def week(weights: LeavingDays | MovingDays) -> WeekWeights:
        return WeekWeights(weights.weekdays, weights.months, weights.month_end)

    joining = StartDays(days.joining.monday, days.joining.fixed_days)
    return CorporateDays(leaving=week(days.leaving), joining=joining, moving=week(days.moving))
