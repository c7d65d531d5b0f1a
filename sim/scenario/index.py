"""The scenarios that come with the program: names, titles, sections, texts.

Invariant: `scenarios/index.yaml` alone says which there are, in which order and section, and which one opens by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from sim.scenario.document import compose, read_text
from sim.scenario.errors import ScenarioError, nearest
from sim.time import clipped


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """A scenario of the catalogue."""

    name: str
    title: str
    path: Path
    section: str
    """The heading below which it is listed; those of one section stand together."""


def catalogue() -> tuple[CatalogueItem, ...]:
    """The scenarios of the catalogue, in the order in which they are shown."""
    folder = _folder()
    entries = _index(folder)["scenarios"]
    return tuple(
        CatalogueItem(entry["name"], entry["title"], folder / f"{entry['name']}.yaml", entry["section"])
        for entry in entries
    )


def default_scenario() -> str:
    """The name of the scenario that opens when none is named."""
    name: str = _index(_folder())["default"]
    return name


def scenario_path(name: str) -> Path | None:
    """The file of a scenario of the catalogue; None for any other name."""
    return next((item.path for item in catalogue() if item.name == name), None)


def scenario_text(name: str) -> str:
    """The text of a scenario of the catalogue as it was written, comments included; raises ScenarioError."""
    path = scenario_path(name)
    if path is None:
        names = [item.name for item in catalogue()]
        raise ScenarioError(
            f"there is no such scenario in the catalogue; jmlab scenario list names them all{nearest(name, names)}",
            source=clipped(name),
        )
    return read_text(str(path))


def _folder() -> Path:
    # The package holds data only: it is located, not imported.
    spec = find_spec("scenarios")
    if spec is None or not spec.submodule_search_locations:
        raise ScenarioError("the catalogue of scenarios is missing; install jmlab again", source="scenarios")
    return Path(spec.submodule_search_locations[0])


@cache  # It comes with the program: no process sees two of them.
def _index(folder: Path) -> dict[str, Any]:
    path = str(folder / "index.yaml")
    return cast("dict[str, Any]", compose(read_text(path), path).root)
