"""Named variants from a YAML file: a list of {name, set: {key: value}, feasible?}.

Invariant: whatever is wrong with the file is told in one sentence with its line, and nothing runs.
"""

from __future__ import annotations

import json
from typing import Final

from sim.scenario import ScenarioError
from sim.scenario.canonical import scalar_text
from sim.scenario.document import Document, Plain, compose, read_text
from sim.scenario.errors import Path, listed, nearest
from sim.scenario.fields import described
from sim.time import clipped
from sim.whatif.feasible import Feasible
from sim.whatif.variants import MOST_VARIANTS, Asked

_FORM: Final = "{name: nightly, set: {provisioning.interval: 1d}}"
_KEYS: Final = ("name", "set", "feasible")
_LONGEST: Final = 60


def read_variants(path: str) -> list[Asked]:
    """The variants of a file; raises ScenarioError with file and line."""
    try:
        text = read_text(path)
        if not text.strip():
            raise ScenarioError(f"the file is empty; write a list of variants such as {_FORM}", source=path)
        document = compose(text, path)
    except ScenarioError as error:  # what reads scenarios read it, and calls it one
        sentence = error.sentence.replace("a scenario file", "a file of variants").replace("a scenario", "such a file")
        raise ScenarioError(sentence, source=path, line=error.line) from None
    if not isinstance(document.root, list) or not document.root:
        raise _wrong(document, (), f"this is {described(document.root)}; write a list of variants such as {_FORM}")
    if len(document.root) > MOST_VARIANTS:
        raise _wrong(document, (), f"{len(document.root):,} variants are more than {MOST_VARIANTS:,}")
    found: list[Asked] = []
    lines: dict[str, int] = {}
    for position, entry in enumerate(document.root):
        asked = _read(document, position, entry)
        line = (document.place((position,)) or (0, 0))[0]
        if asked.name in lines:
            first = lines[asked.name]
            raise _wrong(
                document, (position, "name"), f"'{clipped(asked.name)}' is the name of the variant in line {first} too"
            )
        lines[asked.name] = line
        found.append(asked)
    return found


def _read(document: Document, position: int, entry: Plain) -> Asked:
    here: Path = (position,)
    if not isinstance(entry, dict):
        raise _wrong(document, here, f"a variant is a mapping such as {_FORM}, not {described(entry)}")
    for key in entry:
        if key not in _KEYS:
            raise _wrong(
                document,
                (*here, key),
                f"unknown key '{clipped(str(key))}'; allowed: {listed(_KEYS)}{nearest(key, _KEYS)}",
            )
    name = entry.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST or not name.isprintable():
        place = (*here, "name") if "name" in entry else here
        raise _wrong(document, place, f"a variant has a name of 1 to {_LONGEST} characters, for example name: nightly")
    changes = entry.get("set", {})
    if not isinstance(changes, dict):
        raise _wrong(
            document,
            (*here, "set"),
            f"set is a mapping of the scenario's keys such as {{provisioning.interval: 1d}}, not {described(changes)}",
        )
    settings = tuple(f"{key}={_written(value)}" for key, value in changes.items())
    places = {key: document.place((*here, "set", key)) for key in changes}
    own = {key: place[0] for key, place in places.items() if place is not None}
    return Asked(name, settings, _feasible(document, (*here, "feasible"), entry.get("feasible")), document.source, own)


def _feasible(document: Document, here: Path, value: Plain) -> Feasible | None:
    """Whether one can have it today: true or false, or both that and what it takes."""
    if value is None:
        return None
    if isinstance(value, bool):
        return Feasible(value, "as its author says")
    if isinstance(value, dict) and set(value) <= {"today", "how"} and isinstance(value.get("today"), bool):
        how = value.get("how", "as its author says")
        if isinstance(how, str):
            return Feasible(bool(value["today"]), how)
    raise _wrong(document, here, "feasible is true, false, or {today: true, how: what it takes}")


def _written(value: Plain) -> str:
    """The value as it would stand behind `--set KEY=`, on one line."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return scalar_text(value)


def _wrong(document: Document, path: Path, sentence: str) -> ScenarioError:
    place = document.place(path)
    return ScenarioError(sentence, source=document.source, line=None if place is None else place[0])
