"""Job titles of generated people: what a department's people are called, in ranks.

Invariant: the title depends on the department's name, the rank in the tree and a draw of one byte, and means nothing to
the policy. Where a scenario gives a department roles, the role is the title. Whoever is promoted is called otherwise
than before, up to the last rung of the ladder.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import Final

from sim.workforce.hierarchy import Rank

LONGEST: Final = 128
"""https://learn.microsoft.com/graph/api/resources/user"""
# Words of a department's name, and what somebody there is called; the first row with one of its words counts.
_CALLED: Final = (
    ("security", "Security Engineer"),
    ("data analytics insight", "Data Analyst"),
    ("platform infrastructure cloud devops", "Cloud Engineer"),
    ("engineering development software technology", "Software Engineer"),
    ("it information helpdesk", "Systems Administrator"),
    ("research science", "Research Scientist"),
    ("finance accounting controlling treasury", "Accountant"),
    ("people human hr talent", "HR Specialist"),
    ("legal", "Legal Counsel"),
    ("compliance risk audit", "Compliance Analyst"),
    ("marketing communications communication", "Marketing Specialist"),
    ("sales business", "Account Executive"),
    ("support service customer", "Support Specialist"),
    ("procurement purchasing", "Buyer"),
    ("quality", "Quality Engineer"),
    ("design", "Designer"),
    ("logistics supply warehouse", "Logistics Planner"),
    ("production manufacturing plant", "Production Technician"),
)
_SENIORITY: Final = (64, 179, 243, 256)
"""Of 256 people 64 are junior, 115 have no such word, 64 are senior and 13 principal: an assumption."""
_STAFF: Final = ("Junior {called}", "{called}", "Senior {called}", "Principal {called}")
_MANAGERS: Final = (
    "{department} Manager",
    "Senior {department} Manager",
    "Director of {department}",
    "Senior Director of {department}",
)
_HEADS: Final = (
    "Head of {department}",
    "Vice President of {department}",
    "Senior Vice President of {department}",
    "Executive Vice President of {department}",
)
_TOP: Final = (
    "Chief Executive Officer",
    "President and Chief Executive Officer",
    "Chair and Chief Executive Officer",
)
_LADDERS: Final = {
    Rank.STAFF: (*_STAFF, *_MANAGERS, *_HEADS[1:]),
    Rank.MANAGER: (*_MANAGERS, *_HEADS[1:]),
    Rank.HEAD: _HEADS,
    Rank.TOP: _TOP,
}
"""What people of each rank are called, one promotion after the other: an assumption."""


@lru_cache(maxsize=4096)
def job_title(department: str, rank: int, grade: int, promotions: int = 0) -> str:
    """What somebody is called; ``grade``: a draw from 0 to 255; ``promotions``: how many they have had since."""
    ladder = _LADDERS[Rank(rank)]
    begins = bisect_right(_SENIORITY, grade) if rank == Rank.STAFF else 0
    rung = ladder[min(begins + promotions, len(ladder) - 1)]
    # a name that leaves no room for its rung gives way, never the rung: two rungs are two titles
    room = LONGEST - len(rung.format(called="", department=""))
    title = rung.format(called=_called(department)[:room], department=department[:room])
    return title.strip()


def role_title(role: str, promotions: int) -> str:
    """What somebody is called who has been promoted so many times since they have had the last of their roles."""
    words = ("", "Senior ", "Principal ", "Distinguished ")
    begins = next((rung for rung, word in enumerate(words) if word and role.startswith(word)), 0)
    called, rung = role.removeprefix(words[begins]), words[min(begins + promotions, len(words) - 1)]
    return f"{rung}{called[: LONGEST - len(rung)]}"


def _called(department: str) -> str:
    words = set(re.findall(r"\w+", department.lower()))
    known = (title for about, title in _CALLED if not words.isdisjoint(about.split()))
    return next(known, f"{department} Specialist")
