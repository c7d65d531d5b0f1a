"""Job titles of generated people: what a department's people are called, in ranks.

Invariant: the title depends on the department's name, the rank in the tree and a draw of one byte, and means nothing to
the policy. Where a scenario gives a department roles, the role is the title.
"""

from __future__ import annotations

import re
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
_SENIORITY: Final = ((64, "Junior "), (179, ""), (243, "Senior "), (256, "Principal "))
"""Of 256 people 64 are junior, 115 have no such word, 64 are senior and 13 principal: an assumption."""


@lru_cache(maxsize=4096)
def job_title(department: str, rank: int, grade: int) -> str:
    """What somebody is called; ``grade``: a draw from 0 to 255."""
    if rank == Rank.TOP:
        return "Chief Executive Officer"
    if rank == Rank.HEAD:
        return f"Head of {department}"[:LONGEST].rstrip()
    if rank == Rank.MANAGER:
        return f"{department[: LONGEST - 8]} Manager"
    words = set(re.findall(r"\w+", department.lower()))
    known = (title for about, title in _CALLED if not words.isdisjoint(about.split()))
    called = next(known, f"{department} Specialist")
    return f"{next(word for below, word in _SENIORITY if grade < below)}{called}"[:LONGEST].rstrip()
