"""All functions of the expression language, by name.

Invariant: names are case-sensitive, and each is defined in one place.
"""

from __future__ import annotations

from typing import Final

from sim.provisioning.expressions import chance, datetimes, logic, multivalued, replacing, texts
from sim.provisioning.expressions.catalogue import Function

FUNCTIONS: Final[dict[str, Function]] = {
    function.name: function
    for function in sorted(
        (
            *chance.FUNCTIONS,
            *datetimes.FUNCTIONS,
            *logic.FUNCTIONS,
            *multivalued.FUNCTIONS,
            *replacing.FUNCTIONS,
            *texts.FUNCTIONS,
        ),
        key=lambda function: function.name.lower(),
    )
}
