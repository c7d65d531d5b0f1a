"""From a name, a file or plain values to a checked scenario.

Invariant: the first problem in the order of the file is the one that is told; shape is checked before references.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sim.scenario.canonical import canonical_text
from sim.scenario.document import Document, Plain, compose, read_text
from sim.scenario.errors import Path, Problem, ScenarioError, dotted, nearest
from sim.scenario.exports import with_exports
from sim.scenario.fields import described
from sim.scenario.index import catalogue, scenario_path
from sim.scenario.models import Scenario
from sim.scenario.overrides import Override, apply_overrides
from sim.scenario.owndata import KeptFile, NoFileError, OwnWorkforce, listing_of, pseudonyms_of
from sim.scenario.references import reference_problems
from sim.scenario.sentences import problems_of
from sim.time import TimeError, clipped, parse_instant

if TYPE_CHECKING:
    from sim.owndata.listing import Listing


@dataclass(frozen=True, slots=True)
class LoadedScenario:
    """A scenario, the text that the journal keeps of it, where it came from, and what its own data came to."""

    scenario: Scenario
    text: str
    source: str
    notes: tuple[str, ...] = ()


def load(name_or_path: str, overrides: Sequence[str] = ()) -> LoadedScenario:
    """A scenario of the catalogue, or of a file, with `--set` overrides; raises ScenarioError."""
    path = scenario_path(name_or_path)
    if path is not None:
        return loads(read_text(str(path)), f"{name_or_path}.yaml", overrides, folder=path.parent)
    if not _may_exist(name_or_path):
        names = [item.name for item in catalogue()]
        raise ScenarioError(
            f"there is no such file, nor such a scenario; jmlab scenario list names the catalogue"
            f"{nearest(name_or_path, names)}",
            source=clipped(name_or_path.replace("\0", "?"), 200),
        )
    return loads(read_text(name_or_path), name_or_path, overrides, folder=FilePath(name_or_path).parent)


def loads(
    text: str,
    source: str,
    overrides: Sequence[str] = (),
    *,
    folder: FilePath | None = None,
    kept: KeptFile | None = None,
    listing: Listing | None = None,
) -> LoadedScenario:
    """The scenario that a YAML text holds; `source` names it in error sentences; raises ScenarioError.

    `folder`: whence the paths in it are seen, if not from the current directory. `kept`: what a journal kept of the
    file that `workforce.from` names; it is read in place of the file. `listing`: what was read from that file already,
    be it by another process; no file is looked at.
    """
    document = compose(text, source)
    if not isinstance(document.root, dict):
        place = document.place(())
        sentence = f"a scenario is a mapping (key: value), not {described(document.root)}"
        raise ScenarioError(sentence, source=source, line=place[0] if place else None)
    values, replaced = apply_overrides(document, overrides)
    scenario, notes = _checked(document, values, replaced, folder or FilePath(), kept, listing)
    return LoadedScenario(scenario, canonical_text(scenario), source, notes)


def scenario_from(values: Mapping[str, Any], source: str = "scenario") -> Scenario:
    """The scenario that plain values stand for, checked as a file would be; raises ScenarioError."""
    return _checked(Document(source, None), dict(values), [], FilePath())[0]


def _may_exist(path: str) -> bool:
    try:
        FilePath(path).lstat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return True  # reading it says why it cannot be read
    return True


def _checked(
    document: Document,
    values: Plain,
    overrides: Sequence[Override],
    folder: FilePath,
    kept: KeptFile | None = None,
    listing: Listing | None = None,
) -> tuple[Scenario, tuple[str, ...]]:
    scenario = _valid(document, values, overrides)
    notes: tuple[str, ...] = ()
    own = isinstance(scenario.workforce, OwnWorkforce)
    if own or scenario.organisation.from_ is not None:
        pseudonyms = pseudonyms_of(scenario)
        key = "workforce"
        try:
            if own:
                here = FilePath() if _sets_the_file(overrides, key) else folder
                said = listing if listing is not None else listing_of(scenario, here, kept, pseudonyms)
                scenario = scenario.with_listing(said)
            if scenario.organisation.from_ is not None and isinstance(values, dict):
                key = "organisation"
                here = FilePath() if _sets_the_file(overrides, key) else folder
                own_people = scenario.listing
                values, notes = with_exports(values, scenario, here, pseudonyms)
                scenario = _valid(document, values, overrides)
                scenario = scenario if own_people is None else scenario.with_listing(own_people)
        except NoFileError as error:
            raise _told(document, [Problem((key, "from"), str(error))], overrides) from None
    if problems := reference_problems(scenario):
        raise _told(document, problems, overrides)
    return scenario, notes


def _valid(document: Document, values: Plain, overrides: Sequence[Override]) -> Scenario:
    """The values as a scenario, each part in its form; what stands for what is not looked at."""
    start = values.get("start") if isinstance(values, dict) else None
    try:
        context = {"start": _instant(start), "folder": FilePath(document.source).parent}
        return Scenario.model_validate(values, context=context)
    except ValidationError as error:
        raise _told(document, problems_of(error, Scenario, values), overrides) from None


def _sets_the_file(overrides: Sequence[Override], key: str) -> bool:
    """Whether it is on the command line that a file is named, and so seen from the current directory."""
    whole = [o for o in overrides if o.path == (key,) and isinstance(o.value, dict) and "from" in o.value]
    return bool(whole) or any(override.path[:2] == (key, "from") for override in overrides)


def _instant(start: object) -> datetime | None:
    """The scenario's start, which dates in the file are counted from; None where it is itself wrong."""
    try:
        return parse_instant(start) if isinstance(start, str) else None
    except TimeError:
        return None


def _told(document: Document, problems: Sequence[Problem], overrides: Sequence[Override]) -> ScenarioError:
    """The first problem: an override's own if it has one, else the first in the file."""
    for problem in problems:
        for override in reversed(overrides):
            if _caused(problem.path, override.path, document):
                key = dotted(problem.path) if _steps(problem.path) != _steps(override.path) else None
                return ScenarioError(problem.sentence, source=override.source, key=key)
    first = min(problems, key=lambda problem: document.place(problem.path) or (0, 0))
    place = document.place(first.path)
    return ScenarioError(
        first.sentence,
        source=document.source,
        line=place[0] if place else None,
        key=clipped(dotted(first.path), 120) or None,
    )


def _caused(problem: Path, override: Path, document: Document) -> bool:
    """Whether a problem lies in what an override set, or in a mapping that only the override made."""
    there, set_by_it = _steps(problem), _steps(override)
    if there[: len(set_by_it)] == set_by_it:
        return True
    return set_by_it[: len(there)] == there and problem not in document.places


def _steps(path: Path) -> tuple[str, ...]:
    return tuple(str(step) for step in path)
