"""`--set KEY=VALUE`: a scenario with some of its values replaced before it is checked.

Invariant: the values that were read are never changed; what an override touches is copied on the way down.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sim.scenario.document import Document, Plain, compose, resolve
from sim.scenario.errors import Path, ScenarioError
from sim.time import clipped


@dataclass(frozen=True, slots=True)
class Override:
    """One `--set`: which key gets which value."""

    key: str
    path: Path
    value: Plain

    @property
    def source(self) -> str:
        """How it is named in an error sentence, in place of file and line."""
        return f"--set {self.key}"


def read_override(text: str) -> Override:
    """The override that KEY=VALUE stands for; the value is YAML (a scalar, a [list] or a {mapping})."""
    key, equals, written = text.partition("=")
    key = key.strip()
    steps = key.split(".")
    if not equals or not all(steps):
        raise ScenarioError(
            f"'{clipped(text)}' is not KEY=VALUE; for example provisioning.interval=20m", source="--set"
        )
    path = tuple(int(step) if re.fullmatch("[0-9]{1,6}", step) else step for step in steps)
    source = f"--set {clipped(key)}"
    if not written.strip():
        return Override(key, path, resolve(""))
    try:
        value = compose(written, source).root
    except ScenarioError as error:
        raise ScenarioError(error.sentence, source=source) from None
    return Override(key, path, value)


def apply_overrides(document: Document, texts: Sequence[str]) -> tuple[Plain, list[Override]]:
    """The document's values with the overrides in place, the last one winning; raises ScenarioError."""
    root = document.root
    overrides = [read_override(text) for text in texts]
    for override in overrides:
        if override.path == _OWN_FILE:
            root = _without_generated(root)
        root = _replaced(root, override, 0)
    return root, overrides


_OWN_FILE: Final[Path] = ("workforce", "from")


def _without_generated(root: Plain) -> Plain:
    """A file that is named on the command line takes the place of a generated workforce, whatever that was to be."""
    workforce = root.get("workforce") if isinstance(root, dict) else None
    if not isinstance(root, dict) or not isinstance(workforce, dict) or "from" in workforce:
        return root
    return {**root, "workforce": {key: value for key, value in workforce.items() if key == "names"}}


def _replaced(value: Plain, override: Override, depth: int) -> Plain:
    if depth == len(override.path):
        return override.value
    step = override.path[depth]
    if value is None or value == "none":
        value = {}
    if isinstance(value, list):
        if not isinstance(step, int):
            raise _refused(override, depth, f"is a list; name an entry by its number, not by '{clipped(str(step))}'")
        if step >= len(value):
            allowed = f"from 0 to {len(value) - 1}" if value else "none, for it is empty"
            raise _refused(override, depth, f"has no entry {step}; allowed: {allowed}")
        entries = list(value)
        entries[step] = _replaced(entries[step], override, depth + 1)
        return entries
    if isinstance(value, dict):
        key = str(step)
        return {**value, key: _replaced(value.get(key), override, depth + 1)}
    raise _refused(override, depth, "is a single value; it has no keys of its own")


def _refused(override: Override, depth: int, sentence: str) -> ScenarioError:
    where = ".".join(str(step) for step in override.path[:depth]) or "the scenario"
    return ScenarioError(f"{where} {sentence}", source=override.source)
