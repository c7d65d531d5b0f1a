"""How long one kind of event waits between the directory and the request that carries it, by theory.

Invariant: a record in seconds; who fills it in knows the form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait, its parts, and what else can be told of it."""

    mean: float
    """Until something takes the change up; without what ``held`` adds."""
    form: str
    """Where the form stands: the section of the methodology."""
    why: str
    """The form in words."""
    service: float = 0.0
    """The time of the requests about it, on top."""
    held: float = 0.0
    """What failures add, on top."""
    quantile: Callable[[float], float] | None = None
    """The quantile function of all but ``service``."""
    uniform: float = 0.0
    """The longest, where every wait up to it is equally likely; 0: it is not so."""
    sd: float = 0.0
    """The standard deviation of one wait, where few of all are unlike the rest and a run may have none of them: what
    replications vary by would then be too little. 0: they tell themselves."""
    no_quantile: str = ""
    no_little: str = ""
    """Why the people in this state cannot be told; empty: they can."""
    hop: bool = True
    """Whether ``mean`` is one hop of the latency."""

    @property
    def whole(self) -> float:
        """From the directory to the target."""
        return self.mean + self.service + self.held
