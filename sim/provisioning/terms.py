"""From the keys of a scenario to the terms on which the job works.

Invariant: copies and converts; every default and its source stands in the scenario's own modules.
"""

from __future__ import annotations

from fractions import Fraction

from mockservices.services import Services
from sim.provisioning.configuration import SavedConfiguration
from sim.provisioning.deletions import Threshold
from sim.provisioning.escrow import RetryPolicy
from sim.provisioning.pace import Patience
from sim.provisioning.quarantine import Limits
from sim.scenario import Scenario
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


def configuration(services: Services, scenario: Scenario) -> SavedConfiguration:
    """What the job asks about its configuration."""
    told = scenario.provisioning
    threshold = told.deletion_threshold
    return SavedConfiguration(
        services,
        None if threshold is None else Threshold(threshold.count, threshold.when == "at"),
        told.notify or f"admin@{scenario.organisation.domain}",
    )
