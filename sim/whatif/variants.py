"""Variants of a scenario: a grid of settings, named ones from a file, presets; and what each takes today.

Invariant: a variant is the scenario with some `--set`s, in one fixed order; two variants never have one name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Final

from sim.errors import JmlabError
from sim.scenario import ScenarioError, load
from sim.time import clipped
from sim.whatif.feasible import Feasible, feasible

if TYPE_CHECKING:
    from sim.owndata.listing import Listing

AS_IT_IS: Final = "as-it-is"
"""The scenario without any change, when no variant of the grid is that."""
MOST_VARIANTS: Final = 1_000
_OPEN, _CLOSE = "[{(", "]})"


class VariantError(JmlabError, ValueError):
    """A grid or a file of variants that cannot be carried out; exit code 2."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A variant as it was asked for: its name, its `--set`s, and what is known of its feasibility.

    `file`, `lines`: where it stands in a file of variants, and the line of each key; None and empty for the grid's.
    """

    name: str
    settings: tuple[str, ...]
    feasible: Feasible | None = None
    file: str | None = None
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant that has been checked.

    `text`: its whole scenario in canonical form; `listing`: what the scenario's own file of people says, if it names
    one. From both any process can make it again, on whatever machine: no file is needed.
    """

    name: str
    settings: tuple[str, ...]
    feasible: Feasible
    text: str
    listing: Listing | None = None

    @property
    def replaced(self) -> dict[str, str]:
        """Key to value of its `--set`s."""
        pairs = (setting.partition("=") for setting in self.settings)
        return {key.strip(): value.strip() for key, _, value in pairs}


def grid(vary: Sequence[str]) -> list[Asked]:
    """Every combination of the values of `--vary KEY=V1,V2,...`; a comma inside brackets or quotes separates nothing.

    Raises VariantError for a text without a key or a value, for a key that is varied twice, and for a grid that is too
    large to be looked at.
    """
    axes = [_axis(text) for text in vary]
    keys = [key for key, _ in axes]
    for key in keys:
        if keys.count(key) > 1:
            raise VariantError(f"--vary {key} is given twice; put all its values into one")
    count = 1
    for _, values in axes:
        count *= len(values)
    if count > MOST_VARIANTS:
        raise VariantError(f"--vary: {count:,} variants are more than anybody looks at; at most {MOST_VARIANTS:,}")
    if not axes:
        return []
    names = _short(keys)
    return [
        Asked(
            ",".join(f"{name}={value}" for name, value in zip(names, values, strict=True)),
            tuple(f"{key}={value}" for key, value in zip(keys, values, strict=True)),
        )
        for values in product(*(values for _, values in axes))
    ]


def _axis(text: str) -> tuple[str, list[str]]:
    key, equals, written = text.partition("=")
    key = key.strip()
    if not equals or not key:
        raise VariantError(f"--vary: '{clipped(text)}' is not KEY=V1,V2,...; for example provisioning.interval=20m,40m")
    values = [value.strip() for value in _split(written)]
    if not all(values):
        raise VariantError(f"--vary {clipped(key)}: a value is empty; write KEY=V1,V2,... without gaps")
    for value in values:
        if values.count(value) > 1:
            raise VariantError(f"--vary {clipped(key)}: {clipped(value)} is given twice; keep one")
    return key, values


def _split(text: str) -> Iterator[str]:
    depth, quote, begun = 0, "", 0
    for i, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in _OPEN:
            depth += 1
        elif letter in _CLOSE:
            depth -= 1
        elif letter == "," and depth == 0:
            yield text[begun:i]
            begun = i + 1
    yield text[begun:]


def _short(keys: Sequence[str]) -> list[str]:
    """The last steps of the keys, as many as tell them apart."""
    steps = 1
    while True:
        names = [".".join(key.split(".")[-steps:]) for key in keys]
        if len(set(names)) == len(set(keys)):
            return names
        steps += 1


def checked(name: str, base: Sequence[str], asked: Sequence[Asked]) -> list[Variant]:
    """The variants of a scenario (a name of the catalogue or a path, and the `--set`s that all share).

    The first is the baseline: the variant that is the scenario as it stands, or else that scenario itself, which is
    put in front. Raises ScenarioError for what the scenario does not allow, and VariantError for two of one name.
    """
    plain = load(name, base)
    seen: list[Listing] = []
    found = [variant_of(name, base, each, seen) for each in asked]
    names = [variant.name for variant in found]
    for each in names:
        if names.count(each) > 1:
            raise VariantError(f"two variants are called '{clipped(each)}'; give each a name of its own")
    same = [variant for variant in found if variant.text == plain.text]
    if same:
        return [same[0], *(variant for variant in found if variant is not same[0])]
    if AS_IT_IS in names:
        raise VariantError(f"'{AS_IT_IS}' is what the scenario without any change is called; take another name")
    listing = _once(plain.scenario.listing, seen)
    return [Variant(AS_IT_IS, (), feasible(plain.scenario), plain.text, listing), *found]


def variant_of(name: str, base: Sequence[str], asked: Asked, seen: list[Listing]) -> Variant:
    """One variant, checked; ``seen``: files of people that were read before, to which its own is added."""
    try:
        loaded = load(name, (*base, *asked.settings))
    except ScenarioError as error:
        raise _placed(error, asked) from None
    scenario = loaded.scenario
    listing = _once(scenario.listing, seen)
    keys = [setting.partition("=")[0].strip() for setting in asked.settings]
    return Variant(asked.name, asked.settings, asked.feasible or feasible(scenario, keys), loaded.text, listing)


def _placed(error: ScenarioError, asked: Asked) -> ScenarioError:
    """The same, told of where the value was written: in a file of variants, or behind `--vary`."""
    key = error.source.removeprefix("--set ")
    if key == error.source:
        return error
    if asked.file is None:
        return ScenarioError(error.sentence, source=f"--vary {key}", key=error.key)
    return ScenarioError(error.sentence, source=asked.file, line=asked.lines.get(key), key=error.key or key)


def _once(listing: Listing | None, seen: list[Listing]) -> Listing | None:
    """The same file read for another variant is the same listing, so that workers get it once."""
    if listing is None:
        return None
    for other in seen:
        if other is listing or (other.sha256 == listing.sha256 and other == listing):
            return other
    seen.append(listing)
    return listing
