"""What the services ask of the world above them; the simulation implements it.

Invariant: a handler touches a core only inside a closure that it hands to a :class:`Gate`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from mockservices.clock import Millis

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ProvisioningRecord:
    """What the job did about one object: a row of its log, with the ids under which Graph tells it."""

    number: int
    """Which row of the log it is, from 0."""
    id: str
    cycle_id: str
    change_id: str
    at: Millis
    lasted: Millis
    kind: str
    """``User`` or ``Group``."""
    source_id: str
    target_id: str
    """Empty where there is no object in the target."""
    action: str
    """``create``, ``update``, ``disable``, ``delete`` or ``other``."""
    status: str
    """``success``, ``failure`` or ``skipped``."""
    reason: str
    """The service's code where it is no success."""
    requests: int
    demand: bool = False
    """Whether this was done on demand, outside any cycle."""
    imported: Mapping[str, str] | None = None
    """The object as it was read from the source; None where only its members were."""
    matching: str = ""
    """How it was looked for in the target: ``linked``, ``found``, ``none``, ``several``; empty: it was not."""
    held: Mapping[str, str] = field(default_factory=dict)
    """What the target had, by attribute path."""
    written: bool = False
    """Whether a change was sent to the target."""
    modified: tuple[tuple[str, str | None, str | None], ...] = ()
    """(attribute path, old value, new value) of what was to be changed."""
    members: tuple[tuple[str, str, bool], ...] = ()
    """(source id, target id, member or not) of memberships that were to be changed."""
    http: int | None = None
    """The status of the answer where it is a failure; 0: no answer came."""
    detail: str = ""
    """What the target said."""
    tries: int = 0
    """How many times in a row it has failed, this one included."""
    retry_at: Millis | None = None
    scope: Mapping[str, bool] | None = None
    """Each clause of the scoping filters and what it came to, where there are any."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A link between an object of the source and one of the target, as the job has cached it.
    https://learn.microsoft.com/graph/api/resources/synchronization-objectconnection?view=graph-rest-beta"""

    source_id: str
    target_id: str
    kind: str
    """``User`` or ``Group``."""


class SchemaControl(Protocol):
    """The rules of a job as Graph's ``synchronizationSchema``. Called on the world thread only."""

    def document(self) -> Mapping[str, Any]:
        """The schema as it is saved."""

    def template(self) -> Mapping[str, Any]:
        """The schema that a job of the template begins with."""

    def replace(self, document: Mapping[str, Any]) -> None:
        """Save another schema; where it differs, the next cycle is an initial one, and links are kept.

        A service's error names what is wrong with it; then nothing is saved.
        """

    def parse(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Try an expression: the ``parseExpressionResponse`` resource."""

    def functions(self) -> Sequence[Mapping[str, Any]]:
        """The functions that expressions can call, as ``attributeMappingFunctionSchema``."""

    def operators(self) -> Sequence[Mapping[str, Any]]:
        """The operators of scoping filters, as ``filterOperatorSchema``."""


@dataclass(frozen=True, slots=True)
class Notification:
    """A mail that the provisioning service would send; here a record."""

    at: Millis
    kind: str
    """``quarantine``, ``quarantine_reason``, ``deletions_held`` or ``disabled``."""
    sender: str
    to: str
    subject: str
    text: str


class JobControl(Protocol):
    """The provisioning job as Graph's synchronization resources control it. Called on the world thread only."""

    @property
    def id(self) -> str:
        """``<templateId>.<tenant id without dashes>.<guid>``."""

    def validate_credentials(self, base_address: str, token_hash: str) -> str | None:
        """Try the target with these credentials: None, or why they do not work.

        ``base_address``: empty for the one with which the job was configured before the world began.
        ``token_hash``: what :func:`mockservices.tokens.fingerprint` gives for the secret token.
        """

    def provision_on_demand(self, object_id: str, object_type: str, members: Sequence[str] = ()) -> Mapping[str, Any]:
        """Provision one user, or a group with some of its members, now; the inner value of Graph's answer."""

    def connection(self, object_id: str) -> Connection | None:
        """The link of an object, by its id in the source or else in the target."""

    def drop_connection(self, object_id: str) -> None:
        """Forget that link; the object is matched anew when it is next looked at. 409 while cycles run."""

    def start(self) -> None:
        """Let cycles run."""

    def pause(self) -> None:
        """Let the running cycle end and start no other."""

    def restart(self, scopes: frozenset[str]) -> None:
        """Reset what is named, of ``ConnectorDataStore`` (links), ``Escrows`` (what failed), ``Watermark`` (the next
        cycle is an initial one), ``QuarantineState`` and ``ForceDeletes`` (what is held back is carried out).
        """

    @property
    def schema(self) -> SchemaControl | None:
        """Its rules; None for a job that is not run here."""

    def notifications(self) -> Sequence[Notification]:
        """The mails about the job, oldest first."""

    def resource(self) -> Mapping[str, Any]:
        """The ``synchronizationJob`` resource."""

    def records(
        self, *, newest_first: bool = True, beyond: int | None = None, brief: bool = False
    ) -> Iterator[ProvisioningRecord]:
        """The rows of the log that are still kept, one after the other in this order.

        ``beyond``: only those that come after the row of this number, in that order. ``brief``: without what takes
        time to put into words (what was read, held and changed), to look through many of them.
        """


@dataclass(frozen=True, slots=True)
class StaleGrant:
    """Access that still works although its owner's account has long been disabled."""

    users: tuple[str, ...]
    """userNames of the owner's users in the target through which it works."""
    permission_set: str
    account: str


class AuditControl(Protocol):
    """The auditor, who compares the target with the directory, and the clean-up. Called on the world thread only."""

    def audit(self) -> Sequence[StaleGrant]:
        """Note what is stale now; all of it."""

    def clean_up(self) -> int:
        """Take away what audits have noted and is stale still; how many grants that were."""


class Gate(Protocol):
    """The way from a handler (any thread, any loop) to the world thread."""

    job_key: str
    """Value of the header ``x-jmlab-job`` that the world's own requests carry."""

    async def read(self, work: Callable[[], T]) -> T:
        """Run ``work`` on the world thread; it changes nothing. Also used for the world's own requests,
        whose changes are the job's doing and no command."""

    async def command(self, action: str, arguments: Mapping[str, Any], respond: Callable[[Any], T]) -> T:
        """Commit and run a command that came over HTTP, then make the answer from its result, in one piece.

        ``arguments`` are plain JSON values. A :class:`~mockservices.errors.ServiceError` is raised here again.
        """


class WorldControl(Protocol):
    """The clock and state of a served world, for ``/_testbed``."""

    async def status(self) -> Mapping[str, Any]:
        """Where the world is: simulated time, speed, cycles, counts."""

    async def summary(self) -> Mapping[str, Any]:
        """Every figure of the run so far, and the scenario's table of results."""

    async def attempt(self, person: str, account: str, permission_set: str | None = None) -> Mapping[str, Any]:
        """Whether somebody gets into an account now, door by door; nothing is opened. ``ValueError`` with a sentence
        for a person, an account or a permission set that is not there."""

    async def advance(self, *, to: str | None = None, by: str | None = None, cycles: int | None = None) -> str:
        """Run as fast as possible to an instant, by a duration or through the next cycles; the new time.
        ``ValueError`` for a text that is no time or lies in the past."""

    def read_fault(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The arguments of the action ``faults.add`` for a fault as a scenario writes it, from any thread.
        ``ValueError`` with a sentence for what a scenario must not hold."""

    async def pause(self) -> None:
        """Stop simulated time."""

    async def resume(self, speed: float | None = None) -> None:
        """Let simulated time run, ``speed`` times as fast as the wall's."""
