"""Why somebody is not let in: what the identity provider or Identity Center says at the sign-in page.

Invariant: only reads. Whether a sign-in succeeds is deduced in :mod:`.access`; this puts a refusal into words.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from mockservices.errors import ServiceError
from mockservices.graph.directory import Directory
from mockservices.identitycenter.instance import Instance

Door: TypeAlias = Literal["Microsoft Entra ID", "AWS IAM Identity Center"]
ENTRA: Door = "Microsoft Entra ID"
AWS: Door = "AWS IAM Identity Center"


class SignInRefusedError(ServiceError):
    """A sign-in that does not succeed: who refuses it, and in which words."""

    status = 403

    def __init__(self, by: Door, message: str) -> None:
        super().__init__(message)
        self.by = by


def refusal(directory: Directory, instance: Instance, name: str, *, federated: bool) -> SignInRefusedError:
    """Why ``name`` cannot sign in now; ``federated``: the directory is asked first.

    Entra's sentences: https://learn.microsoft.com/entra/identity-platform/reference-error-codes. Whom the directory
    vouches for and the store does not know as an active user gets AWS's "No access".
    """
    if federated:
        row = directory.row_by_upn(name)
        if row is None:
            tenant = directory.domains[0] if directory.domains else directory.tenant_id
            sentence = f"AADSTS50034: The user account {name} does not exist in the {tenant} directory."
            return SignInRefusedError(ENTRA, sentence)
        if not directory.is_enabled(row):
            return SignInRefusedError(ENTRA, "AADSTS50057: The user account is disabled.")
    row = instance.store.user_row_by("userName", name)
    if row is None or not instance.store.exists(row):
        return SignInRefusedError(AWS, f"No access: there is no user with the user name {name}.")
    return SignInRefusedError(AWS, f"No access: the user {name} is disabled.")
