"""`workforce.from`: the whole population of a world from somebody's own file, in place of a generated one.

Invariant: a scenario that names a file carries what the file says; it is read once, when the scenario is loaded, and a
journal keeps it, so that a run can be repeated without the file.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, NamedTuple

from pydantic import Field

from mockservices.clock import Millis
from sim.scenario.fields import Distribution, DistributionField, Part, Text, sourced
from sim.scenario.zones import TimeZone
from sim.time import clipped
from sim.workforce.zone_files import load_zone

if TYPE_CHECKING:
    from sim.owndata.listing import Listing
    from sim.owndata.pseudonyms import Pseudonyms
    from sim.scenario.models import Scenario

_LAG_SOURCE: Final = "assumption: no public figure was found"


class OwnWorkforce(Part):
    """People and what happens to them, read from a file; see docs/howto-own-data.md.

    `from`: a CSV file; its path is seen from the folder of the scenario. `names`: whether people appear under
    pseudonyms (`hashed`) or as the file calls them (`kept`). `timezone`: where times are that name none; a mere date
    is its midnight. `hr_lag`: from an event to the change in the directory, for events of which the file says neither
    `known_at` nor `directory_at`.
    """

    from_: Annotated[Text, Field(alias="from", examples=["events.csv"])]
    names: Literal["hashed", "kept"] = "hashed"
    timezone: TimeZone = "UTC"
    hr_lag: DistributionField = sourced(Distribution(Millis(0), Millis(0)), source=_LAG_SOURCE, grade="D")


class NoFileError(ValueError):
    """There is no such file; where the scenario names it is for the caller to say."""


class KeptFile(NamedTuple):
    """What a journal kept of a file: its rows as they took effect, names hashed or not, and the file's digest."""

    sha256: str
    content: bytes


def pseudonyms_of(scenario: Scenario) -> Pseudonyms:
    """The pseudonyms of a scenario, the same in all of its files."""
    from sim.owndata.pseudonyms import Pseudonyms

    return Pseudonyms(scenario.scenario, scenario.seed, scenario.organisation.domain)


def listing_of(scenario: Scenario, folder: Path, kept: KeptFile | None, pseudonyms: Pseudonyms) -> Listing:
    """What the file says; ScenarioError with file, line and column, NoFileError if there is none."""
    own = scenario.workforce
    if not isinstance(own, OwnWorkforce):
        raise TypeError("this scenario's workforce is generated")
    from sim.owndata.listing import read_listing  # not at the top: numpy, which most scenarios load without
    from sim.owndata.refusals import Origin

    path = folder / own.from_
    if kept is None and not os.path.lexists(path):
        raise NoFileError(f"there is no file '{clipped(own.from_, 120)}'; name a CSV file of people and events")
    origin = Origin(own.from_, content=kept.content) if kept is not None else Origin(str(path), path)
    hashed = own.names == "hashed" and kept is None  # a journal holds none but pseudonyms
    listing = read_listing(
        origin,
        start=scenario.start,
        duration=scenario.duration,
        domain=scenario.organisation.domain,
        zone=load_zone(own.timezone),
        departments=[department.name for department in scenario.organisation.departments],
        pseudonyms=pseudonyms if hashed else None,
    )
    return listing if kept is None else replace(listing, sha256=kept.sha256)


def which_workforce(value: object) -> str:
    """Whether a workforce is the scenario's own or generated."""
    return "own" if isinstance(value, OwnWorkforce) or (isinstance(value, dict) and "from" in value) else "generated"
