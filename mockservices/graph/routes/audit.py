"""``/auditLogs/provisioning``: what the job did, object by object.

Invariant: a page begins behind the last row of the one before, so rows that come in between move nothing.
https://learn.microsoft.com/graph/api/provisioningobjectsummary-list
"""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockservices.desk import Answer
from mockservices.graph.edge import VERSION, Edge
from mockservices.graph.envelope import success
from mockservices.graph.links import link, resumed, sealed
from mockservices.graph.options import Options, read_options
from mockservices.graph.properties import PROVISIONING
from mockservices.graph.provisioning_log import facts, named_facts, summary
from mockservices.graph.query import Filter, check_filter, parse_filter
from mockservices.graph.resources import Json
from mockservices.ports import ProvisioningRecord

PATH = "/auditLogs/provisioning"
_LOOKED_UP = ("displayName", "servicePrincipal", "tenantId")
"""Parts of properties that a row does not hold itself."""


class AuditRoutes:
    """Handlers of one app."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def list_provisioning(self, request: Request) -> Response:
        """A page of the provisioning log, newest first unless it is asked for otherwise."""
        options = read_options(request, PROVISIONING, "$filter", "$orderby", "$top", "$skiptoken")
        services, text = self._edge.services, options.filter
        found = None if text is None else parse_filter(text, PROVISIONING, services.directory)
        if found is not None:
            check_filter(found, advanced=False)

        def work() -> Answer:
            content = resumed(services, options.skiptoken, PATH)
            page: list[ProvisioningRecord] = []
            body: Json = {"@odata.context": self._edge.context("auditLogs/provisioning")}
            for record in self._records(options, found, None if content is None else content["n"]):
                if len(page) == options.top:
                    token = sealed(services, {"p": PATH, "n": page[-1].number})
                    query = [*options.given, ("$skiptoken", token)]
                    body["@odata.nextLink"] = link(self._edge.base_url, VERSION + PATH, query)
                    break
                page.append(record)
            return success({**body, "value": [summary(services, record) for record in page]})

        return await self._edge.read(request, work)

    def _records(self, options: Options, found: Filter | None, beyond: int | None) -> Iterator[ProvisioningRecord]:
        job = self._edge.services.job
        if job is None:
            return
        newest_first = options.order is None or options.order.descending
        services = self._edge.services
        by_name = any(word in options.filter for word in _LOOKED_UP) if options.filter is not None else False
        for record in job.records(newest_first=newest_first, beyond=beyond, brief=found is not None):
            if found is None:
                yield record
                continue
            told = facts(record, job.id, services.clock)
            if by_name:
                told |= named_facts(services, record)
            if found.test(record.number, told):
                yield next(job.records(beyond=record.number + 1))  # the same in full


def routes(edge: Edge) -> list[Route]:
    """The routes of the provisioning log."""
    return [edge.route("GET", PATH, AuditRoutes(edge).list_provisioning)]
