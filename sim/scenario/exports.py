"""`organisation.from`: groups, what they give and who is in them, from exports of Entra and AWS.

Invariant: what is learned is written out, as if the scenario had said it; the canonical text needs no file.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.scenario.owndata import NoFileError
from sim.time import clipped

if TYPE_CHECKING:
    from sim.owndata.listing import Listing
    from sim.owndata.pseudonyms import Pseudonyms
    from sim.scenario.models import Scenario

OWN_KEYS = ("from", "birthright_share", "names")
"""Keys of `organisation` that are about the exports and are gone when they have been read."""


def with_exports(
    values: dict[str, Any], scenario: Scenario, folder: Path, pseudonyms: Pseudonyms
) -> tuple[dict[str, Any], Listing | None, tuple[str, ...]]:
    """The scenario's values and its people with what the exports say, and what should be said about that.

    Raises ScenarioError with the file, and NoFileError for what the scenario itself should say otherwise.
    """
    from sim.owndata.exports import origins_of, read_exports
    from sim.owndata.organisation import SHARE, TooManyError, learn

    organisation = scenario.organisation
    paths = organisation.from_ or ()
    for path in paths:
        if not (folder / path).exists():
            raise NoFileError(f"there is no file or directory '{clipped(path, 120)}'; name exports (JSON or CSV)")
    departments_of: dict[str, str] | None = None
    listing = scenario.listing
    if listing is not None:
        people = listing.people
        rows = range(people.size)
        departments_of = {people.user_principal_name(r).lower(): people.facts_of(r).department for r in rows}
    kept = getattr(scenario.workforce, "names", "hashed") == "kept"
    hashed = organisation.names != "kept" and not (kept and organisation.names is None)
    try:
        learned = learn(
            read_exports(origins_of(list(paths), folder)),
            departments_of=departments_of,
            rules_given=bool(organisation.access.birthright),
            share=organisation.birthright_share or SHARE,
            pseudonyms=pseudonyms if hashed else None,
        )
    except TooManyError as error:
        raise NoFileError(str(error)) from None
    given = {key: value for key, value in values["organisation"].items() if key not in OWN_KEYS}
    access = dict(given.get("access") or {})
    new = learned.organisation["access"]
    merged: dict[str, Any] = {**new, **access, "catalogue": {**new["catalogue"], **(access.get("catalogue") or {})}}
    merged["exceptions"] = [*(access.get("exceptions") or []), *new.get("exceptions", [])]
    before = dict(values.get("before") or {})
    for key, entries in learned.before.items():
        before[key] = [*(before.get(key) or []), *entries]
    organised = {**learned.organisation, **given, "access": merged}
    if listing is not None and learned.beside:
        found = ((listing.people.row_of_user_principal_name(upn), groups) for upn, groups in learned.beside.items())
        more = {row: groups for row, groups in found if row is not None}
        listing = replace(listing, people=listing.people.with_groups(more))
    return {**values, "organisation": organised, "before": before}, listing, learned.notes
