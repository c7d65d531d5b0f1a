"""What the tenant URL that was saved for the application says besides where the target is: how to write PATCH requests.

Invariant: read anew for every request and never copied, so what is saved in the meantime counts from then on.
https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from mockservices.graph.synchronization import ADDRESS
from mockservices.scim.dialects import Dialect
from mockservices.services import Services

Spoken: TypeAlias = Callable[[], Dialect]

COMPLIANT_FLAG: Final = "aadoptscim062020"
LEGACY_FLAG: Final = "azureadscimpatch2017"


def spoken(services: Services, otherwise: Dialect) -> Spoken:
    """The dialect that a flag in the saved tenant URL asks for; without one, what the scenario says."""

    def dialect() -> Dialect:
        saved = services.applications.secrets(services.application.id)
        if not saved or ADDRESS not in saved:
            return otherwise
        flags = saved[ADDRESS].partition("?")[2].lower()
        if LEGACY_FLAG in flags:
            return "legacy"
        return "compliant" if COMPLIANT_FLAG in flags else otherwise

    return dialect


def without_flags(address: str) -> str:
    """A tenant URL as an address only."""
    return address.partition("?")[0].rstrip("/")
