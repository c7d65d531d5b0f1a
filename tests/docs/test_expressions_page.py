"""``docs/expressions.md`` lists what the code has."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.provisioning.expressions import FUNCTIONS
from sim.provisioning.scoping import OPERATORS

PAGE = (Path(__file__).parents[2] / "docs" / "expressions.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_page_lists_the_function_with_its_parameters(name: str) -> None:
    function = FUNCTIONS[name]
    shown = [each.name + ("" if each.required else "?") for each in function.parameters if not each.repeats]
    shown += [f"{each.name}1" for each in function.repeating] + ["…"] * bool(function.repeating)
    assert f"| `{name}({', '.join(shown)})` | {function.description} |" in PAGE


@pytest.mark.parametrize("name", OPERATORS)
def test_the_page_lists_the_operator(name: str) -> None:
    assert f"`{name}`" in PAGE
