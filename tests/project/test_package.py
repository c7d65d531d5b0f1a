"""What is shipped: the wheel, the source archive, and the weight of an installation."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
BLOCK = 4096
MEGABYTE = 1024 * 1024
LARGEST_INSTALL_MB = 200


def build(kind: str, folder: Path) -> Path:
    """Build a distribution of this kind and return its file."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (archive,) = folder.iterdir()
    return archive


def scenario_files() -> set[str]:
    """Everything that a scenario consists of, as paths in the repository."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "scenarios").rglob("*")
        if path.suffix in {".yaml", ".yml", ".md", ".csv"}
    }


@pytest.mark.slow
def test_the_wheel_holds_the_packages_with_their_data_and_nothing_else(tmp_path: Path) -> None:
    with zipfile.ZipFile(build("wheel", tmp_path)) as wheel:
        names = set(wheel.namelist())
        (entry_points,) = (name for name in names if name.endswith(".dist-info/entry_points.txt"))
        assert "jmlab = tui.cli:main" in wheel.read(entry_points).decode()
    assert scenario_files() <= names
    assert {"mockservices/py.typed", "sim/py.typed", "tui/py.typed"} <= names
    folders = {name.split("/", maxsplit=1)[0] for name in names}
    assert {name for name in folders if not name.endswith(".dist-info")} == {"mockservices", "scenarios", "sim", "tui"}
    assert any(name.endswith("/licenses/LICENSE") for name in names)


@pytest.mark.slow
def test_the_source_archive_can_set_itself_up_and_test_itself(tmp_path: Path) -> None:
    with tarfile.open(build("sdist", tmp_path)) as archive:
        names = {name.split("/", maxsplit=1)[1] for name in archive.getnames()}
    project = {"Makefile", "pyproject.toml", "LICENSE", "README.md", "tests/conftest.py", ".ci/run", ".gitignore"}
    locks = {"requirements/build.txt", "requirements/run.txt", "requirements/dev.txt"}
    assert project | locks | scenario_files() <= names


def test_what_jmlab_needs_to_run_weighs_less_than_200_megabytes() -> None:
    waiting, weighed, size = ["jmlab"], set[str](), 0
    while waiting:
        name = waiting.pop()
        if name in weighed:
            continue
        weighed.add(name)
        distribution = importlib.metadata.distribution(name)
        for file in distribution.files or []:
            path = Path(str(distribution.locate_file(file)))
            if path.is_file():
                size += -(-path.stat().st_size // BLOCK) * BLOCK
        for line in distribution.requires or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name.lower())
    assert {"numpy", "textual", "fastapi"} <= weighed
    assert size / MEGABYTE < LARGEST_INSTALL_MB
