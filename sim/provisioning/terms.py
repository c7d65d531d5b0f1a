"""From the keys of a scenario to the terms on which the job works.

Invariant: copies and converts; every default and its source stands in the scenario's own modules.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from mockservices.clock import Millis
from mockservices.graph.applications import ServicePrincipal
from mockservices.services import Services
from sim.provisioning.configuration import SavedConfiguration
from sim.provisioning.deletions import Threshold
from sim.provisioning.escrow import RetryPolicy
from sim.provisioning.mapping import AttributeMap
from sim.provisioning.options import SavedOptions
from sim.provisioning.pace import Pace, Patience
from sim.provisioning.plan import Treatment
from sim.provisioning.quarantine import Limits
from sim.provisioning.rhythm import DAY, Rhythm, Window
from sim.provisioning.rules import ADD, DELETE, UPDATE, Mappings, Rules
from sim.randomness import Streams
from sim.scenario import Scenario
from sim.scenario.scope import Scoping, TargetActions
from sim.scenario.settings import Provisioning


def retry_policy(settings: Provisioning) -> RetryPolicy:
    """When what failed is tried again."""
    retries = settings.retries
    return RetryPolicy(
        ladder=tuple(retries.ladder),
        then=retries.then,
        give_up=retries.give_up,
        transient_next_cycle=retries.transient == "next_cycle",
        repost=settings.lost_create == "repost",
    )


def pace_of(scenario: Scenario, seed: int, replication: int) -> Pace:
    """When the cycles of a world begin and how fast the job works in them; a random phase is the replication's."""
    settings, request_time = scenario.provisioning, scenario.target.request_time
    phase = settings.phase
    if phase == "random":
        phase = Millis(int(Streams(seed, replication).stream("phase").integers(DAY)))
    return Pace(
        settings.interval,
        phase,
        Fraction(str(settings.pace.initial)),
        _requests_per_second(Fraction(str(settings.pace.incremental)), request_time),
        request_time,
        None if settings.pace.matched is None else Fraction(str(settings.pace.matched)),
        settings.overrun,
        _rhythm(settings, scenario.start),
    )


def _rhythm(settings: Provisioning, start: datetime) -> Rhythm | None:
    """The hours with an interval of their own; None where it is the same at all times."""
    if not settings.hours:
        return None
    windows = tuple(Window(each.weekdays, each.opens, each.closes, each.interval) for each in settings.hours)
    into = ((start.hour * 60 + start.minute) * 60 + start.second) * 1000
    return Rhythm(windows, settings.interval, -into, start.weekday())


def _requests_per_second(wanted: Fraction, request_time: Millis) -> Fraction:
    """The rate that the job reaches: a request is sent when the one before it has been answered."""
    return min(wanted, Fraction(1000, request_time)) if request_time else wanted


def limits(settings: Provisioning) -> Limits:
    """When the job goes into quarantine."""
    told = settings.quarantine
    return Limits(
        floor=told.floor,
        share=Fraction(str(told.share)) / 100,
        objects=told.objects,
        total=told.total,
        first_attempt=told.first_attempt,
        slowest=told.slowest,
        disabled_after=told.disabled_after,
    )


def patience(settings: Provisioning) -> Patience:
    """How long it waits for answers."""
    return Patience(settings.request_timeout, settings.retry_after == "honour", settings.retry_after_limit)


_ACTIONS = {"create": ADD, "update": UPDATE, "delete": DELETE}


def treatment(settings: Provisioning) -> Treatment:
    """What is fixed about whom the job takes away and how."""
    return Treatment(
        soft_delete=settings.soft_delete,
        group_delete=settings.group_delete,
        purged_unseen=settings.purged_between_cycles == "delete",
    )


def entitling_roles(settings: Provisioning, application: ServicePrincipal) -> frozenset[str]:
    """Ids of the app roles with which somebody is assigned effectively; none: with any."""
    roles = frozenset([identifier for identifier, name in application.app_roles if name in settings.entitling_roles])
    return frozenset() if len(roles) == len(application.app_roles) else roles


def options(services: Services, settings: Provisioning) -> SavedOptions:
    """What can be set about its scope while it runs."""
    return SavedOptions(services, skip=settings.skip_out_of_scope_deletions, everything=settings.scope == "all")


def mappings(settings: Provisioning, users: AttributeMap, groups: AttributeMap) -> Mappings:
    """The rules by which the job begins: what is mapped, and what may be done in the target."""
    found = Mappings.of(users, groups)
    found.begin_with(configured(found.rules, settings.scoping, settings.actions))
    return found


def configured(rules: Rules, scoping: Scoping | None, actions: TargetActions | None) -> Rules:
    """The rules with other scoping filters and other actions; None: as they are."""
    users, groups = rules.users, rules.groups
    if scoping is not None:
        users, groups = replace(users, filters=scoping.of_users()), replace(groups, filters=scoping.of_groups())
    if actions is not None:
        users = replace(users, actions=tuple(_ACTIONS[action] for action in actions.users))
        groups = replace(groups, actions=tuple(_ACTIONS[action] for action in actions.groups))
    return replace(rules, users=users, groups=groups)


def configuration(services: Services, scenario: Scenario) -> SavedConfiguration:
    """What the job asks about its configuration."""
    told = scenario.provisioning
    threshold = told.deletion_threshold
    return SavedConfiguration(
        services,
        None if threshold is None else Threshold(threshold.count, threshold.when == "at"),
        told.notify or f"admin@{scenario.organisation.domain}",
    )
