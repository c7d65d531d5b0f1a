"""The lock files: complete, hashed, and free of any address or path."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ("build.txt", "run.txt", "dev.txt")
LOCKED_GROUPS = (("build.txt", ("build",)), ("run.txt", ("run",)), ("dev.txt", ("run", "dev")))
PIN = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[0-9][^ ]*)( ; (?P<marker>.+?))?((?: --hash=sha256:[0-9a-f]{64})+)"
)


def entries(lock: str) -> list[str]:
    """One string per locked package, its continuation lines joined."""
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    joined = re.sub(r" *\\\n *", " ", text)
    return [line for line in joined.splitlines() if line and not line.startswith("#")]


def pins(lock: str) -> dict[str, str]:
    """Name to version."""
    matches = (PIN.fullmatch(entry) for entry in entries(lock))
    return {match["name"]: match["version"] for match in matches if match is not None}


def dependency_groups() -> dict[str, list[str]]:
    """What pyproject.toml asks for; the project's own dependencies under ``run``."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {"run": pyproject["project"]["dependencies"], **pyproject["dependency-groups"]}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_is_one_version_with_hashes(lock: str) -> None:
    assert entries(lock)
    assert [entry for entry in entries(lock) if PIN.fullmatch(entry) is None] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_package_is_locked_twice(lock: str) -> None:
    assert len(pins(lock)) == len(entries(lock))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address_no_path_and_no_option(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "file:" not in text
    assert re.search(r"(?m)(^|\s)/\w", text) is None
    assert set(re.findall(r"(?m)(?:^|\s)(--?[a-z][a-z-]*)", text)) == {"--hash"}


def test_the_development_lock_holds_the_run_lock_unchanged() -> None:
    assert set(entries("run.txt")) <= set(entries("dev.txt"))


def test_what_builds_and_what_runs_agree_where_they_meet() -> None:
    building, developing = pins("build.txt"), pins("dev.txt")
    shared = building.keys() & developing.keys()
    assert {name: building[name] for name in shared} == {name: developing[name] for name in shared}


@pytest.mark.parametrize(("lock", "groups"), LOCKED_GROUPS)
def test_a_lock_satisfies_what_the_project_asks_for(lock: str, groups: tuple[str, ...]) -> None:
    asked = [line for group in groups for line in dependency_groups()[group]]
    locked = pins(lock)
    unmet = []
    for line in asked:
        requirement = Requirement(line)
        version = locked.get(canonicalize_name(requirement.name))
        if version is None or not requirement.specifier.contains(version):
            unmet.append(line)
    assert unmet == []


def test_the_tool_that_wrote_the_locks_keeps_its_own_out_of_the_repository() -> None:
    assert "uv.lock" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_locks_hold_everything_that_what_they_hold_needs() -> None:
    """Nothing is resolved when it is installed, so nothing may be missing."""
    locked = pins("dev.txt") | pins("build.txt")
    unmet = []
    for name in locked:
        try:
            needed = distribution(name).requires or ()
        except PackageNotFoundError:  # for another platform
            continue
        for line in needed:
            requirement = Requirement(line)
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
                continue
            version = locked.get(canonicalize_name(requirement.name))
            if version is None or not requirement.specifier.contains(version):
                unmet.append(f"{name}: {line}")
    assert unmet == []


def test_a_newer_release_of_a_package_cannot_change_what_is_installed() -> None:
    """Only what is locked is installed, and nothing is resolved: resolving would ask for newer releases."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in makefile.splitlines() if "$(PIP) install" in line]
    assert len(installs) == 4
    assert [line for line in installs if "--no-deps" not in line] == []
