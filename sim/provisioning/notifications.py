"""The mails that Entra sends about a job, as records; nothing is sent anywhere.

Invariant: one mail on entering quarantine, one whenever its reason changes, one when the job is switched off.
https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-quarantine-status
"""

from __future__ import annotations

from typing import Final

from mockservices.clock import Clock, Millis
from mockservices.ports import Notification
from sim.provisioning.codes import TOO_MANY_DELETES
from sim.provisioning.quarantine import BASE, EXCEPTION, ON_DEMAND, PROPORTION, TOTAL, Quarantine

SENDER: Final = "azure-noreply@microsoft.com"

QUARANTINED: Final = "quarantine"
REASON_CHANGED: Final = "quarantine_reason"
DELETIONS_HELD: Final = "deletions_held"
DISABLED: Final = "disabled"

_WORDS: Final = {
    EXCEPTION: "the target could not be used at all",
    BASE: "too many objects fail",
    TOTAL: "too many objects and memberships fail",
    PROPORTION: "too large a part of what a cycle does fails",
    TOO_MANY_DELETES: "more users and groups were to be disabled or deleted than one cycle may",
    ON_DEMAND: "it was put there by hand",
}


def quarantine_mail(kind: str, application: str, to: str, now: Quarantine, clock: Clock, held: int) -> Notification:
    """The mail about a quarantine that begins, or whose reason changes."""
    words = _WORDS.get(now.reason, now.reason)
    if now.reason == TOO_MANY_DELETES:
        kind = DELETIONS_HELD
        subject = f"Deletions are held back: {application}"
        what = f"{held} users and groups were to be disabled or deleted; nothing of that has been sent."
        then = "Look at what has changed, then allow the deletions, or mend the cause and restart provisioning."
    else:
        subject = f"Provisioning is in quarantine: {application}"
        what = now.message or f"Reason: {now.reason}."
        then = f"It is tried again at {clock.iso(now.next_attempt)}, and then less and less often."
    text = f"The provisioning job of {application} is in quarantine, because {words}. {what} {then}"
    return Notification(clock.now, kind, SENDER, to, subject, text)


def disabled_mail(application: str, to: str, days: int, clock: Clock) -> Notification:
    """The mail about a job that has been in quarantine for too long."""
    text = (
        f"The provisioning job of {application} has been in quarantine for {days} days and was switched off. "
        "No cycle begins until somebody starts it."
    )
    return Notification(Millis(clock.now), DISABLED, SENDER, to, f"Provisioning was switched off: {application}", text)
