"""Distributions of durations in a scenario file: constant, uniform, lognormal, or measured.

Invariant: a distribution that exists can be drawn from, and what was read from a file stands in the scenario itself.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple, TypeAlias

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core.core_schema import ValidationInfo

from mockservices.clock import Millis
from sim.scenario.fields import Distribution, described, read_duration, wrong
from sim.time import DURATION_PATTERN, TimeError, clipped, format_duration, parse_duration

FORMS: Final = (
    "write a duration such as 0m, {uniform: [24h, 72h]}, {lognormal: {median: 2h, p95: 20h}} or {empirical: FILE.csv}"
)
_MOST_ROWS: Final = 100_000


class Lognormal(NamedTuple):
    """A lognormal distribution, by its median and its 95 % quantile."""

    median: Millis
    p95: Millis


class Empirical(NamedTuple):
    """Durations as they were measured."""

    durations: tuple[Millis, ...]


Spread: TypeAlias = Distribution | Lognormal | Empirical


def _read_spread(value: object, info: ValidationInfo) -> Spread:
    if isinstance(value, Distribution | Lognormal | Empirical):
        return value
    if isinstance(value, dict):
        if list(value) == ["uniform"]:
            return _uniform(value["uniform"])
        if list(value) == ["lognormal"]:
            return _lognormal(value["lognormal"])
        if list(value) == ["empirical"]:
            return _empirical(value["empirical"], info)
        shown = clipped(", ".join(str(key) for key in value)) or "an empty mapping"
        raise wrong(f"unknown distribution {shown}; {FORMS}")
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        constant = read_duration(value)
        return Distribution(constant, constant)
    raise wrong(f"must be a duration or a distribution, not {described(value)}; {FORMS}")


def _uniform(bounds: object) -> Distribution:
    if not isinstance(bounds, list | tuple) or len(bounds) != 2:
        raise wrong(f"must be a list of two durations, not {described(bounds)}; for example [24h, 72h]", "uniform")
    low, high = (read_duration(bound) for bound in bounds)
    if low > high:
        raise wrong("the shorter duration comes first; for example [24h, 72h]", "uniform")
    return Distribution(low, high)


def _lognormal(parts: object) -> Lognormal:
    if not isinstance(parts, dict) or sorted(parts) != ["median", "p95"]:
        raise wrong("needs a median and a p95; for example {median: 2h, p95: 20h}", "lognormal")
    median, p95 = read_duration(parts["median"]), read_duration(parts["p95"])
    if not 0 < median <= p95:
        raise wrong(
            "the median is above 0, and the p95 is not shorter; for example {median: 2h, p95: 20h}", "lognormal"
        )
    return Lognormal(median, p95)


def _empirical(given: object, info: ValidationInfo) -> Empirical:
    if isinstance(given, list | tuple):
        if not 0 < len(given) <= _MOST_ROWS:
            raise wrong(f"needs 1 to {_MOST_ROWS:,} durations", "empirical")
        return Empirical(tuple(read_duration(duration) for duration in given))
    if not isinstance(given, str):
        raise wrong(f"must be the name of a CSV file or a list of durations, not {described(given)}", "empirical")
    folder = (info.context or {}).get("folder")
    path = Path(given) if folder is None else Path(folder) / given
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return Empirical(tuple(_column(file, path.name)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not a text file"
        raise wrong(f"'{clipped(given)}' cannot be read: {why}", "empirical") from None


def _column(file: Any, name: str) -> list[Millis]:
    """The first column of a CSV file; a first line that is no duration is a heading."""
    durations: list[Millis] = []
    for line, row in enumerate(csv.reader(file), start=1):
        text = row[0].strip() if row else ""
        if not text:
            continue
        try:
            durations.append(parse_duration(text))
        except TimeError as error:
            if line > 1:
                raise wrong(f"{clipped(name)}:{line}: {error}", "empirical") from None
        if len(durations) > _MOST_ROWS:
            raise wrong(f"{clipped(name)} has more than {_MOST_ROWS:,} durations", "empirical")
    if not durations:
        raise wrong(f"{clipped(name)} has no durations in its first column", "empirical")
    return durations


def _write_spread(value: Spread) -> object:
    if isinstance(value, Lognormal):
        return {"lognormal": {"median": format_duration(value.median), "p95": format_duration(value.p95)}}
    if isinstance(value, Empirical):
        return {"empirical": [format_duration(duration) for duration in value.durations]}
    if value.constant:
        return format_duration(value.low)
    return {"uniform": [format_duration(value.low), format_duration(value.high)]}


_A_DURATION: Final = {"type": "string", "pattern": DURATION_PATTERN}


def _form(name: str, inner: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": [name], "properties": {name: inner}}


SpreadField = Annotated[
    Spread,
    PlainValidator(_read_spread),
    PlainSerializer(_write_spread),
    WithJsonSchema(
        {
            "anyOf": [
                _A_DURATION,
                _form("uniform", {"type": "array", "items": _A_DURATION, "minItems": 2, "maxItems": 2}),
                _form(
                    "lognormal",
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["median", "p95"],
                        "properties": {"median": _A_DURATION, "p95": _A_DURATION},
                    },
                ),
                _form("empirical", {"anyOf": [{"type": "string"}, {"type": "array", "items": _A_DURATION}]}),
            ]
        }
    ),
]
