"""The words that observation counts by.

Invariant: what is printed, stored and compared are these texts, so a journal needs no key to be read.
"""

from __future__ import annotations

from typing import Final

# why somebody holds access that is not theirs
LEAVER: Final = "leaver"
CONTRACTOR_EXPIRY: Final = "contractor_expiry"
MOVER: Final = "mover"
REHIRE: Final = "rehire"
EARLY: Final = "early"
ABSENCE: Final = "absence"
ACCESS_EXPIRY: Final = "access_expiry"
"""What was asked for has come to its end."""
UNMANAGED: Final = "unmanaged"
DRIFT: Final = "drift"
MISCONFIGURATION: Final = "misconfiguration"
CAUSES: Final = (
    LEAVER, CONTRACTOR_EXPIRY, MOVER, REHIRE, EARLY, ABSENCE, UNMANAGED, DRIFT, MISCONFIGURATION, ACCESS_EXPIRY,
)  # fmt: skip

# what the end of it waits for
HR: Final = "hr"
CYCLE: Final = "cycle"
PROCESSING: Final = "processing"
RETRY: Final = "retry"
QUARANTINE: Final = "quarantine"
TICKET: Final = "ticket"
NOBODY: Final = "nobody"
WAITING: Final = (HR, CYCLE, PROCESSING, RETRY, QUARANTINE, TICKET, NOBODY)

# the hops of a latency
WAIT: Final = "wait"
HOPS: Final = (HR, WAIT, PROCESSING, RETRY, TICKET)

# kinds of lifecycle event
JOINER: Final = "joiner"
RETURN: Final = "return"
CONTRACT_EXTENSION: Final = "contract_extension"
CONTRACT_RESTORED: Final = "contract_restored"
CONVERSION: Final = "conversion"
NAME_CHANGE: Final = "name_change"
MANAGER_CHANGE: Final = "manager_change"
NO_SHOW: Final = "no_show"
EVENTS: Final = (
    JOINER, MOVER, LEAVER, CONTRACTOR_EXPIRY, REHIRE, ABSENCE, RETURN, CONTRACT_EXTENSION, CONTRACT_RESTORED,
    CONVERSION, NAME_CHANGE, MANAGER_CHANGE, NO_SHOW,
)  # fmt: skip

PRIVILEGED_LEAVER: Final = "privileged_leaver"
"""A leaver who held a privileged permission set: no kind of event, and a promise of its own."""

# how an event ends that has no latency
SUPERSEDED: Final = "superseded"
NOTHING_TO_REMOVE: Final = "nothing_to_remove"
NO_CHANGE: Final = "no_change"
NOT_MEASURED: Final = "not_measured"
"""Nobody's entitlement depends on it, so there is no latency and nothing to be overtaken."""

# latencies
MOVER_GRANT: Final = "mover_grant"
MOVER_REVOKE: Final = "mover_revoke"
MOVER_OVERLAP: Final = "mover_overlap"
MOVER_GAP: Final = "mover_gap"
LATENCIES: Final = (
    JOINER, MOVER_GRANT, MOVER_REVOKE, LEAVER, CONTRACTOR_EXPIRY, REHIRE, ABSENCE, RETURN,
    CONTRACT_RESTORED,
)  # fmt: skip

# states of a grant, and of a person that has such a grant
ENTITLED: Final = "entitled"
EFFECTIVE: Final = "effective"
MISSING: Final = "missing"
ORPHANED: Final = "orphaned"
PRIVILEGED: Final = "privileged"
SUSPENDED: Final = "suspended"
