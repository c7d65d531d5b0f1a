"""What is done only in the console of IAM Identity Center: enabling it, its identity source, automatic provisioning.

Invariant: no public API does these things, so they are named actions and nothing of AWS's JSON services. What a token
says is shown once, to whoever turns provisioning on; only its dates are kept.
https://docs.aws.amazon.com/singlesignon/latest/userguide/provision-automatically.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from mockservices.changes import Trace
from mockservices.clock import Clock, Millis
from mockservices.identitycenter.errors import conflict, invalid
from mockservices.ids import IdSpace

IdentitySource = Literal["local", "external"]
LOCAL: Final = "local"
EXTERNAL: Final = "external"
SCIM_TOKEN: Final = "scim_token"
ACCESS_KEY: Final = "access_key"
TOKEN_LIFE: Final = Millis(365 * 86_400_000)
"""https://docs.aws.amazon.com/singlesignon/latest/userguide/provision-automatically.html: one year."""
NEVER_OPEN: Final = Millis(-(1 << 62))


@dataclass(frozen=True, slots=True)
class Credential:
    """Something that Identity Center has issued."""

    id: str
    kind: str
    created: Millis
    expires: Millis


class Console:
    """The settings page of one instance.

    It begins as an instance whose set-up lies behind it; :meth:`begin` says otherwise.
    """

    def __init__(self, *, seed: int, clock: Clock, trace: Trace, arn: str, region: str) -> None:
        self._clock = clock
        self._trace = trace
        self._arn = arn
        self._token_ids = IdSpace(seed, "sso.scimToken")
        self._token_life = TOKEN_LIFE
        self.region: str | None = region
        """Where it is enabled; None: not yet."""
        self.identity_source: IdentitySource = EXTERNAL
        self.sources: list[tuple[Millis, IdentitySource]] = [(NEVER_OPEN, EXTERNAL)]
        """The identity source from when on."""
        self.provisioning = True
        """Whether automatic provisioning is on."""
        self.credentials: list[Credential] = [self._new_token(Millis(0))]
        """Every credential issued and not taken back: a federated role session has none that outlives it."""
        self.open_until = self.credentials[0].expires
        """Until when the SCIM endpoint lets anybody in; before every time while automatic provisioning is off."""

    def begin(self, *, enabled: bool, external: bool, provisioning: bool, token_life: Millis = TOKEN_LIFE) -> None:
        """How far the set-up has come when the story begins; every step stands on the one before.

        ``token_life``: how long a token is good for, of those issued by now and later.
        """
        self._token_life = token_life
        self.credentials = [self._new_token(Millis(0))]
        self.open_until = self.credentials[0].expires
        if not enabled:
            self.region = None
        if not (enabled and external):
            self.identity_source = LOCAL
        self.sources = [(NEVER_OPEN, self.identity_source)]
        if not (enabled and external and provisioning):
            self.provisioning = False
            self.credentials = []
            self.open_until = NEVER_OPEN

    @property
    def tokens(self) -> list[Credential]:
        """The bearer tokens of automatic provisioning, the oldest first."""
        return [issued for issued in self.credentials if issued.kind == SCIM_TOKEN]

    @property
    def long_lived(self) -> int:
        """How many long-lived AWS credentials stand: access keys, which this service never issues."""
        return sum(issued.kind == ACCESS_KEY for issued in self.credentials)

    def enable(self, region: str) -> None:
        """Enable the organisation's instance in a region; ConflictException when it is enabled already."""
        if self.region is not None:
            raise conflict(f"IAM Identity Center is already enabled in {self.region}.")
        self.region = region
        self._record("instance.enable", {"region": region})

    def set_identity_source(self, source: IdentitySource) -> None:
        """Switch where identities come from; local users cannot sign in while the source is external.
        https://docs.aws.amazon.com/singlesignon/latest/userguide/manage-your-identity-source-considerations.html"""
        if self.region is None:
            raise invalid("IAM Identity Center is not enabled.")
        if source == self.identity_source:
            raise conflict(f"The identity source is already {source}.")
        if self.provisioning:
            raise conflict("Automatic provisioning is on; disable it before the identity source is changed.")
        self.identity_source = source
        self.sources.append((self._clock.now, source))
        self._record("identitySource.set", {"source": source})

    def enable_provisioning(self) -> Credential:
        """Turn automatic provisioning on, which issues the first token; needs an external identity source."""
        if self.identity_source != EXTERNAL:
            raise invalid("Automatic provisioning needs an external identity provider as the identity source.")
        if self.provisioning:
            raise conflict("Automatic provisioning is already enabled.")
        self.provisioning = True
        token = self._new_token(self._clock.now)
        self.credentials.append(token)
        self.open_until = token.expires
        self._record("provisioning.enable", {"tokenExpires_ms": token.expires})
        return token

    def _new_token(self, now: Millis) -> Credential:
        created = Millis(max(now, 0))
        return Credential(self._token_ids.of(0), SCIM_TOKEN, created, Millis(created + self._token_life))

    def _record(self, verb: str, fields: dict[str, object]) -> None:
        self._trace.record("sso", verb, self._arn, fields)
