"""A small scenario as plain values, to be changed in one place by each test."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from sim.scenario import Scenario, scenario_from

Build = Callable[..., Scenario]

COMPANY: dict[str, Any] = {
    "scenario": "small",
    "title": "Three people and two groups",
    "start": "2026-03-02T08:00:00Z",
    "duration": "3d",
    "organisation": {
        "departments": [{"name": "Engineering"}, {"name": "Security"}],
        "access": {
            "birthright": [
                {"department": "Engineering", "groups": ["GRP-Engineering"]},
                {"department": "Security", "groups": ["GRP-Security"]},
            ],
            "catalogue": {
                "GRP-Engineering": [{"permission_set": "ReadOnly", "account": "dev"}],
                "GRP-Security": [{"permission_set": "SecurityAudit", "account": "prod", "privileged": True}],
            },
        },
    },
    "before": {
        "people": [
            {"id": "ann", "given_name": "Ann", "family_name": "Lee", "department": "Engineering"},
            {"id": "ben", "given_name": "Ben", "family_name": "Ode", "department": "Security"},
        ],
    },
}


@pytest.fixture
def build() -> Build:
    """Builds the small scenario with keys replaced: `build(timeline=[...])`, `build(before__groups=[...])`."""

    def built(**changes: Any) -> Scenario:
        values = copy.deepcopy(COMPANY)
        for path, value in changes.items():
            *above, last = path.split("__")
            inner = values
            for key in above:
                inner = inner.setdefault(key, {})
            inner[last] = value
        return scenario_from(values)

    return built
