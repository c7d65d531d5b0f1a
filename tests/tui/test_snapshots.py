"""What the screens look like: every picture of docs/screens is what is drawn now.

When a change of the screen is meant: ``python docs/screens/make.py``, look at the pictures, commit them.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

MAKE = Path(__file__).parents[2] / "docs" / "screens" / "make.py"


def _make() -> Any:
    spec = importlib.util.spec_from_file_location("docs_screens_make", MAKE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


make = _make()


@pytest.mark.slow
@pytest.mark.parametrize("picture", list(make.pictures()), ids=lambda picture: picture.file.stem)
def test_the_screen_is_drawn_as_in_its_picture(picture: Any, tmp_path: Path) -> None:
    drawn = make.svg_of(picture)
    if drawn != picture.file.read_text(encoding="utf-8"):
        other = tmp_path / picture.file.name
        other.write_text(drawn, encoding="utf-8")
        pytest.fail(f"{picture.file.name} is another picture now: {other}; see the first lines of {MAKE.name}")


def test_every_picture_is_made_at_two_sizes_and_none_is_left_over() -> None:
    wanted = {picture.file for picture in make.pictures()}
    assert wanted == set(MAKE.parent.glob("*.svg"))
    for view in make.VIEWS:
        assert {p.size for p in make.pictures() if p.view == view} == {(80, 24), (120, 40)}
