"""The job's rules as Graph reads and replaces them, and expressions as Graph tries them.

Invariant: a document that says nothing new changes nothing; one that does begins the job anew, and links are kept.
https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works (what starts an initial cycle)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from mockservices.graph.errors import invalid, missing
from mockservices.graph.jobs import TEMPLATE_SCHEMA_ID
from sim.provisioning.driver import Driver
from sim.provisioning.expressions.graph import function_schemas, parse_response
from sim.provisioning.job_schema import schema_json
from sim.provisioning.job_schema_reading import read_schema
from sim.provisioning.rules import Mappings
from sim.provisioning.scoping_schema import filter_operators

Json: TypeAlias = dict[str, Any]


class JobSchema:
    """Implements :class:`mockservices.ports.SchemaControl`."""

    def __init__(self, driver: Driver, identifier: str) -> None:
        self._driver = driver
        self._id = identifier

    @property
    def _mappings(self) -> Mappings:
        return self._driver.job.settings.rules

    def document(self) -> Json:
        """See :class:`mockservices.ports.SchemaControl`."""
        return schema_json(self._id, self._mappings.saved)

    def template(self) -> Json:
        """See :class:`mockservices.ports.SchemaControl`."""
        return schema_json(TEMPLATE_SCHEMA_ID, self._mappings.default)

    def replace(self, document: Mapping[str, Any]) -> None:
        """See :class:`mockservices.ports.SchemaControl`; while a cycle runs, it goes on as it began."""
        mappings, driver = self._mappings, self._driver
        rules = read_schema(document, mappings.saved)
        if rules == mappings.saved:
            return
        mappings.save(rules)
        if not driver.running.active:
            mappings.take_over()
        driver.restart(frozenset({"Watermark"}))

    def parse(self, body: Mapping[str, Any]) -> Json:
        """See :class:`mockservices.ports.SchemaControl`.
        https://learn.microsoft.com/graph/api/synchronization-synchronizationschema-parseexpression"""
        text = body.get("expression")
        if not isinstance(text, str):
            raise missing("expression", "parseExpression")
        tested = body.get("testInputObject")
        if not isinstance(tested, dict | None):
            raise invalid("testInputObject", "parseExpression")
        return parse_response(text, None if tested is None else _values(tested), self._mappings.users.context())

    def functions(self) -> Sequence[Json]:
        """See :class:`mockservices.ports.SchemaControl`."""
        return function_schemas()

    def operators(self) -> Sequence[Json]:
        """See :class:`mockservices.ports.SchemaControl`."""
        return filter_operators()


def _values(tested: Mapping[str, Any]) -> dict[str, Any]:
    """The values of an ``expressionInputObject``: a list of keys and values, lists of texts among them."""
    pairs = tested.get("properties") or []
    if not isinstance(pairs, list) or not all(
        isinstance(pair, dict) and isinstance(pair.get("key"), str) for pair in pairs
    ):
        raise invalid("properties", "expressionInputObject")
    return {pair["key"]: tuple(v) if isinstance(v := pair.get("value"), list) else v for pair in pairs}
