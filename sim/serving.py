"""A live world with its services on sockets: opened, told where to connect, closed.

Invariant: sockets are given back whatever ends the world; how the job reaches the services changes no result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockservices.control import build as build_testbed
from mockservices.desk import JOB_HEADER
from mockservices.graph.app import build as build_graph
from mockservices.graph.auth import access_token, credentials
from mockservices.identitycenter.app import build as build_aws
from mockservices.identitycenter.credentials import aws_credentials
from mockservices.scim.app import build as build_scim
from mockservices.scim.credentials import base_path, bearer_token
from mockservices.server import PortTaken, Servers
from mockservices.services import Services
from sim.clockwork import Speed
from sim.errors import JmlabError
from sim.live import Live
from sim.mailbox import Mailbox, MailboxGate
from sim.parts import Parts
from sim.ports import Source, Target
from sim.provisioning.terms import entitling_roles
from sim.scenario import Scenario
from sim.setup import REGION
from sim.transport.direct import DirectSource, DirectTarget
from sim.transport.tenant_url import spoken
from sim.transport.wire import Caller, WireSource, WireTarget, scim_headers
from sim.world import Transport, World

NAMES = ("graph", "scim", "aws", "testbed")


@dataclass(slots=True)
class Doors:
    """The sockets of a world, and the job's ports through them or past them; implements ``sim.world.Ports``."""

    mailbox: Mailbox
    transport: Transport
    ports: Mapping[str, int] = field(default_factory=dict)
    servers: Servers = field(default_factory=Servers)
    addresses: dict[str, str] = field(default_factory=dict)
    callers: list[Caller] = field(default_factory=list)
    control: Any = None

    def open(self, parts: Parts) -> tuple[Source, Target]:
        """Bind, build the apps over this world's services, serve, and make the job's ports."""
        services = parts.services
        try:
            self.addresses = self.servers.bind({name: self.ports.get(name, 0) for name in NAMES})
        except PortTaken as error:
            raise JmlabError(str(error)) from error
        gate = MailboxGate(self.mailbox, services.tokens.secret("job.key"))
        scim_base = services.scim_address = self.addresses["scim"] + base_path(services)
        self.servers.start(
            {
                "graph": build_graph(services, gate, self.addresses["graph"]),
                "scim": build_scim(services, gate, scim_base),
                "aws": build_aws(services, gate),
                "testbed": build_testbed(services, gate, self.control, testbed_token(services), scim_base),
            }
        )
        maps = parts.user_map, parts.group_map
        entitling = entitling_roles(parts.scenario.provisioning, services.application)
        dialect = spoken(services, parts.scenario.provisioning.patch_dialect)
        if self.transport == "direct":
            source = DirectSource(services.directory, services.applications, services.application, *maps, entitling)
            return source, DirectTarget(services, scim_base, bearer_token(services), dialect)
        graph_headers = {"authorization": f"Bearer {access_token(services)}", JOB_HEADER: gate.job_key}
        graph = Caller(self.mailbox, graph_headers)
        scim = Caller(self.mailbox, scim_headers(bearer_token(services), gate.job_key))
        self.callers += [graph, scim]
        return (
            WireSource(graph, self.addresses["graph"], services.application.id, *maps, entitling),
            WireTarget(scim, scim_base, bearer_token(services), dialect),
        )

    def close(self) -> None:
        """Give everything back."""
        for caller in self.callers:
            caller.close()
        self.servers.stop()


def testbed_token(services: Services) -> str:
    """The token of ``/_testbed``."""
    return services.tokens.secret("testbed.token")


class Session(Live):
    """One served world."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int | None = None,
        replication: int = 0,
        transport: Transport = "wire",
        ports: Mapping[str, int] | None = None,
        speed: Speed = 60.0,
    ) -> None:
        """Open the world's doors; ``speed`` None: as fast as possible, otherwise times as fast as the wall's clock."""
        super().__init__(speed)
        self.clockwork.transport = transport
        self._doors = Doors(self.mailbox, transport, ports or {}, control=self.clockwork)
        try:
            self.begin(World(scenario, seed=seed, replication=replication, ports=self._doors))
        except BaseException:
            self._doors.close()
            raise

    # --- the end ------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Give sockets and threads back; after :meth:`run` has ended."""
        super().close()
        self._doors.close()

    # --- what is told to whoever wants to connect --------------------------------------------------------

    def addresses(self) -> dict[str, Any]:
        """The first line of ``jmlab serve``: where everything is and what opens it."""
        services, urls = self.world.services, self._doors.addresses
        # before automatic provisioning is on there is no endpoint, and its token is for whoever turns it on
        scim: dict[str, str | None] = {"base_url": None, "token": None}
        if services.instance.console.provisioning:
            scim = {"base_url": urls["scim"] + base_path(services), "token": bearer_token(services)}
        graph = {
            "base_url": f"{urls['graph']}/v1.0",
            "token_url": f"{urls['graph']}/{services.directory.tenant_id}/oauth2/v2.0/token",
            **credentials(services),
        }
        aws = {
            "endpoint_url": urls["aws"],
            "region": REGION,
            "instance_arn": services.instance.arn,
            "identity_store_id": services.instance.identity_store_id,
            **aws_credentials(services),
        }
        return {
            "graph": graph,
            "scim": {**scim, "profile": "aws", "tenants": {"aws": scim}},
            "aws": aws,
            "testbed": {"base_url": f"{urls['testbed']}/_testbed", "token": testbed_token(services)},
        }
