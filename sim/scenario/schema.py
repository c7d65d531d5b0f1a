"""The JSON Schema of the scenario file, for editors that complete and check while one writes.

Invariant: it is derived from the models that the loader uses; a file that the loader takes is valid under it.
"""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from sim.scenario.fields import Distribution
from sim.scenario.models import Scenario
from sim.time import format_duration


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a scenario file."""
    schema = Scenario.model_json_schema(mode="validation", schema_generator=_FileSchema)
    schema["properties"]["workforce"]["anyOf"].append({"const": "none"})
    return {"$schema": _FileSchema.schema_dialect, **schema, "title": "jmlab scenario"}


class _FileSchema(GenerateJsonSchema):
    """Without titles that only repeat a key, and with defaults as the file would write them."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        written: JsonSchemaValue = super().default_schema(schema)
        default = schema.get("default")
        if isinstance(default, Distribution):
            return {**written, "default": format_duration(default.low)}
        if isinstance(default, int) and _is_text(written):
            return {**written, "default": format_duration(default)}
        return written


def _is_text(schema: JsonSchemaValue) -> bool:
    return schema.get("type") == "string"
